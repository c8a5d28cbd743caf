#include "passes/calibrate/ChannelStatistics.h"

#include "llvm/Support/Format.h"

#include <algorithm>
#include <cmath>

using namespace mlir;

namespace octet {

bool ChannelStatistics::accepts(int64_t extent) {
  if (channels.empty() && !isAmbiguous)
    channels.assign(extent, {std::numeric_limits<float>::infinity(),
                             -std::numeric_limits<float>::infinity(), ExactSum()});
  if (size() == extent && !isAmbiguous)
    return true;
  refuse();
  return false;
}

void ChannelStatistics::refuse() {
  *this = ChannelStatistics();
  isAmbiguous = true;
}

void ChannelStatistics::add(ArrayRef<float> values, const ChannelAxis &place) {
  ArrayRef<int64_t> shape = place.shape;
  int64_t axis = place.axis;
  int64_t inner = 1, extent = shape[axis];
  for (int64_t later : shape.drop_front(axis + 1))
    inner *= later;
  if (values.empty() || !accepts(extent))
    return;
  // Each element of a batch by itself.
  int64_t batch = axis > 0 ? shape[0] : 1;
  for (size_t size = values.size() / batch; !values.empty() && !isAmbiguous;
       values = values.drop_front(size))
    addOne(values.take_front(size), inner);
}

void ChannelStatistics::addOne(ArrayRef<float> values, int64_t inner) {
  struct Partial {
    double sum = 0;
    float min = std::numeric_limits<float>::infinity();
    float max = -std::numeric_limits<float>::infinity();
  };
  std::vector<Partial> partials(channels.size());
  int64_t channel = 0;
  for (; !values.empty(); values = values.drop_front(inner)) {
    Partial &partial = partials[channel];
    for (float value : values.take_front(inner)) {
      partial.sum += value;
      partial.min = std::min(partial.min, value);
      partial.max = std::max(partial.max, value);
    }
    channel = (channel + 1) % size();
    count += channel == 0 ? inner : 0;
  }
  // One value that is none says as much as NaN among the values of a range.
  if (!llvm::all_of(partials, [](const Partial &partial) { return std::isfinite(partial.sum); }))
    return refuse();
  for (auto [own, partial] : llvm::zip_equal(channels, partials)) {
    own.min = std::min(own.min, partial.min);
    own.max = std::max(own.max, partial.max);
    own.sum.add(partial.sum);
  }
}

void ChannelStatistics::merge(const ChannelStatistics &other) {
  if (other.channels.empty() && !other.isAmbiguous)
    return;
  if (!accepts(other.size()))
    return;
  count += other.count;
  for (auto [own, added] : llvm::zip_equal(channels, other.channels)) {
    own.min = std::min(own.min, added.min);
    own.max = std::max(own.max, added.max);
    own.sum.merge(added.sum);
  }
}

ChannelStatistics ChannelStatistics::scale(ArrayRef<double> factors) const {
  ChannelStatistics result = *this;
  for (auto [channel, factor] : llvm::zip_equal(result.channels, factors)) {
    channel.min = static_cast<float>(channel.min * factor);
    channel.max = static_cast<float>(channel.max * factor);
    ExactSum sum;
    sum.add(channel.sum.isKnown() ? channel.sum.get() * factor
                                  : std::numeric_limits<double>::quiet_NaN());
    channel.sum = sum;
  }
  return result;
}

std::optional<double> ChannelStatistics::getMean(int64_t channel) const {
  const ExactSum &sum = channels[channel].sum;
  if (!sum.isKnown() || count == 0)
    return std::nullopt;
  return sum.get() / static_cast<double>(count);
}

void ChannelStatistics::writeJson(llvm::json::OStream &json) const {
  // Each array on one line.
  auto writeArray = [&](StringRef key,
                        llvm::function_ref<void(llvm::raw_ostream &, const Channel &)> write) {
    json.attributeBegin(key);
    json.rawValue([&](llvm::raw_ostream &os) {
      os << '[';
      llvm::interleave(channels, os, [&](const Channel &channel) { write(os, channel); }, ",");
      os << ']';
    });
    json.attributeEnd();
  };
  json.attribute("count", count);
  // Nine digits tell all f32 apart.
  writeArray("min",
             [](llvm::raw_ostream &os, const Channel &c) { os << llvm::format("%.9g", c.min); });
  writeArray("max",
             [](llvm::raw_ostream &os, const Channel &c) { os << llvm::format("%.9g", c.max); });
  writeArray("sum",
             [](llvm::raw_ostream &os, const Channel &c) { os << '"' << c.sum.toString() << '"'; });
}

llvm::Expected<ChannelStatistics> ChannelStatistics::fromJson(const llvm::json::Object &object) {
  const llvm::json::Array *min = object.getArray("min"), *max = object.getArray("max"),
                          *sum = object.getArray("sum");
  std::optional<int64_t> count = object.getInteger("count");
  if (!count || *count < 0 || !min || !max || !sum || object.size() != 4)
    return llvm::createStringError("expected 'count', 'min', 'max' and 'sum' and nothing else");
  if (min->size() != sum->size() || max->size() != sum->size())
    return llvm::createStringError("expected as many of 'min', 'max' and 'sum'");
  ChannelStatistics result;
  result.count = *count;
  result.isAmbiguous = sum->empty();
  for (auto [low, high, text] : llvm::zip_equal(*min, *max, *sum)) {
    std::optional<double> lowest = low.getAsNumber(), highest = high.getAsNumber();
    auto total = text.getAsString() ? ExactSum::fromString(*text.getAsString()) : std::nullopt;
    if (!lowest || !highest || !(*lowest <= *highest))
      return llvm::createStringError("expected numbers in 'min', and none of 'max' below them");
    if (!total)
      return llvm::createStringError("expected strings of decimal integers in 'sum'");
    result.channels.push_back({static_cast<float>(*lowest), static_cast<float>(*highest), *total});
  }
  return result;
}

StringRef getContractionInputName(Operation *contraction) {
  Value x = contraction->getOperand(0);
  auto argument = dyn_cast<BlockArgument>(x);
  if (!argument)
    return getTensorName(x.getLoc());
  auto function = dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp());
  auto name = function
                  ? function.getArgAttrOfType<StringAttr>(argument.getArgNumber(), "octet.name")
                  : StringAttr();
  return name ? name.getValue() : StringRef();
}

llvm::StringMap<ChannelAxis> findContractionInputs(func::FuncOp function) {
  llvm::StringMap<ChannelAxis> inputs;
  function.walk([&](Operation *op) {
    auto quantizable = dyn_cast<QuantizableOpInterface>(op);
    if (!quantizable || quantizable.getQuantizationRole() != QuantizationRole::Contraction ||
        !getConstantValue(op->getOperand(1)))
      return;
    Value x = op->getOperand(0);
    auto type = cast<RankedTensorType>(x.getType());
    if (!type.getElementType().isF32() || type.getRank() < 2)
      return;
    // Output channels first (convolutions): channels of images; last: those of matrices.
    int64_t axis = quantizable.getWeightChannelAxis() == 0 ? 1 : type.getRank() - 1;
    StringRef name = getContractionInputName(op);
    if (!name.empty())
      inputs.try_emplace(name, ChannelAxis{SmallVector<int64_t>(type.getShape()), axis});
  });
  return inputs;
}

} // namespace octet

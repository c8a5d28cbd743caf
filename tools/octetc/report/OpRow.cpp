#include "tools/octetc/report/OpRow.h"

#include "passes/quantize/Attributes.h"
#include "passes/quantize/Graph.h"

using namespace mlir;

namespace octet {

static bool isConversion(Operation *op) {
  return isa<QuantizeOp, DequantizeOp, RequantizeOp, CastOp, YieldOp>(op);
}

static std::string getStored(Type type) {
  auto element = cast<RankedTensorType>(type).getElementType();
  if (isa<quant::UniformQuantizedType>(element))
    return "u8";
  std::string text;
  llvm::raw_string_ostream(text) << element;
  return text;
}

static std::string getKind(StringRef from, StringRef to) {
  if (from == "u8")
    return to == "u8" ? "requantize" : "dequantize";
  if (to == "u8")
    return "quantize";
  return to == "bf16" ? "narrow" : "widen";
}

/// What values are stored as where nothing forces another form.
static StringRef getOwnForm(StringRef precision) {
  return precision == "int8" ? "u8" : precision == "bf16" ? "bf16" : "f32";
}

static void findBorders(Operation *op, OpRow &row) {
  Value result = op->getResult(0);
  // Readers whose own form is that of the result, which is why it has it.
  auto findReaders = [&](StringRef form) {
    std::vector<std::string> nodes;
    for (Operation *user : result.getUsers()) {
      if (user->hasTrait<OpTrait::IsTerminator>())
        nodes.push_back("output");
      else if (form.empty() || getOwnForm(stringifyPrecision(getPrecision(user))) == form)
        nodes.push_back(getNodeName(user->getLoc()).str());
    }
    llvm::sort(nodes);
    nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
    return nodes;
  };
  if (row.precision == "conversion") {
    std::string from = getStored(op->getOperand(0).getType());
    row.borders.push_back(
        {getKind(from, row.stored), row.tensor, findReaders({}), /*hasKernel=*/true});
    return;
  }
  if (row.precision == "integer")
    return;
  StringRef own = getOwnForm(row.precision);
  for (Value operand : op->getOperands()) {
    Operation *producer = operand.getDefiningOp();
    std::string form = getStored(operand.getType());
    // f32 beside integers stays what it is.
    if (!producer || isa<ConstantOp>(producer) || form == own || (form != "u8" && form != "bf16"))
      continue;
    row.borders.push_back({getKind(form, "f32"),
                           getTensorName(producer->getLoc()).str(),
                           {getNodeName(producer->getLoc()).str()},
                           /*hasKernel=*/false});
  }
  if (row.stored != own && (row.stored == "u8" || row.stored == "bf16" || row.stored == "f32"))
    if (auto readers = findReaders(row.stored); !readers.empty())
      row.borders.push_back(
          {getKind(own, row.stored), row.tensor, std::move(readers), /*hasKernel=*/false});
}

std::vector<OpRow> readOps(ModuleOp quantized) {
  std::vector<OpRow> rows;
  auto main = quantized.lookupSymbol<func::FuncOp>("main");
  for (Operation &op : main.getBody().front()) {
    if (isa<ConstantOp>(op) || op.getNumResults() != 1)
      continue;
    auto group = dyn_cast<FusedOp>(op);
    Operation *naming = getRootOp(&op);
    if (!naming)
      naming = &group.getBlock().front();
    OpRow row;
    row.node = getNodeName(op.getLoc()).str();
    row.tensor = getTensorName(op.getLoc()).str();
    row.op = naming->getName().stripDialect().str();
    row.onnxType = getNodeType(op.getLoc()).str();
    if (op.hasAttr(kPrecisionAttr))
      row.precision = stringifyPrecision(getPrecision(&op)).str();
    else
      row.precision =
          (group &&
           llvm::all_of(group.getBlock(), [](Operation &inner) { return isConversion(&inner); })) ||
                  isConversion(&op)
              ? "conversion"
              : "integer";
    if (auto reason = op.getAttrOfType<StringAttr>(kReasonAttr))
      row.reason = reason.str();
    Type type = op.getResult(0).getType();
    row.stored = getStored(type);
    if (auto element = dyn_cast<quant::UniformQuantizedType>(getElementTypeOrSelf(type))) {
      row.step = element.getScale();
      row.storedRange = {-row.step * element.getZeroPoint(),
                         row.step * (255 - element.getZeroPoint())};
    }
    for (Value operand : op.getOperands())
      if (getConstantValue(operand))
        row.weightBytes += getBufferBytes(cast<RankedTensorType>(operand.getType()));
    findBorders(&op, row);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::optional<double> getClipRate(const OpRow &row) {
  if (!row.storedRange || !row.statistics || !row.statistics->samples)
    return std::nullopt;
  const Histogram &histogram = row.statistics->histogram;
  const double low = row.storedRange->first - row.step / 2,
               high = row.storedRange->second + row.step / 2;
  uint64_t outside = 0;
  for (int64_t k = -Histogram::kHalf; k < Histogram::kHalf; ++k) {
    // A bin that holds an extreme ends there.
    const double left = std::max<double>(k * histogram.getWidth(), histogram.getMin()),
                 right = std::min<double>((k + 1) * histogram.getWidth(), histogram.getMax());
    const double middle = (left + right) / 2;
    if (middle < low || middle > high)
      outside += histogram.getBin(k);
  }
  return histogram.getCount() ? double(outside) / histogram.getCount() : 0;
}

/// At most so many bins as a plot shows.
static llvm::json::Object summarize(const Histogram &histogram) {
  constexpr int64_t kMostBins = 128;
  const double width = histogram.getWidth();
  const int64_t first = std::floor(histogram.getMin() / width),
                last = std::floor(histogram.getMax() / width);
  const int64_t stride = (last - first) / kMostBins + 1;
  llvm::json::Array counts;
  for (int64_t k = first; k <= last; k += stride) {
    uint64_t count = k <= 0 && 0 < k + stride ? histogram.getZeros() : 0;
    for (int64_t i = k; i < std::min(k + stride, Histogram::kHalf); ++i)
      if (i >= -Histogram::kHalf)
        count += histogram.getBin(i);
    counts.push_back(static_cast<int64_t>(count));
  }
  const double high = (first + static_cast<int64_t>(counts.size()) * stride) * width;
  return llvm::json::Object{{"low", first * width}, {"high", high}, {"counts", std::move(counts)}};
}

llvm::json::Object OpRow::toJson() const {
  llvm::json::Object object{{"node", llvm::json::fixUTF8(node)},
                            {"tensor", llvm::json::fixUTF8(tensor)},
                            {"op", op},
                            {"precision", precision},
                            {"reason", llvm::json::fixUTF8(reason)},
                            {"stored", stored},
                            {"weight_bytes", weightBytes}};
  if (!onnxType.empty())
    object["onnx_type"] = llvm::json::fixUTF8(onnxType);
  if (storedRange)
    object["stored_range"] = llvm::json::Array{storedRange->first, storedRange->second};
  llvm::json::Array all;
  for (const Border &border : borders) {
    llvm::json::Array neighbours;
    for (const std::string &neighbour : border.neighbours)
      neighbours.push_back(llvm::json::fixUTF8(neighbour));
    all.push_back(llvm::json::Object{{"kind", border.kind},
                                     {"tensor", llvm::json::fixUTF8(border.tensor)},
                                     {"neighbours", std::move(neighbours)},
                                     {"own_kernel", border.hasKernel}});
  }
  object["borders"] = std::move(all);
  if (statistics) {
    const Histogram &histogram = statistics->histogram;
    object["range"] = llvm::json::Array{histogram.getMin(), histogram.getMax()};
    // Not a table written by hand, nor a tensor that is always 0.
    if (statistics->samples && histogram.getMin() < histogram.getMax())
      object["histogram"] = summarize(histogram);
  }
  if (auto rate = getClipRate(*this))
    object["clip_rate"] = *rate;
  if (layer) {
    object["sqnr_db"] = layer->score.getSqnr();
    object["max_abs"] = layer->score.getMaxAbs();
    object["cause"] = run::getName(layer->diagnosis.cause);
    object["explanation"] = llvm::json::fixUTF8(run::explain(layer->diagnosis, layer->score));
  }
  if (microseconds)
    object["time_us"] = *microseconds;
  return object;
}

} // namespace octet

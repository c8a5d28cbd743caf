#include "passes/calibrate/CalibrationTable.h"

#include "passes/JsonText.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace llvm;

namespace octet {

static Error makeError(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

void CalibrationTable::observe(StringRef tensor, ArrayRef<float> values) {
  tensors[tensor.str()].add(values);
}

const TensorStatistics *CalibrationTable::lookup(StringRef tensor) const {
  auto it = tensors.find(tensor);
  return it == tensors.end() ? nullptr : &it->second;
}

void CalibrationTable::observeChannels(StringRef tensor, ArrayRef<float> values,
                                       const ChannelAxis &place) {
  channels[tensor.str()].add(values, place);
}

const ChannelStatistics *CalibrationTable::lookupChannels(StringRef tensor) const {
  auto it = channels.find(tensor);
  return it == channels.end() || it->second.size() == 0 ? nullptr : &it->second;
}

void CalibrationTable::addScaled(StringRef from, StringRef to, ArrayRef<double> factors) {
  const ChannelStatistics *statistics = lookupChannels(from);
  if (!statistics || statistics->size() != static_cast<int64_t>(factors.size()))
    return;
  ChannelStatistics scaled = statistics->scale(factors);
  std::vector<float> extremes;
  for (int64_t c = 0; c < scaled.size(); ++c)
    extremes.insert(extremes.end(), {scaled.getMin(c), scaled.getMax(c)});
  tensors[to.str()] = TensorStatistics();
  tensors[to.str()].add(extremes);
  channels[to.str()] = std::move(scaled);
}

void CalibrationTable::merge(const CalibrationTable &other) {
  for (const auto &[name, statistics] : other.tensors)
    tensors[name].merge(statistics);
  for (const auto &[name, statistics] : other.channels)
    channels[name].merge(statistics);
}

std::string CalibrationTable::toJson() const {
  std::string text;
  raw_string_ostream os(text);
  json::OStream json(os, /*IndentSize=*/1);
  json.object([&] {
    json.attribute("version", 1);
    json.attributeObject("tensors", [&] {
      for (const auto &entry : tensors) {
        const std::string &name = entry.first;
        const TensorStatistics &statistics = entry.second;
        Histogram::State state = statistics.histogram.getState();
        json.attributeObject(json::isUTF8(name) ? name : json::fixUTF8(name), [&] {
          json.attribute("min", state.min);
          json.attribute("max", state.max);
          json.attribute("zeros", state.zeros);
          if (state.nans)
            json.attribute("nan", state.nans);
          if (state.infinities)
            json.attribute("infinite", state.infinities);
          if (statistics.samples) {
            json.attribute("samples", statistics.samples);
            json.attribute("sum_of_minima", statistics.minima.toString());
            json.attribute("sum_of_maxima", statistics.maxima.toString());
          }
          json.attribute("bin_width_log2", state.exponent);
          json.attribute("first_bin", state.first);
          // On one line: a bin for each line would make the file unreadable.
          json.attributeBegin("bins");
          json.rawValue([&](raw_ostream &raw) {
            raw << '[';
            interleave(state.bins, raw, ",");
            raw << ']';
          });
          json.attributeEnd();
        });
      }
    });
    if (channels.empty())
      return;
    json.attributeObject("channels", [&] {
      for (const auto &entry : channels)
        json.attributeObject(json::isUTF8(entry.first) ? entry.first : json::fixUTF8(entry.first),
                             [&] { entry.second.writeJson(json); });
    });
  });
  os << '\n';
  return text;
}

namespace {

// Reads one tensor's object; remembers the first complaint.
class TensorReader {
public:
  TensorReader(StringRef name, const json::Object &object) : name(name), object(object) {
    for (const auto &entry : object)
      if (!is_contained({"min", "max", "zeros", "nan", "infinite", "samples", "sum_of_minima",
                         "sum_of_maxima", "bin_width_log2", "first_bin", "bins"},
                        StringRef(entry.first)))
        complain("expected a known key, got '" + StringRef(entry.first) + "'");
  }

  double number(StringRef key) {
    std::optional<double> value = object.getNumber(key);
    if (!value)
      complain("expected a number '" + key + "'");
    return value.value_or(0);
  }
  int64_t integer(StringRef key, int64_t fallback, int64_t lowest) {
    const json::Value *value = object.get(key);
    if (!value)
      return fallback;
    std::optional<int64_t> result = value->getAsInteger();
    if (!result || *result < lowest)
      complain("expected an integer '" + key + "' of at least " + Twine(lowest));
    return result.value_or(fallback);
  }
  ExactSum sum(StringRef key) {
    const json::Value *value = object.get(key);
    std::optional<StringRef> text = value ? value->getAsString() : std::nullopt;
    std::optional<ExactSum> result = text ? ExactSum::fromString(*text) : ExactSum();
    if (!result || (value && !text))
      complain("expected a string '" + key + "' of a decimal integer");
    return result.value_or(ExactSum());
  }
  std::vector<uint64_t> bins() {
    std::vector<uint64_t> result;
    const json::Value *value = object.get("bins");
    if (!value)
      return result;
    const json::Array *array = value->getAsArray();
    if (!array || array->size() > 2 * Histogram::kHalf) {
      complain("expected an array 'bins' of at most " + Twine(2 * Histogram::kHalf) + " counts");
      return result;
    }
    for (const json::Value &element : *array) {
      std::optional<int64_t> count = element.getAsInteger();
      if (!count || *count < 0) {
        complain("expected 'bins' of counts");
        break;
      }
      result.push_back(*count);
    }
    return result;
  }
  void complain(const Twine &what) {
    if (complaint.empty())
      complaint = ("tensor '" + name + "': " + what).str();
  }
  std::string complaint;

private:
  StringRef name;
  const json::Object &object;
};

} // namespace

// A hand-written entry has a range and no bins; it gets the coarsest histogram
// that has this range, so that every reader finds a consistent state.
static void fillFromRange(Histogram::State &state) {
  Histogram histogram;
  histogram.add({state.min, state.max});
  state = histogram.getState();
}

Expected<CalibrationTable> CalibrationTable::fromJson(StringRef text) {
  Expected<json::Value> parsed = parseJson(text);
  if (!parsed)
    return parsed.takeError();
  const json::Object *root = parsed->getAsObject();
  if (!root)
    return makeError("expected an object with 'version' and 'tensors'");
  if (root->getInteger("version") != 1)
    return makeError("expected version 1");
  const json::Object *entries = root->getObject("tensors");
  if (!entries)
    return makeError("expected an object 'tensors'");
  CalibrationTable table;
  for (const auto &entry : *entries) {
    StringRef name = entry.first;
    const json::Object *object = entry.second.getAsObject();
    if (!object)
      return makeError("tensor '" + name + "': expected an object");
    TensorReader reader(name, *object);
    Histogram::State state;
    state.min = static_cast<float>(reader.number("min"));
    state.max = static_cast<float>(reader.number("max"));
    state.zeros = reader.integer("zeros", 0, 0);
    state.nans = reader.integer("nan", 0, 0);
    state.infinities = reader.integer("infinite", 0, 0);
    state.exponent =
        reader.integer("bin_width_log2", Histogram::kMinExponent, Histogram::kMinExponent);
    state.first = reader.integer("first_bin", 0, -Histogram::kHalf);
    state.bins = reader.bins();
    bool handWritten = !object->get("bins");
    if (handWritten && std::isfinite(state.min) && std::isfinite(state.max) &&
        state.min <= state.max)
      fillFromRange(state);
    if (const char *problem = Histogram::validate(state))
      reader.complain(problem);
    TensorStatistics statistics;
    statistics.samples = reader.integer("samples", 0, 0);
    statistics.minima = reader.sum("sum_of_minima");
    statistics.maxima = reader.sum("sum_of_maxima");
    if (!reader.complaint.empty())
      return makeError(reader.complaint);
    statistics.histogram = Histogram::fromState(state);
    table.tensors.emplace(name.str(), std::move(statistics));
  }
  const json::Value *channels = root->get("channels");
  if (channels && !channels->getAsObject())
    return makeError("expected an object 'channels'");
  if (channels)
    for (const auto &entry : *channels->getAsObject()) {
      StringRef name = entry.first;
      const json::Object *object = entry.second.getAsObject();
      if (!object)
        return makeError("channels of '" + name + "': expected an object");
      Expected<ChannelStatistics> statistics = ChannelStatistics::fromJson(*object);
      if (!statistics)
        return makeError("channels of '" + name + "': " + toString(statistics.takeError()));
      table.channels.emplace(name.str(), std::move(*statistics));
    }
  return table;
}

Expected<CalibrationTable> CalibrationTable::load(StringRef path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer = MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return makeError(path + ": " + buffer.getError().message());
  Expected<CalibrationTable> table = fromJson((*buffer)->getBuffer());
  if (!table)
    return makeError(path + ": " + toString(table.takeError()));
  return table;
}

} // namespace octet

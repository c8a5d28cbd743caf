#include "tools/octetc/search/SearchSpace.h"

#include "passes/JsonText.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

#include <algorithm>

namespace octet {

double SearchSpace::getCost(size_t unit, Precision precision) const {
  if (objective == Objective::Latency)
    return units[unit].times.at(precision);
  int64_t bytes = precision == Precision::Int8 ? 1 : precision == Precision::BF16 ? 2 : 4;
  return bytes * units[unit].weights;
}

double SearchSpace::getNoise(size_t unit, Precision precision) const {
  // Two operands rounded to 8 bits, an error of up to 2^-9 each, and evenly spread.
  constexpr double kBF16Noise = 2.0 / 3 / (512.0 * 512);
  switch (precision) {
  case Precision::Int8:
    return units[unit].noise;
  case Precision::BF16:
    return std::min(kBF16Noise, units[unit].noise);
  case Precision::F32:
    return 0;
  }
  llvm_unreachable("unknown precision");
}

namespace json = llvm::json;

std::string SearchSpace::toJson(llvm::StringRef signature) const {
  json::Array list;
  for (const Unit &unit : units) {
    json::Object times;
    for (auto [precision, time] : unit.times)
      times[stringifyPrecision(precision)] = time;
    list.push_back(json::Object{{"name", unit.name},
                                {"noise", unit.noise},
                                {"weights", unit.weights},
                                {"microseconds", std::move(times)}});
  }
  std::string text;
  llvm::raw_string_ostream(text) << llvm::formatv(
      "{0:2}\n", json::Value(json::Object{{"search", signature}, {"units", std::move(list)}}));
  return text;
}

bool SearchSpace::readUnits(llvm::StringRef text, llvm::StringRef signature) {
  auto parsed = parseJson(text);
  if (!parsed) {
    llvm::consumeError(parsed.takeError());
    return false;
  }
  const json::Object *root = parsed->getAsObject();
  const json::Array *list = root ? root->getArray("units") : nullptr;
  if (!list || root->getString("search") != signature)
    return false;
  std::vector<Unit> read;
  for (const json::Value &value : *list) {
    const json::Object *object = value.getAsObject();
    const json::Object *times = object ? object->getObject("microseconds") : nullptr;
    auto name = object ? object->getString("name") : std::nullopt;
    auto noise = object ? object->getNumber("noise") : std::nullopt;
    auto weights = object ? object->getInteger("weights") : std::nullopt;
    if (!times || !name || !noise || !weights)
      return false;
    Unit unit{name->str(), *noise, *weights, {}};
    for (Precision precision : mix) {
      auto time = times->getNumber(stringifyPrecision(precision));
      if (!time)
        return false;
      unit.times[precision] = *time;
    }
    read.push_back(std::move(unit));
  }
  units = std::move(read);
  return !units.empty();
}

} // namespace octet

#include "tools/octetc/search/Front.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"

namespace octet {

static bool beats(const Trial &a, const Trial &b, const Metric &metric) {
  if (metric.isBetter(b.score, a.score) || a.latency > b.latency || a.bytes > b.bytes)
    return false;
  return metric.isBetter(a.score, b.score) || a.latency < b.latency || a.bytes < b.bytes;
}

Front::Front(llvm::ArrayRef<Trial> trials, const Metric &metric) : trials(trials) {
  for (size_t i = 0; i < trials.size(); ++i)
    if (llvm::none_of(trials, [&](const Trial &other) { return beats(other, trials[i], metric); }))
      indices.push_back(i);
  llvm::sort(indices, [&](size_t a, size_t b) {
    return trials[a].latency != trials[b].latency ? trials[a].latency < trials[b].latency : a < b;
  });
}

double getAverageBits(const SearchSpace &space, const Assignment &assignment) {
  double bits = 0, weights = 0;
  for (auto [unit, precision] : llvm::zip_equal(space.units, assignment)) {
    int width = precision == Precision::Int8 ? 8 : precision == Precision::BF16 ? 16 : 32;
    bits += double(unit.weights) * width;
    weights += unit.weights;
  }
  return weights ? bits / weights : 0;
}

std::string Front::toJson(const SearchSpace &space, double baseline) const {
  llvm::json::Array points;
  for (size_t index : indices) {
    const Trial &trial = trials[index];
    llvm::json::Object precisions;
    for (auto [unit, precision] : llvm::zip_equal(space.units, trial.assignment))
      precisions[unit.name] = stringifyPrecision(precision);
    points.push_back(llvm::json::Object{{"trial", static_cast<int64_t>(index)},
                                        {"score", trial.score},
                                        {"latency_ms", trial.latency},
                                        {"library_bytes", trial.bytes},
                                        {"average_bits", getAverageBits(space, trial.assignment)},
                                        {"meets", trial.meets},
                                        {"precisions", std::move(precisions)}});
  }
  std::string text;
  llvm::raw_string_ostream(text) << llvm::formatv(
      "{0:2}\n", llvm::json::Value(llvm::json::Object{{"baseline_score", baseline},
                                                      {"front", std::move(points)}}));
  return text;
}

void Front::print(llvm::raw_ostream &os, double baseline, double latency) const {
  os << "not beaten, fastest first:\n"
     << "  trial      score      ms  of f32      bytes\n";
  for (size_t index : indices) {
    const Trial &trial = trials[index];
    os << llvm::format("  %5zu %10.4f %7.4f %6.2fx %10zu%s\n", index, trial.score, trial.latency,
                       latency / trial.latency, static_cast<size_t>(trial.bytes),
                       trial.meets ? "" : "  (score too low)");
  }
  os << llvm::format("    f32 %10.4f %7.4f\n", baseline, latency);
}

} // namespace octet

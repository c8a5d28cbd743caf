#include "tools/octetc/search/Metric.h"

#include <cmath>
#include <utility>

namespace octet {

llvm::Expected<Metric> Metric::parse(llvm::StringRef text) {
  Metric metric;
  if (text.consume_front("exec:") && !text.empty()) {
    metric.kind = Program;
    metric.program = text.str();
    return metric;
  }
  for (auto [name, kind] :
       {std::pair("top1", Top1), {"top5", Top5}, {"mse", Mse}, {"cosine", Cosine}, {"sqnr", Sqnr}})
    if (text == name) {
      metric.kind = kind;
      metric.lowerIsBetter = kind == Mse;
      return metric;
    }
  return llvm::createStringError(
      "expected metric 'top1', 'top5', 'mse', 'cosine', 'sqnr' or 'exec:PROGRAM', got '" + text +
      "'");
}

llvm::Expected<Criterion> Criterion::parse(llvm::StringRef text) {
  Criterion criterion;
  auto [name, value] = text.split('=');
  criterion.isRelative = name == "relative";
  if ((criterion.isRelative || name == "absolute") && !value.getAsDouble(criterion.drop) &&
      criterion.drop >= 0 && std::isfinite(criterion.drop))
    return criterion;
  return llvm::createStringError(
      "expected --accuracy-drop relative=SHARE or absolute=AMOUNT, got '" + text + "'");
}

double Criterion::getLimit(const Metric &metric, double baseline) const {
  double amount = isRelative ? drop * std::fabs(baseline) : drop;
  return metric.lowerIsBetter ? baseline + amount : baseline - amount;
}

bool Criterion::accepts(const Metric &metric, double baseline, double score) const {
  // Percentages of samples are sums of equal parts, whose last bits are noise.
  double slack = 1e-9 * std::max(1.0, std::fabs(baseline));
  double limit = getLimit(metric, baseline);
  return metric.lowerIsBetter ? score <= limit + slack : score >= limit - slack;
}

} // namespace octet

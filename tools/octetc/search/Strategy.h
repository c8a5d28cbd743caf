// Which assignment to try next. A strategy is a function of the trials so far: the same
// results lead it to the same questions, which is how an interrupted search goes on.

#ifndef OCTET_TOOLS_OCTETC_SEARCH_STRATEGY_H
#define OCTET_TOOLS_OCTETC_SEARCH_STRATEGY_H

#include "tools/octetc/search/Metric.h"
#include "tools/octetc/search/Trial.h"

#include <memory>
#include <optional>

namespace octet {

class Strategy {
public:
  virtual ~Strategy() = default;
  /// Called with the trial that the last call asked for, null at first. Nullopt: it is done.
  virtual std::optional<Assignment> next(const Trial *last) = 0;
};

/// From the first precision of the mix (all int8) toward those after it, by bisection over
/// the units in the order of noise they save for the time they cost; then back, unit by unit,
/// as far as the criterion holds.
std::unique_ptr<Strategy> createSensitivityStrategy(const SearchSpace &space);

/// A linear model of what each unit's precision costs in accuracy, with the measured noise as
/// the prior; every trial is the cheapest assignment that a sample of the posterior accepts
/// (Thompson, 1933). `isBetter` of `metric` and the criterion give the drop of a score.
std::unique_ptr<Strategy> createBayesianStrategy(const SearchSpace &space, const Metric &metric,
                                                 const Criterion &criterion, double baseline);

/// All assignments. Fails where there are more than `most` (0: 4096).
llvm::Expected<std::unique_ptr<Strategy>> createExhaustiveStrategy(const SearchSpace &space,
                                                                   unsigned most);

} // namespace octet

#endif // OCTET_TOOLS_OCTETC_SEARCH_STRATEGY_H

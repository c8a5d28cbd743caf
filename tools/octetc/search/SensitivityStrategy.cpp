#include "tools/octetc/search/Strategy.h"

#include <limits>
#include <numeric>
#include <set>

namespace octet {

namespace {

class SensitivityStrategy : public Strategy {
public:
  explicit SensitivityStrategy(const SearchSpace &space) : space(space) {}

  std::optional<Assignment> next(const Trial *last) override {
    if (last)
      learn(*last);
    for (;;)
      switch (stage) {
      case Stage::Uniform:
        // Every uniform assignment is an end of the front, and the last ones are the way out.
        if (tried < space.mix.size())
          return ask(Assignment(space.units.size(), space.mix[tried++]));
        beginBisection();
        break;
      case Stage::Bisect:
        if (high - low > 1) {
          middle = low + (high - low) / 2;
          return ask(getPrefix(middle));
        }
        stage = Stage::Refine;
        position = 0;
        break;
      case Stage::Refine:
        if (!best)
          return std::nullopt;
        while (position < order.size()) {
          size_t unit = order[order.size() - 1 - position++];
          Assignment candidate = best->assignment;
          if (candidate[unit] == space.mix[0] ||
              space.getCost(unit, space.mix[0]) >= space.getCost(unit, candidate[unit]))
            continue;
          candidate[unit] = space.mix[0];
          if (!asked.count(candidate))
            return ask(std::move(candidate));
        }
        return std::nullopt;
      }
  }

private:
  enum class Stage { Uniform, Bisect, Refine };

  Assignment ask(Assignment assignment) {
    asked.insert(assignment);
    return assignment;
  }

  void learn(const Trial &trial) {
    if (stage == Stage::Uniform)
      uniform.push_back(trial.meets);
    if (stage == Stage::Bisect)
      (trial.meets ? high : low) = middle;
    if (trial.meets &&
        (!best || trial.getObjective(space.objective) < best->getObjective(space.objective)))
      best = trial;
  }

  // The cheapest precision that meets the criterion everywhere is where prefixes end; if none
  // does, the last one.
  void beginBisection() {
    stage = Stage::Bisect;
    if (space.mix.size() < 2)
      return;
    size_t end = 1;
    while (end + 1 < space.mix.size() && !uniform[end])
      ++end;
    // What is more careful than needed may be cheaper still.
    for (size_t unit = 0; unit < space.units.size(); ++unit)
      careful.push_back(
          *llvm::min_element(llvm::drop_begin(space.mix, end), [&](Precision a, Precision b) {
            return space.getCost(unit, a) < space.getCost(unit, b);
          }));
    order.resize(space.units.size());
    std::iota(order.begin(), order.end(), 0);
    std::vector<double> merits;
    for (size_t unit : order)
      merits.push_back(getMerit(unit));
    llvm::sort(order, [&](size_t a, size_t b) {
      return merits[a] != merits[b] ? merits[a] > merits[b] : a < b;
    });
    low = 0;
    high = order.size();
    // Nothing to repair: what remains of the trials shows what accuracy costs, from the
    // cheap end on.
    if (uniform[0])
      high = std::max<size_t>(1, high / 2);
  }

  /// Noise saved for a unit of cost.
  double getMerit(size_t unit) const {
    double saved = space.getNoise(unit, space.mix[0]) - space.getNoise(unit, careful[unit]);
    double price = space.getCost(unit, careful[unit]) - space.getCost(unit, space.mix[0]);
    if (price <= 0)
      return saved > 0 ? std::numeric_limits<double>::infinity() : 0;
    return saved / price;
  }

  Assignment getPrefix(size_t length) const {
    Assignment assignment(space.units.size(), space.mix[0]);
    for (size_t i = 0; i < length; ++i)
      assignment[order[i]] = careful[order[i]];
    return assignment;
  }

  const SearchSpace &space;
  Stage stage = Stage::Uniform;
  size_t tried = 0;
  std::vector<bool> uniform;      ///< whether each precision of the mix meets the criterion
  std::vector<Precision> careful; ///< what each unit moves to
  std::vector<size_t> order;      ///< units, those to be moved first in front
  size_t low = 0, high = 0, middle = 0, position = 0;
  std::set<Assignment> asked;
  std::optional<Trial> best;
};

} // namespace

std::unique_ptr<Strategy> createSensitivityStrategy(const SearchSpace &space) {
  return std::make_unique<SensitivityStrategy>(space);
}

} // namespace octet

#include "tools/octetc/search/Strategy.h"

namespace octet {

namespace {

class ExhaustiveStrategy : public Strategy {
public:
  explicit ExhaustiveStrategy(const SearchSpace &space)
      : space(space), digits(space.units.size(), 0) {}

  std::optional<Assignment> next(const Trial *) override {
    if (done)
      return std::nullopt;
    Assignment assignment;
    for (size_t digit : digits)
      assignment.push_back(space.mix[digit]);
    // Counts in the base of the mix.
    size_t i = 0;
    while (i < digits.size() && ++digits[i] == space.mix.size())
      digits[i++] = 0;
    done = i == digits.size();
    return assignment;
  }

private:
  const SearchSpace &space;
  std::vector<size_t> digits;
  bool done = false;
};

} // namespace

llvm::Expected<std::unique_ptr<Strategy>> createExhaustiveStrategy(const SearchSpace &space,
                                                                   unsigned most) {
  constexpr unsigned kMost = 4096;
  double count = 1;
  for (size_t i = 0; i < space.units.size(); ++i)
    count *= space.mix.size();
  if (count > (most ? most : kMost))
    return llvm::createStringError(
        "expected at most %u assignments for --strategy exhaustive, got %zu to the power %zu",
        most ? most : kMost, space.mix.size(), space.units.size());
  return std::make_unique<ExhaustiveStrategy>(space);
}

} // namespace octet

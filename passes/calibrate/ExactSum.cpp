#include "passes/calibrate/ExactSum.h"

#include "llvm/ADT/APInt.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"

#include <cmath>

namespace octet {

static constexpr llvm::StringLiteral kUnknown = "unknown";
static constexpr unsigned kBits = 128;

void ExactSum::add(double term) {
  // NaN fails the comparison, too.
  if (!(std::fabs(term) < std::ldexp(1.0, kTermBits))) {
    known = false;
    return;
  }
  __int128 scaled = static_cast<__int128>(std::nearbyint(std::ldexp(term, kFractionBits)));
  known = known && !__builtin_add_overflow(units, scaled, &units);
}

void ExactSum::merge(const ExactSum &other) {
  known = known && other.known && !__builtin_add_overflow(units, other.units, &units);
}

double ExactSum::get() const {
  return known ? std::ldexp(static_cast<double>(units), -kFractionBits) : 0;
}

std::string ExactSum::toString() const {
  if (!known)
    return kUnknown.str();
  uint64_t words[] = {static_cast<uint64_t>(units), static_cast<uint64_t>(units >> 64)};
  return llvm::toString(llvm::APInt(kBits, words), /*Radix=*/10, /*Signed=*/true);
}

std::optional<ExactSum> ExactSum::fromString(llvm::StringRef text) {
  ExactSum sum;
  if (text == kUnknown) {
    sum.known = false;
    return sum;
  }
  bool isNegative = text.consume_front("-");
  // 38 digits are less than 2^127.
  if (text.empty() || text.size() > 38 || !llvm::all_of(text, llvm::isDigit))
    return std::nullopt;
  llvm::APInt value(kBits, text, /*radix=*/10);
  unsigned __int128 bits = value.getRawData()[1];
  bits = bits << 64 | value.getRawData()[0];
  sum.units = isNegative ? -static_cast<__int128>(bits) : static_cast<__int128>(bits);
  return sum;
}

} // namespace octet

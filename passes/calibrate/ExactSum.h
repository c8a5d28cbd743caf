// A sum that does not depend on the order of its terms: fixed point in 128 bits. Floating
// point would give every batch size, thread count and order of shards its own last bits.

#ifndef OCTET_PASSES_CALIBRATE_EXACTSUM_H
#define OCTET_PASSES_CALIBRATE_EXACTSUM_H

#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>

namespace octet {

class ExactSum {
public:
  /// Terms are rounded to multiples of 2^-kFractionBits, and fit below 2^kTermBits in magnitude.
  static constexpr int kFractionBits = 60, kTermBits = 40;

  /// A larger term, an infinity or NaN makes the sum unknown, for good.
  void add(double term);
  void merge(const ExactSum &other);

  bool isKnown() const { return known; }
  /// The sum rounded to a double; 0 where it is not known.
  double get() const;

  /// The state as a decimal integer in units of 2^-kFractionBits, "unknown" if it is not known.
  std::string toString() const;
  /// The inverse; nullopt for any other text.
  static std::optional<ExactSum> fromString(llvm::StringRef text);

private:
  // 2^(127 - 60 - 40) terms fit, more than anything will ever be calibrated with.
  __int128 units = 0;
  bool known = true;
};

} // namespace octet

#endif // OCTET_PASSES_CALIBRATE_EXACTSUM_H

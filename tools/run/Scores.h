// How close outputs are to expected ones, and how often a classifier is right.

#ifndef OCTET_TOOLS_RUN_SCORES_H
#define OCTET_TOOLS_RUN_SCORES_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>

namespace octet::run {

/// Index of the largest element, the first of several; NaN is below everything.
int64_t findLargest(llvm::ArrayRef<double> values);

/// Sums over all samples for one output.
class Comparison {
public:
  /// Adds an output that holds `rows` results of a network.
  void add(llvm::ArrayRef<double> expected, llvm::ArrayRef<double> actual, int64_t rows);

  /// Largest difference; infinite where one side alone is not finite.
  double getMaxAbs() const { return maxAbs; }
  /// 10 log10 of expected^2 over (expected - actual)^2; infinite if all are equal.
  double getSqnr() const;
  /// Mean of (expected - actual)^2.
  double getMse() const { return elements ? noise / elements : 0; }
  /// Cosine of the angle between expected and actual values; 1 where both are all zero.
  double getCosine() const;
  /// Share of rows of which the largest element is in the same place.
  double getArgmaxAgreement() const;

private:
  double signal = 0, noise = 0, maxAbs = 0;
  double product = 0, actualSquares = 0;
  int64_t rows = 0, agreeing = 0, elements = 0;
};

/// Counts how often the label is the largest, or among the five largest.
class Accuracy {
public:
  void add(llvm::ArrayRef<double> scores, int64_t label);
  double getTop1() const { return rows ? double(top1) / rows : 0; }
  double getTop5() const { return rows ? double(top5) / rows : 0; }

private:
  int64_t rows = 0, top1 = 0, top5 = 0;
};

} // namespace octet::run

#endif // OCTET_TOOLS_RUN_SCORES_H

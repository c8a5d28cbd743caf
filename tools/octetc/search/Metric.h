// What a search maximizes or keeps: a score of a model on evaluation data, and how far it
// may fall behind that of f32.

#ifndef OCTET_TOOLS_OCTETC_SEARCH_METRIC_H
#define OCTET_TOOLS_OCTETC_SEARCH_METRIC_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace octet {

/// All but Top1, Top5 and Program compare outputs with those of f32 and take the worst output.
struct Metric {
  enum Kind {
    Top1,    ///< percent of labels that have the largest score in the first output
    Top5,    ///< percent of labels among its five largest
    Mse,     ///< mean squared difference
    Cosine,  ///< cosine of the angle between the outputs of all samples
    Sqnr,    ///< dB, at most kMostDecibels, which is what f32 itself gets
    Program, ///< what a program prints that gets the outputs
  };
  static constexpr double kMostDecibels = 100;

  Kind kind = Top1;
  std::string program; ///< called with the path of an .npz file of all outputs
  bool lowerIsBetter = false;

  /// `top1`, `top5`, `mse`, `cosine`, `sqnr` or `exec:PROGRAM`.
  static llvm::Expected<Metric> parse(llvm::StringRef text);
  bool needsLabels() const { return kind == Top1 || kind == Top5; }
  bool comparesWithF32() const { return kind == Mse || kind == Cosine || kind == Sqnr; }
  /// Whether score `a` is better than `b`.
  bool isBetter(double a, double b) const { return lowerIsBetter ? a < b : a > b; }
};

/// How much worse than f32 a score may be.
struct Criterion {
  bool isRelative = true;
  double drop = 0.01; ///< a share of the score of f32, or in units of the metric

  /// `relative=0.01` or `absolute=0.5`.
  static llvm::Expected<Criterion> parse(llvm::StringRef text);
  /// The worst score that is accepted.
  double getLimit(const Metric &metric, double baseline) const;
  bool accepts(const Metric &metric, double baseline, double score) const;
};

} // namespace octet

#endif // OCTET_TOOLS_OCTETC_SEARCH_METRIC_H

// The rows of a report: a row for each op or group of the quantized program, filled in from the
// program itself, from calibration and from running.

#ifndef OCTET_TOOLS_OCTETC_REPORT_OPROW_H
#define OCTET_TOOLS_OCTETC_REPORT_OPROW_H

#include "mlir/IR/BuiltinOps.h"
#include "passes/calibrate/CalibrationTable.h"
#include "tools/run/CompareLayers.h"
#include "llvm/Support/JSON.h"

namespace octet {

/// A change of how values are stored, on the way into an op or out of it.
struct Border {
  std::string kind; ///< quantize, dequantize, requantize, narrow or widen
  std::string tensor;
  std::vector<std::string> neighbours; ///< nodes that force it; "output" for the caller
  bool hasKernel;                      ///< of its own; else in registers of the op's
};

struct OpRow {
  std::string node, tensor, op, onnxType;
  std::string precision; ///< int8, bf16, f32; conversion, or integer for ops on integers
  std::string reason;
  std::string stored; ///< element type of the result
  /// Ends of what the stored integers can say, and their step.
  std::optional<std::pair<double, double>> storedRange;
  double step = 0;
  int64_t weightBytes = 0;
  std::vector<Border> borders;

  const TensorStatistics *statistics = nullptr; ///< of the result, in calibration
  const run::ComparedLayer *layer = nullptr;    ///< of the result, against f32
  std::optional<double> microseconds;

  llvm::json::Object toJson() const;
};

/// The rows of a program behind the quantize pipeline, in order of execution.
std::vector<OpRow> readOps(mlir::ModuleOp quantized);

/// Share of the values in calibration that lie more than half a step outside of the stored
/// range, to within a bin of the histogram; nullopt where a table was written by hand.
std::optional<double> getClipRate(const OpRow &row);

} // namespace octet

#endif // OCTET_TOOLS_OCTETC_REPORT_OPROW_H

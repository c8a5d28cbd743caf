// Files of other tools that say how tensors are quantized.
//
// In: the encodings of AIMET (activation_encodings by tensor, in its forms up to 0.6.1 and since
// 1.0.0) or NNI's calibration_config (bits and tracked ranges by layer). Ranges of
// activations are taken from them in place of calibration; weights are quantized here.
// Out: AIMET's form 0.6.1, which other tools read, too.

#ifndef OCTET_PASSES_QUANTIZE_ENCODINGS_H
#define OCTET_PASSES_QUANTIZE_ENCODINGS_H

#include "passes/calibrate/CalibrationTable.h"
#include "passes/calibrate/RangeEstimators.h"
#include "passes/quantize/Config.h"

namespace octet {

class Encodings {
public:
  /// What a layer of NNI says.
  struct Layer {
    int64_t bits = 8; ///< of the weights
    std::optional<Range> input, output;
  };

  /// Errors are one line, without the file's name.
  static llvm::Expected<Encodings> fromJson(llvm::StringRef text);
  /// Errors name the file.
  static llvm::Expected<Encodings> load(llvm::StringRef path);

  /// Ranges by tensor of `function`, the graph as imported, and rules for the layers that are
  /// not of 8 bits. A layer is the contraction whose weights or bias are its "weight" or
  /// "bias", or the node of its name. Reports where nothing of the file is in the graph.
  llvm::Expected<CalibrationTable> resolve(mlir::func::FuncOp function,
                                           std::vector<Config::Rule> &rules) const;

private:
  std::map<std::string, Range> tensors;
  std::map<std::string, Layer> layers;
};

/// The encodings of what is stored as integers in the quantized `module`.
std::string printEncodings(mlir::ModuleOp module);

} // namespace octet

#endif // OCTET_PASSES_QUANTIZE_ENCODINGS_H

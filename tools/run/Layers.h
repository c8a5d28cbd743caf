// What a library says of the tensors between its kernels (octetc --keep-layers).

#ifndef OCTET_TOOLS_RUN_LAYERS_H
#define OCTET_TOOLS_RUN_LAYERS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace octet::run {

/// A tensor that a kernel writes, and the output of the library that shows it as f32.
struct Layer {
  uint32_t result;
  std::string tensor, node, op;
  std::string precision; ///< int8, bf16 or f32, of the op
  std::string stored;    ///< u8, bf16 or f32, in memory
  std::optional<double> scale;
  int64_t zeroPoint = 0;
  std::optional<uint32_t> channelAxis;
  std::vector<std::string> inputs; ///< tensors that the op reads

  /// The least and the greatest number of a tensor with a scale.
  double getLow() const { return -*scale * static_cast<double>(zeroPoint); }
  double getHigh() const { return *scale * static_cast<double>(255 - zeroPoint); }
};

struct LayersText {
  uint32_t outputs = 0; ///< of the model itself; those behind them are layers alone
  std::vector<Layer> layers;
};

/// Parses the text `octet_layers` of a library with `results` outputs in all.
llvm::Expected<LayersText> parseLayers(llvm::StringRef text, uint32_t results);

} // namespace octet::run

#endif // OCTET_TOOLS_RUN_LAYERS_H

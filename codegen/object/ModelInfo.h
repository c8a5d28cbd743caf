// What a compiled model tells about itself: the content of octet_model
// (runtime/include/octet/runtime.h), of its header, and of reports.

#ifndef OCTET_CODEGEN_OBJECT_MODELINFO_H
#define OCTET_CODEGEN_OBJECT_MODELINFO_H

#include "dialect/Octet.h"

#include <string>
#include <vector>

namespace octet::codegen {

struct IoInfo {
  std::string name;
  mlir::RankedTensorType type;
  /// Tensor whose values this output shows to calibration; else empty.
  std::string observed;
  /// What ReturnLayers says of this output (`octet.layer`), or null.
  mlir::DictionaryAttr layer = {};
};

/// An output of which as many places along `axis` are used as output `count` says.
struct ExtentInfo {
  uint32_t output, axis, count;
};

struct LaunchInfo {
  std::string node, kernel;
  int64_t units;
};

/// The network for one shape of its inputs.
struct EntryInfo {
  std::vector<IoInfo> inputs, outputs;
  std::vector<ExtentInfo> extents;
  std::vector<LaunchInfo> launches;
  int64_t arenaBytes = 0;
};

struct ModelInfo : EntryInfo {
  /// Prefix of every symbol, an identifier.
  std::string name;
  std::string target;
  uint64_t cpuFeatures = 0;
  int64_t weightBytes = 0;
  /// For other shapes.
  std::vector<EntryInfo> others;
};

/// Of the function that computes entry `i`; the first is 0.
std::string getEntrySymbol(size_t i);

/// Reads a module that octet-emit-kernels made. `name`, `target` and `cpuFeatures`
/// stay as they are.
mlir::LogicalResult readModelInfo(mlir::ModuleOp module, ModelInfo &info);

/// ONNX's number of an element type (octet_dtype); quantized types are what they
/// are stored as. 0 for a type that no model interface has.
uint32_t getDtype(mlir::Type elementType);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_OBJECT_MODELINFO_H

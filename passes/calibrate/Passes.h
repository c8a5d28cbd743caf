#ifndef OCTET_PASSES_CALIBRATE_PASSES_H
#define OCTET_PASSES_CALIBRATE_PASSES_H

#include "dialect/Octet.h"
#include "mlir/Pass/Pass.h"

namespace octet {

/// Attribute of a function result: the ONNX name of the tensor it observes.
inline constexpr llvm::StringLiteral kObservedAttr = "octet.observed";

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/calibrate/Passes.h.inc"

} // namespace octet

#endif // OCTET_PASSES_CALIBRATE_PASSES_H

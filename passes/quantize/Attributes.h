// Discardable attributes that record the decision of AssignPrecision.

#ifndef OCTET_PASSES_QUANTIZE_ATTRIBUTES_H
#define OCTET_PASSES_QUANTIZE_ATTRIBUTES_H

#include "dialect/Octet.h"

namespace octet {

inline constexpr llvm::StringLiteral kPrecisionAttr = "octet.precision";
inline constexpr llvm::StringLiteral kReasonAttr = "octet.reason";
/// The reason of what the user asked for, which no estimate overrules.
inline constexpr llvm::StringLiteral kConfigurationReason = "configuration";

/// The reason of what a quantized model brings as integers; no estimate overrules it, either.
inline constexpr llvm::StringLiteral kModelReason = "quantized in the model";
/// The reason of contractions whose activations get a scale at run time.
inline constexpr llvm::StringLiteral kDynamicReason = "scale at run time";

/// Attribute of a function result that ReturnLayers added or found: a dictionary.
inline constexpr llvm::StringLiteral kLayerAttr = "octet.layer";
/// Before a tensor's name, the node of the kernel that ReturnLayers added for it.
inline constexpr llvm::StringLiteral kLayerNode = "layer ";
/// What a pass with data has decided for a contraction's weights, on the contraction: the
/// integers (s8) and the scale of each output channel, all equal where it is one for the tensor.
inline constexpr llvm::StringLiteral kIntegerWeightsAttr = "octet.integer_weights";
inline constexpr llvm::StringLiteral kWeightScalesAttr = "octet.weight_scales";
/// On a constant of f32 that the model brings as integers of 8 bits: these, and their type.
inline constexpr llvm::StringLiteral kStoredIntegersAttr = "octet.stored_integers";
inline constexpr llvm::StringLiteral kStoredTypeAttr = "octet.stored_type";
/// On a contraction whose input SmoothQuant has divided by factors of channels (a unit attribute).
inline constexpr llvm::StringLiteral kSmoothedAttr = "octet.smoothed";
/// On a contraction of f32: the configuration asks for weights in 8 bits (a unit attribute).
inline constexpr llvm::StringLiteral kCompressWeightsAttr = "octet.compress_weights";

/// The decided precision of an op or group; f32 where nothing was decided.
inline Precision getPrecision(mlir::Operation *op) {
  auto attr = op->getAttrOfType<PrecisionAttr>(kPrecisionAttr);
  return attr ? attr.getValue() : Precision::F32;
}

inline bool isInt8(mlir::Operation *op) { return getPrecision(op) == Precision::Int8; }
inline bool isBF16(mlir::Operation *op) { return getPrecision(op) == Precision::BF16; }

/// Whether what `op` reads as integers was quantized before calibration could say how.
inline bool hasOwnBorders(mlir::Operation *op) {
  auto reason = op->getAttrOfType<mlir::StringAttr>(kReasonAttr);
  return reason && (reason.getValue() == kModelReason || reason.getValue() == kDynamicReason);
}

/// Corrects the record where int8 or bf16 turned out to be impossible.
inline void fallBackToF32(mlir::Operation *op, llvm::StringRef reason) {
  op->setAttr(kPrecisionAttr, PrecisionAttr::get(op->getContext(), Precision::F32));
  op->setAttr(kReasonAttr, mlir::StringAttr::get(op->getContext(), reason));
}

} // namespace octet

#endif // OCTET_PASSES_QUANTIZE_ATTRIBUTES_H

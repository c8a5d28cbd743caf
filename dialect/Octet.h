// The octet dialect in C++: ops, attributes, interfaces and the few functions on
// types that all of the compiler shares.

#ifndef OCTET_DIALECT_OCTET_H
#define OCTET_DIALECT_OCTET_H

#include "dialect/Interfaces.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/BuiltinAttributeInterfaces.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/TensorEncoding.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialect/OctetDialect.h.inc"
#include "dialect/OctetEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialect/OctetAttrs.h.inc"

namespace octet {

/// Inferred against actual result types: shapes are equal, elements are equal
/// or the actual ones are quantized; layouts do not matter.
bool areCompatibleResultTypes(mlir::TypeRange inferred, mlir::TypeRange actual);

/// Whether `type` is a uniform quantized type, per tensor or per channel, that the
/// rules of docs/quantization.md cover.
bool isUniformQuantized(mlir::Type type);

/// Fails where operand 0 or the result of `op` has a scale per channel.
llvm::LogicalResult verifyOneScale(mlir::Operation *op);

/// Whether the scales of a tensor's elements, if they are per channel, match its shape.
bool hasScalePerChannel(mlir::Type tensor);

/// The numpy broadcast of shapes, or nullopt where two extents differ and
/// neither is 1.
std::optional<llvm::SmallVector<int64_t>> broadcastShapes(llvm::ArrayRef<int64_t> a,
                                                          llvm::ArrayRef<int64_t> b);

/// The type of the elements as they are stored: the storage type of a quantized
/// element (i8 for u8 and s8), else the element type itself.
mlir::Type getStorageElementType(mlir::Type elementType);

/// `type` with another element type, layout, or both.
mlir::RankedTensorType withElementType(mlir::RankedTensorType type, mlir::Type elementType);
mlir::RankedTensorType withLayout(mlir::RankedTensorType type, ChannelsLastAttr layout);

/// The layout of a tensor type; null for row-major.
ChannelsLastAttr getLayout(mlir::Type type);

/// The extents of the buffer that holds a tensor of this type: [N, H, W, C] with
/// halo and pitch for channels last, the shape itself for row-major.
llvm::SmallVector<int64_t, 4> getPhysicalShape(mlir::RankedTensorType type);

/// The place of element (i, j, ...) in that buffer: offset + i * stride + j * stride ...
llvm::SmallVector<int64_t> getElementStrides(mlir::RankedTensorType type);
int64_t getElementOffset(mlir::RankedTensorType type);

/// Whether that buffer has a border around the planes.
bool hasHalo(mlir::RankedTensorType type);

/// Bytes of that buffer.
int64_t getBufferBytes(mlir::RankedTensorType type);

/// Bytes of one stored element; an i1 takes a byte.
int64_t getElementBytes(mlir::Type elementType);

/// ONNX node name, tensor name and op type carried by a location (see the dialect's
/// description); empty where there is none.
llvm::StringRef getNodeName(mlir::Location loc);
llvm::StringRef getTensorName(mlir::Location loc);
llvm::StringRef getNodeType(mlir::Location loc);
mlir::Location getOnnxLocation(mlir::MLIRContext *context, llvm::StringRef node,
                               llvm::StringRef tensor, llvm::StringRef type = {});

/// A constant whose elements are a `dense_resource` blob holding a copy of `bytes`
/// (row-major storage elements of `type`, which may be quantized).
mlir::ElementsAttr getBlobAttr(mlir::RankedTensorType type, llvm::ArrayRef<char> bytes,
                               llvm::StringRef name);

/// The raw little-endian elements of a constant, expanded if it is a splat.
llvm::SmallVector<char> getRawElements(mlir::ElementsAttr attr);

/// The value of a constant operand, or null.
mlir::ElementsAttr getConstantValue(mlir::Value value);

} // namespace octet

#define GET_OP_CLASSES
#include "dialect/OctetOps.h.inc"

#endif // OCTET_DIALECT_OCTET_H

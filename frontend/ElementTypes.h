// ONNX element types in MLIR.

#ifndef OCTET_FRONTEND_ELEMENTTYPES_H
#define OCTET_FRONTEND_ELEMENTTYPES_H

#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/BuiltinTypes.h"

#include <optional>
#include <string>

namespace octet {

/// The element type for a TensorProto.DataType, or null where octet has none.
mlir::Type getElementType(mlir::MLIRContext *context, int dataType);

/// Integers of less than a byte, of which files pack several into one.
struct PackedInteger {
  unsigned width;
  bool isSigned;
};
std::optional<PackedInteger> getPackedInteger(int dataType);

/// Integers of `width` bits, 8 at most, that lie in bytes and have no scale: that is, a scale
/// of 1 and a zero point of 0.
mlir::quant::UniformQuantizedType getNumberedType(mlir::MLIRContext *context, bool isSigned,
                                                  unsigned width);

/// The element type of a constant: packed integers are numbered ones. Null where octet has none.
mlir::Type getStoredElementType(mlir::MLIRContext *context, int dataType);

/// Its name as arrays spell it, such as "float32"; "type 99" where there is none.
std::string getDataTypeName(int dataType);
/// The same for an element type.
std::string getElementTypeName(mlir::Type type);

/// Product of `shape`, or nullopt where an extent is negative, the rank exceeds
/// `maxRank` or the product `maxElements`.
std::optional<int64_t> countElements(llvm::ArrayRef<int64_t> shape, int64_t maxRank,
                                     int64_t maxElements);

/// "[1, 3, 8, 8]"
std::string printShape(llvm::ArrayRef<int64_t> shape);

} // namespace octet

#endif // OCTET_FRONTEND_ELEMENTTYPES_H

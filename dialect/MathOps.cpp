// Scalar meaning of functions of one element: in f64, rounded once. Emitted code
// approximates them within the bound that docs/quantization.md states.

#include "dialect/MathOps.h"

#include "dialect/RegisterOps.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"

#include <cmath>

using namespace mlir;

#define GET_OP_CLASSES
#include "dialect/MathOps.cpp.inc"

namespace octet {

void registerMathOps(OctetDialect &dialect) {
  insertOps<
#define GET_OP_LIST
#include "dialect/MathOps.cpp.inc"
      >(dialect);
}

// NaN stays: it is not above the limit.
static double reduceAngle(double x) {
  constexpr double kLimit = 4503599627370496.0; // 2^52
  return std::isfinite(x) && std::fabs(x) > kLimit ? 0 : x;
}

#define UNARY(OP, SCALAR)                                                                          \
  LogicalResult OP::inferReturnTypes(MLIRContext *, std::optional<Location>, Adaptor adaptor,      \
                                     SmallVectorImpl<Type> &types) {                               \
    auto type = cast<RankedTensorType>(adaptor.getX().getType());                                  \
    types.push_back(RankedTensorType::get(type.getShape(), type.getElementType()));                \
    return success();                                                                              \
  }                                                                                                \
  float OP::evaluateScalar(ArrayRef<float> operands) {                                             \
    double x = operands[0];                                                                        \
    return static_cast<float>(SCALAR);                                                             \
  }

UNARY(SinOp, std::sin(reduceAngle(x)))
UNARY(CosOp, std::cos(reduceAngle(x)))
UNARY(TanOp, std::tan(reduceAngle(x)))
UNARY(AsinOp, std::asin(x))
UNARY(AcosOp, std::acos(x))
UNARY(AtanOp, std::atan(x))
UNARY(SinhOp, std::sinh(x))
UNARY(CoshOp, std::cosh(x))
UNARY(AsinhOp, std::asinh(x))
UNARY(AcoshOp, std::acosh(x))
UNARY(AtanhOp, std::atanh(x))
UNARY(SoftplusOp, x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)))

} // namespace octet

// Words for importers that make an ONNX op of several ops. As with NodeBuilder, after a
// failure of the node everything gives null, and null operands give null.

#ifndef OCTET_FRONTEND_COMPOSITION_H
#define OCTET_FRONTEND_COMPOSITION_H

#include "dialect/LogicOps.h"
#include "frontend/NodeBuilder.h"

namespace octet {

class Composition {
public:
  explicit Composition(NodeBuilder &build) : build(build) {}

  template <typename OpTy>
  mlir::Value unary(mlir::Value x) const {
    return x ? build.create<OpTy>(x) : x;
  }
  template <typename OpTy>
  mlir::Value binary(mlir::Value a, mlir::Value b) const {
    return a && b ? build.create<OpTy>(a, b) : mlir::Value();
  }
  mlir::Value add(mlir::Value a, mlir::Value b) const { return binary<AddOp>(a, b); }
  mlir::Value sub(mlir::Value a, mlir::Value b) const { return binary<SubOp>(a, b); }
  mlir::Value mul(mlir::Value a, mlir::Value b) const { return binary<MulOp>(a, b); }
  mlir::Value div(mlir::Value a, mlir::Value b) const { return binary<DivOp>(a, b); }
  // With a number of the other operand's element type.
  mlir::Value add(mlir::Value a, double b) const { return add(a, number(a, b)); }
  mlir::Value mul(mlir::Value a, double b) const { return mul(a, number(a, b)); }
  mlir::Value div(mlir::Value a, double b) const { return div(a, number(a, b)); }
  mlir::Value square(mlir::Value x) const { return mul(x, x); }

  mlir::Value compare(ComparePredicate kind, mlir::Value a, mlir::Value b) const {
    return a && b ? build.create<CompareOp>(a, b, kind) : mlir::Value();
  }
  mlir::Value select(mlir::Value condition, mlir::Value a, mlir::Value b) const {
    return condition && a && b ? build.create<SelectOp>(condition, a, b) : mlir::Value();
  }
  /// Reduced axes stay, unless `keep` is false.
  mlir::Value reduce(ReduceKind kind, mlir::Value x, llvm::ArrayRef<int64_t> axes,
                     bool keep = true) const {
    return x ? build.create<ReduceOp>(x, kind, axes, keep) : x;
  }
  mlir::Value reshape(mlir::Value x, llvm::ArrayRef<int64_t> shape) const {
    return x ? build.reshape(x, shape) : x;
  }
  mlir::Value cast(mlir::Value x, mlir::Type element) const {
    return x ? build.cast(x, element) : x;
  }

  /// A scalar of the element type of `like`.
  mlir::Value number(mlir::Value like, double value) const {
    return like ? build.scalar(mlir::getElementTypeOrSelf(like.getType()), value) : like;
  }

  /// compute(x), with other floats as f32, and the result as what `x` was. Integers are left
  /// to the ops that `compute` makes.
  mlir::Value inF32(mlir::Value x, llvm::function_ref<mlir::Value(mlir::Value)> compute) const {
    mlir::Type element = x ? mlir::getElementTypeOrSelf(x.getType()) : mlir::Type();
    if (!mlir::isa_and_nonnull<mlir::FloatType>(element) || element.isF32())
      return compute(x);
    mlir::Value y = compute(build.cast(x, mlir::Float32Type::get(element.getContext())));
    return cast(y, element);
  }

private:
  NodeBuilder &build;
};

} // namespace octet

#endif // OCTET_FRONTEND_COMPOSITION_H

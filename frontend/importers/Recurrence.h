// LSTM, GRU and RNN as matrix products and elementwise ops, unrolled over time: sequences have
// a fixed length here, and unrolled steps are quantized, fused and placed like any other ops.
// What inputs contribute is one product for all steps. A state that begins as zeros is not
// multiplied.

#ifndef OCTET_FRONTEND_IMPORTERS_RECURRENCE_H
#define OCTET_FRONTEND_IMPORTERS_RECURRENCE_H

#include "frontend/NodeBuilder.h"
#include "frontend/importers/Activation.h"

namespace octet {

/// One direction of a recurrent node, in time-major order.
struct Direction {
  mlir::Value x;            ///< [T * B, I]
  mlir::Value w, r;         ///< transposed: [I, G * H], [H, G * H]
  mlir::Value wBias, rBias; ///< [G * H] or null
  mlir::Value h, c;         ///< [B, H], null for zeros
  mlir::Value peepholes;    ///< [3 * H] (i, o, f) or null
  bool isReverse = false;
  llvm::SmallVector<Activation> activations;
};

/// What recurrent nodes have in common: all but the formula of a step.
class Recurrence {
public:
  Recurrence(NodeReader &node, NodeBuilder &build, unsigned gates, unsigned activations)
      : node(node), build(build), gates(gates), functions(activations) {}
  virtual ~Recurrence() = default;

  void run();

protected:
  /// Adds the next state of `direction` for inputs' contribution `x` [B, G * H].
  virtual void step(Direction &direction, mlir::Value x) = 0;
  /// What goes into the product over all steps, and what is added to the product of each.
  virtual std::pair<mlir::Value, mlir::Value> splitBias(Direction &direction) {
    return {direction.wBias ? add(direction.wBias, direction.rBias) : mlir::Value(), mlir::Value()};
  }
  virtual llvm::StringRef getDefaultActivation(unsigned i) const { return i ? "Tanh" : "Sigmoid"; }
  virtual bool hasCell() const { return false; }

  mlir::RankedTensorType typeOf(mlir::Value x) const {
    return mlir::cast<mlir::RankedTensorType>(x.getType());
  }
  mlir::Value add(mlir::Value a, mlir::Value b) {
    return node.failed() ? mlir::Value() : build.create<AddOp>(a, b);
  }
  mlir::Value mul(mlir::Value a, mlir::Value b) {
    return node.failed() ? mlir::Value() : build.create<MulOp>(a, b);
  }
  /// Elements [first, first + count) of the last dimension.
  mlir::Value columns(mlir::Value x, int64_t first, int64_t count);
  mlir::Value gate(mlir::Value x, int64_t i, int64_t count = 1) {
    return columns(x, i * hidden, count * hidden);
  }
  /// a * b + bias. A computed bias is no operand of a product.
  mlir::Value multiply(mlir::Value a, mlir::Value b, mlir::Value bias);
  /// `x` plus the product of a state with columns of R.
  mlir::Value addRecurrent(mlir::Value x, mlir::Value state, mlir::Value r, mlir::Value bias = {});
  mlir::Value limit(mlir::Value x);
  mlir::Value apply(const Direction &direction, unsigned function, mlir::Value x) {
    return direction.activations[function].build(build, node, limit(x));
  }
  mlir::Value one() { return build.scalar(mlir::Float32Type::get(node.getContext()), 1); }
  /// Slice `d` of the first dimension, without it.
  mlir::Value part(mlir::Value x, int64_t d);

  NodeReader &node;
  NodeBuilder &build;
  unsigned gates, functions;
  int64_t hidden = 0, length = 0, batch = 0, directions = 1;
  bool isBatchFirst = false;

private:
  bool readShapes();
  bool expectShape(unsigned i, llvm::ArrayRef<int64_t> shape);
  bool readActivations(llvm::SmallVector<Activation> &activations);
  mlir::Value readState(unsigned i);
  /// Whether step t is within each sequence, [B, 1]; null where it is for all.
  mlir::Value getMask(int64_t t);
  /// All states [T, 1, B, H].
  mlir::Value unroll(Direction &direction);
  mlir::Value maskState(mlir::Value mask, mlir::Value next, mlir::Value previous);

  float clip = 0;
  mlir::Value lengths;
};

} // namespace octet

#endif // OCTET_FRONTEND_IMPORTERS_RECURRENCE_H

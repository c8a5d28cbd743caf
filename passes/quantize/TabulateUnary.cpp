// Any function of one byte costs the same as a table: 256 entries, computed here
// with the scalar meaning that the evaluator uses. So transcendental functions
// between integers cost no accuracy and no polynomial.

#include "passes/quantize/Graph.h"
#include "passes/quantize/Parameters.h"
#include "passes/quantize/Passes.h"

namespace octet {

#define GEN_PASS_DEF_TABULATEUNARY
#include "passes/quantize/Passes.h.inc"

using namespace mlir;

namespace {

using ByteType = quant::UniformQuantizedType;

ByteType getByteType(Value value) {
  auto type = dyn_cast<ByteType>(cast<RankedTensorType>(value.getType()).getElementType());
  return type && type.getStorageTypeIntegralWidth() == 8 ? type : ByteType();
}

// What a value is as a function of the one byte: the byte's real value itself, a
// constant, or an op.
class Chain {
public:
  explicit Chain(FusedOp group) : group(group) {}

  /// Whether `value` depends on one quantized value and scalar constants only.
  bool collect(Value value) {
    if (constants.contains(value) || leaves.contains(value) ||
        llvm::is_contained(ops, value.getDefiningOp()))
      return true;
    if (std::optional<float> constant = getScalar(value)) {
      constants[value] = *constant;
      return true;
    }
    Operation *op = value.getDefiningOp();
    if (!op)
      return false;
    if (auto dequantize = dyn_cast<DequantizeOp>(op)) {
      if (!getByteType(dequantize.getX()) || (source && source != dequantize.getX()))
        return false;
      source = dequantize.getX();
      leaves.insert(value);
      return true;
    }
    if (!isa<ElementwiseOpInterface>(op) || op->getNumResults() != 1 ||
        !cast<RankedTensorType>(value.getType()).getElementType().isF32())
      return false;
    for (Value operand : op->getOperands())
      if (!collect(operand))
        return false;
    ops.push_back(op);
    return true;
  }

  Value getSource() const { return source; }
  bool hasOps() const { return !ops.empty(); }

  float evaluate(Value value, float x) const {
    if (leaves.contains(value))
      return x;
    if (auto it = constants.find(value); it != constants.end())
      return it->second;
    SmallVector<float> operands;
    for (Value operand : value.getDefiningOp()->getOperands())
      operands.push_back(evaluate(operand, x));
    return cast<ElementwiseOpInterface>(value.getDefiningOp()).evaluateScalar(operands);
  }

private:
  // An operand of the group, or a constant in it, that is the same everywhere.
  std::optional<float> getScalar(Value value) {
    if (auto argument = dyn_cast<BlockArgument>(value))
      value = group.getInputs()[argument.getArgNumber()];
    ElementsAttr attr = getConstantValue(value);
    if (!attr || !attr.getShapedType().getElementType().isF32() || attr.getNumElements() == 0)
      return std::nullopt;
    SmallVector<char> bytes = getRawElements(attr);
    float first;
    for (size_t i = 0; i < bytes.size(); i += sizeof(float)) {
      float element;
      memcpy(&element, bytes.data() + i, sizeof(float));
      if (i == 0)
        first = element;
      else if (memcmp(&first, &element, sizeof(float)) != 0)
        return std::nullopt;
    }
    return first;
  }

  FusedOp group;
  Value source;
  DenseMap<Value, float> constants;
  DenseSet<Value> leaves;
  SmallVector<Operation *> ops;
};

struct TabulateUnary : impl::TabulateUnaryBase<TabulateUnary> {
  void runOnOperation() override {
    getOperation().walk([](FusedOp group) {
      for (Operation &op : llvm::make_early_inc_range(group.getBlock()))
        if (auto quantize = dyn_cast<QuantizeOp>(op))
          tabulate(group, quantize);
      eraseDeadOps(group.getBlock());
      tidyGroupInputs(group);
    });
  }

private:
  static void tabulate(FusedOp group, QuantizeOp quantize) {
    ByteType result = getByteType(quantize.getY());
    Chain chain(group);
    if (!result || !chain.collect(quantize.getX()) || !chain.getSource() || !chain.hasOps())
      return;
    // Constants may broadcast the byte to a larger shape.
    auto source = cast<RankedTensorType>(chain.getSource().getType());
    if (source.getShape() != quantize.getY().getType().getShape())
      return;
    ByteType type = getByteType(chain.getSource());
    SmallVector<int8_t> table;
    for (int i = 0; i < 256; ++i) {
      int64_t q = type.isSigned() ? int64_t(int8_t(i)) : i;
      float y = chain.evaluate(quantize.getX(), dequantizeElement(q, type));
      table.push_back(static_cast<int8_t>(quantizeElement(y, result)));
    }
    OpBuilder builder(quantize);
    auto lookup = LookupOp::create(builder, quantize.getLoc(), quantize.getY().getType(),
                                   chain.getSource(), builder.getDenseI8ArrayAttr(table));
    quantize.getY().replaceAllUsesWith(lookup.getY());
  }
};

} // namespace

} // namespace octet

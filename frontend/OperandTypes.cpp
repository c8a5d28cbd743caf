#include "frontend/OperandTypes.h"

#include "frontend/StoredIntegers.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace octet {

// Nodes that know no scales get what they can read in place of the integers of quantized
// tensors. The type that their results are to have is returned, if they keep it.
static quant::UniformQuantizedType takeIntegers(const OpRow &row, ArrayRef<Value> inputs,
                                                NodeReader &node, NodeBuilder &build) {
  if (row.integers == IntegerUse::Quantized || llvm::none_of(inputs, getQuantizedType))
    return {};
  quant::QuantizedType common;
  bool moves = row.integers == IntegerUse::Move, arePacked = moves;
  Type numbers;
  for (Value input : inputs) {
    quant::QuantizedType type = getQuantizedType(input);
    // Operands of a concat may have several scales, or none.
    bool isByte = input && getElementTypeOrSelf(input).isIntOrFloat() &&
                  getElementTypeOrSelf(input).getIntOrFloatBitWidth() == 8;
    moves &= !isByte && (!type || !common || type == common);
    common = type ? type : common;
    if (type) {
      arePacked &= !numbers || getNumbersType(type) == numbers;
      numbers = getNumbersType(type);
    }
    arePacked &= !isByte;
  }
  SmallVector<Value> replaced(inputs);
  // Less than bytes are no other type's numbers: without a common scale they go on without one.
  auto packed = dyn_cast<quant::UniformQuantizedType>(numbers);
  if (!moves && arePacked && packed) {
    for (Value &input : replaced)
      if (getQuantizedType(input))
        input = readNumbers(node, build, input);
    node.replaceInputs(replaced);
    return packed;
  }
  for (Value &input : replaced)
    if (getQuantizedType(input))
      input =
          moves ? build.dequantize(input) : createNumbers(build.getBuilder(), node.getLoc(), input);
  node.replaceInputs(replaced);
  return moves ? dyn_cast<quant::UniformQuantizedType>(common) : quant::UniformQuantizedType();
}

// Floats of other widths are storage: what is computed with them is computed in f32, and
// results are not rounded in between. Gives the type that f32 results are to have, if any.
static Type takeFloats(const OpRow &row, SmallVectorImpl<Value> &inputs, NodeReader &node,
                       NodeBuilder &build) {
  if (row.floats == FloatUse::Typed)
    return {};
  Type narrow;
  // A move of what is in memory stays what it is.
  bool isComputed = row.integers != IntegerUse::Move || row.floats == FloatUse::F32;
  for (Value input : inputs) {
    Type element = input ? getElementTypeOrSelf(input.getType()) : Type();
    bool isWide = element && element.isF64() && row.floats != FloatUse::F32;
    if (!isa_and_nonnull<FloatType>(element) || element.isF32() || isWide)
      continue;
    narrow = element;
    auto cast = input.getDefiningOp<CastOp>();
    isComputed |= cast && cast.getX().getType().getElementType().isF32();
  }
  if (!narrow || !isComputed)
    return {};
  for (Value &input : inputs)
    if (input && getElementTypeOrSelf(input.getType()) == narrow)
      input = build.cast(input, Float32Type::get(node.getContext()));
  node.replaceInputs(inputs);
  return narrow;
}

static void narrowResults(Type element, NodeBuilder &build) {
  SmallVector<Value> results(build.getResults());
  for (Value &result : results)
    if (result && getElementTypeOrSelf(result.getType()).isF32())
      result = build.cast(result, element);
  build.setResults(results);
}

static void quantizeResults(quant::UniformQuantizedType type, NodeBuilder &build) {
  SmallVector<Value> results(build.getResults());
  // Indices beside the moved elements have no scale.
  for (Value &result : results)
    if (result && isa<FloatType>(getElementTypeOrSelf(result)))
      result = build.quantize(result, type);
  build.setResults(results);
}

ResultTypes takeOperands(const OpRow &row, SmallVectorImpl<Value> &inputs, NodeReader &node,
                         NodeBuilder &build) {
  ResultTypes types;
  types.narrow = takeFloats(row, inputs, node, build);
  types.moved = takeIntegers(row, inputs, node, build);
  return types;
}

void restoreResults(ResultTypes types, NodeBuilder &build) {
  if (types.narrow)
    narrowResults(types.narrow, build);
  if (types.moved)
    quantizeResults(types.moved, build);
}

} // namespace octet

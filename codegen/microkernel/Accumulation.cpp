// Rules Q4, Q5, Q6 and Q23 of docs/quantization.md. Sums of u8 * s8 leave the zero point of
// x aside: sum((x - zp) * w) = sum(x * w) - zp * sum(w), whose second part is known
// now and joins the bias. It also holds at borders, where x is the zero point.

#include "codegen/microkernel/Accumulation.h"

#include "codegen/emit/Quantization.h"
#include "codegen/emit/Saturation.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace octet::codegen {

static double getScale(Type type, int64_t channel) {
  if (auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(type))
    return perAxis.getScales()[channel];
  return cast<quant::UniformQuantizedType>(type).getScale();
}

FailureOr<Accumulation> Accumulation::create(KernelBuilder &kernel, const Microkernel &row,
                                             Operation *root, Value x, Value weights, Value bias,
                                             ArrayRef<int64_t> slots, ArrayRef<int64_t> sums) {
  Accumulation stage(kernel, row);
  std::optional<reference::Tensor> biases;
  if (bias) {
    biases = kernel.getConstant(bias);
    if (!biases)
      return root->emitOpError("expected a constant bias, got one computed at run time");
  }
  ImplicitLocOpBuilder &b = kernel.b();
  auto table = [&](Type element) {
    return MemRefType::get({static_cast<int64_t>(slots.size())}, element);
  };
  Type wType = getElementTypeOrSelf(weights.getType());
  auto addFloats = [&](function_ref<float(int64_t channel)> get) {
    SmallVector<float> values;
    for (int64_t channel : slots)
      values.push_back(channel < 0 ? 0 : get(channel));
    return kernel.addConstant(ArrayRef<float>(values), table(b.getF32Type()));
  };
  if (row.operands != DotOperands::U8S8) {
    bool isScaled = row.operands == DotOperands::F32S8;
    if (isScaled)
      stage.multiplier = addFloats([&](int64_t channel) { return getScale(wType, channel); });
    if (biases)
      (isScaled ? stage.addend : stage.start) =
          addFloats([&](int64_t channel) { return biases->getFloat(channel); });
    return stage;
  }

  auto xType = cast<quant::UniformQuantizedType>(getElementTypeOrSelf(x.getType()));
  auto yType =
      dyn_cast<quant::UniformQuantizedType>(getElementTypeOrSelf(root->getResult(0).getType()));
  SmallVector<int32_t> starts;
  SmallVector<float> multipliers;
  for (int64_t channel : slots) {
    if (channel < 0) {
      starts.push_back(0);
      multipliers.push_back(0);
      continue;
    }
    int64_t start = biases ? biases->getInteger(channel) : 0;
    starts.push_back(static_cast<int32_t>(start - xType.getZeroPoint() * sums[channel]));
    double scale = getScale(wType, channel);
    multipliers.push_back(yType ? reference::getSumScale(xType.getScale(), scale, yType.getScale())
                                : reference::getSumScale(xType.getScale(), scale));
  }
  stage.start = kernel.addConstant(ArrayRef<int32_t>(starts), table(b.getI32Type()));
  stage.multiplier = kernel.addConstant(ArrayRef<float>(multipliers), table(b.getF32Type()));
  if (yType) {
    if (!isFullByte(yType))
      return root->emitOpError("expected a result of u8, got ") << yType;
    stage.isQuantized = true;
    if (yType.getZeroPoint())
      stage.zeroPoint = kernel.addParameter(static_cast<int32_t>(yType.getZeroPoint()));
    // Sums are s32.
    stage.fitsI32 = llvm::all_of(multipliers, [](float m) { return m < 1; });
  }
  return stage;
}

Value Accumulation::load(Value table, Value slot, Type element, int64_t lanes) const {
  return vector::LoadOp::create(kernel->b(), VectorType::get({lanes}, element), table,
                                ValueRange{slot});
}

Value Accumulation::begin(Value slot) const {
  ImplicitLocOpBuilder &b = kernel->b();
  VectorType type = row->getAccumulatorType(b.getContext());
  if (start)
    return load(start, slot, type.getElementType(), row->lanes);
  return arith::ConstantOp::create(b, b.getZeroAttr(type));
}

int64_t Accumulation::getVectorsAtEnd(int64_t dimension) const {
  // As many as four registers of sums become one of bytes.
  constexpr int64_t kPacked = 4;
  Buffer result = kernel->getResult();
  bool isDense = result.getContiguousDim() == dimension;
  bool isWhole = row->lanes == kernel->getTarget().getLanes();
  return isDense && isWhole && result.getElementType().isInteger(8) ? kPacked : 1;
}

void Accumulation::end(ArrayRef<Value> sums, Value slot, const Position &position) const {
  ImplicitLocOpBuilder &b = kernel->b();
  Value value = concatLanes(b, sums);
  int64_t lanes = row->lanes * sums.size();
  if (multiplier) {
    auto floats = VectorType::get({lanes}, b.getF32Type());
    if (value.getType() != floats)
      value = arith::SIToFPOp::create(b, floats, value);
    Value factor = load(multiplier, slot, b.getF32Type(), lanes);
    value = addend
                ? vector::FMAOp::create(b, value, factor, load(addend, slot, b.getF32Type(), lanes))
                      .getResult()
                : arith::MulFOp::create(b, value, factor).getResult();
  }
  if (isQuantized)
    value = emitSaturatedU8(*kernel, value, zeroPoint, fitsI32);
  if (position.lanes == 0)
    value = vector::ExtractOp::create(b, value, ArrayRef<int64_t>{0});
  kernel->storeResult(value, position);
}

void Accumulation::endTurns(ArrayRef<Value> sums, Value slot, const Position &position) const {
  ImplicitLocOpBuilder &b = kernel->b();
  auto floats = VectorType::get({row->lanes}, b.getF32Type());
  SmallVector<Value> reals;
  for (auto [i, sum] : llvm::enumerate(sums)) {
    Value at = arith::AddIOp::create(b, slot, arith::ConstantIndexOp::create(b, i * row->lanes));
    Value real = arith::SIToFPOp::create(b, floats, sum);
    reals.push_back(
        arith::MulFOp::create(b, real, load(multiplier, at, b.getF32Type(), row->lanes)));
  }
  kernel->storeResult(isQuantized ? emitSaturatedTurns(*kernel, reals, zeroPoint, fitsI32)
                                  : concatTurns(b, reals),
                      position);
}

} // namespace octet::codegen

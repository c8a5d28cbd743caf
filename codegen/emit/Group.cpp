// Rules Q2, Q3, Q7 and Q8 of docs/quantization.md, and the elementwise ops between
// them, in the order of the group.

#include "codegen/emit/Group.h"

#include "codegen/emit/BFloat16.h"
#include "codegen/emit/Quantization.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <limits>
#include <numeric>

using namespace mlir;
using octet::reference::Scale;

namespace octet::codegen {

namespace {

Type elementTypeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getElementType();
}

// 256 bytes in four registers: two permutations that each pick from 128 bytes by the
// low 7 bits of the index, and a choice by the top bit.
Value emitPermutedLookup(Value index, Value table, ImplicitLocOpBuilder &b) {
  auto type = VectorType::get({64}, b.getI8Type());
  int64_t lanes = cast<VectorType>(index.getType()).getDimSize(0);
  if (lanes < 64) {
    SmallVector<int64_t> order(64, vector::ShuffleOp::kPoisonIndex);
    std::iota(order.begin(), order.begin() + lanes, 0);
    index = vector::ShuffleOp::create(b, index, index, order);
  }
  Value part[4];
  for (int64_t i = 0; i < 4; ++i)
    part[i] = vector::LoadOp::create(b, type, table,
                                     ValueRange{arith::ConstantIndexOp::create(b, i * 64)});
  auto permute = [&](Value low, Value high) {
    return LLVM::CallIntrinsicOp::create(b, b.getLoc(), type,
                                         b.getStringAttr("llvm.x86.avx512.vpermi2var.qi.512"),
                                         ValueRange{low, index, high})
        .getResult(0);
  };
  LaneMath wide(b, b.getLoc(), type);
  Value upper = wide.cmp(arith::CmpIPredicate::slt, index, wide.i(8, 0));
  Value result = wide.select(upper, permute(part[2], part[3]), permute(part[0], part[1]));
  if (lanes == 64)
    return result;
  return vector::ExtractStridedSliceOp::create(b, result, ArrayRef<int64_t>{0},
                                               ArrayRef<int64_t>{lanes}, ArrayRef<int64_t>{1});
}

Value emitLookup(Value index, Value table, KernelBuilder &kernel) {
  ImplicitLocOpBuilder &b = kernel.b();
  auto pick = [&](Value stored) {
    Value wide = arith::IndexCastUIOp::create(b, b.getIndexType(), stored);
    return memref::LoadOp::create(b, table, wide);
  };
  auto type = dyn_cast<VectorType>(index.getType());
  if (!type)
    return pick(index);
  if (type.getDimSize(0) <= 64 && kernel.getTarget().has(CpuFeature::AVX512VBMI))
    return emitPermutedLookup(index, table, b);
  Value result = arith::ConstantOp::create(b, b.getZeroAttr(type));
  for (int64_t lane = 0; lane < type.getDimSize(0); ++lane)
    result =
        vector::InsertOp::create(b, pick(vector::ExtractOp::create(b, index, lane)), result, lane);
  return result;
}

} // namespace

// Somewhat below 2^31, for roundings on the way.
constexpr double kLimitI32 = 2.1e9;

static double getLargestScale(Value tensor) {
  quant::QuantizedType type = getQuantizedElement(tensor.getType());
  if (auto perAxis = dyn_cast_or_null<quant::UniformQuantizedPerAxisType>(type))
    return *llvm::max_element(perAxis.getScales());
  if (auto uniform = dyn_cast_or_null<quant::UniformQuantizedType>(type))
    return uniform.getScale();
  return std::numeric_limits<double>::infinity();
}

/// What the magnitude of `value` in a group cannot exceed: of sums of integer products,
/// of bytes, and of sums of those.
static double getBound(Value value) {
  Operation *op = value.getDefiningOp();
  if (auto dequantize = dyn_cast_or_null<DequantizeOp>(op)) {
    auto type = getQuantizedElement(dequantize.getX().getType());
    return isFullByte(type) ? UINT8_MAX * getLargestScale(dequantize.getX())
                            : std::numeric_limits<double>::infinity();
  }
  if (isa_and_nonnull<AddOp>(op))
    return getBound(op->getOperand(0)) + getBound(op->getOperand(1));
  auto contraction = dyn_cast_or_null<QuantizableOpInterface>(op);
  if (contraction && contraction.getQuantizationRole() == QuantizationRole::Contraction)
    return kLimitI32 * getLargestScale(op->getOperand(0)) * getLargestScale(op->getOperand(1));
  return std::numeric_limits<double>::infinity();
}

Group::Group(KernelBuilder &kernel) : kernel(kernel) {
  Operation *op = kernel.getOperation();
  if (auto fused = dyn_cast<FusedOp>(op)) {
    for (Operation &inner : fused.getBlock().without_terminator())
      if (&inner != kernel.getRoot())
        ops.push_back(&inner);
    result = cast<YieldOp>(fused.getBlock().getTerminator()).getValue();
  } else {
    result = op->getResult(0);
    if (isa<ElementwiseOpInterface, QuantizeOp, DequantizeOp, RequantizeOp, LookupOp, CastOp,
            RelayoutOp>(op))
      ops.push_back(op);
  }
  auto addLeaf = [&](Value value) {
    Operation *source = value.getDefiningOp();
    bool isInside = source && (source == kernel.getRoot() || llvm::is_contained(ops, source));
    if (!isInside && !llvm::is_contained(leaves, value))
      leaves.push_back(value);
  };
  for (Operation *inner : ops)
    llvm::for_each(inner->getOperands(), addLeaf);
  addLeaf(result);
}

bool Group::hasAxis() const {
  auto isPerAxis = [](Value value) {
    return isa<quant::UniformQuantizedPerAxisType>(elementTypeOf(value));
  };
  return llvm::any_of(ops, [&](Operation *op) {
    return llvm::any_of(op->getOperands(), isPerAxis) || llvm::any_of(op->getResults(), isPerAxis);
  });
}

Value Group::emitOp(Operation *op, ValueRange operands, const Source &source) const {
  ImplicitLocOpBuilder &b = kernel.b();
  LaneMath m(b, b.getLoc(), operands[0].getType());
  Numbers numbers(kernel, op, m, source.along);
  if (isa<RelayoutOp>(op))
    return operands[0];
  if (isa<CastOp>(op) && elementTypeOf(op->getOperand(0)).isF32() &&
      elementTypeOf(op->getResult(0)).isBF16())
    return emitToBF16(m, operands[0], kernel.getTarget());
  if (auto emission = dyn_cast<ElementwiseEmissionInterface>(op))
    return emission.emitElement(b, b.getLoc(), operands);
  if (auto lookup = dyn_cast<LookupOp>(op)) {
    Value table = kernel.getOrAdd(op, 0, [&] {
      return kernel.addConstant(lookup.getTable(), MemRefType::get({256}, b.getI8Type()));
    });
    return emitLookup(operands[0], table, kernel);
  }
  quant::QuantizedType x = getQuantizedElement(op->getOperand(0).getType());
  quant::QuantizedType y = getQuantizedElement(op->getResult(0).getType());
  Value value = operands[0];
  bool fits = false;
  if (!isa<QuantizeOp>(op))
    value = emitReal(numbers, value, x);
  else
    fits = getBound(op->getOperand(0)) / reference::getScale(y).scale < kLimitI32 &&
           isa<quant::UniformQuantizedType>(y);
  return y ? emitStored(numbers, emitQuotient(numbers, value, y, fits), y, fits) : value;
}

Value Group::emit(Value rootValue, const Source &source) const {
  DenseMap<Value, Value> values;
  if (Operation *root = kernel.getRoot(); root && rootValue)
    values[root->getResult(0)] = rootValue;
  auto get = [&](Value tensor) {
    Value &value = values[tensor];
    if (!value)
      value = source.leaf(tensor);
    return value;
  };
  for (Operation *op : ops) {
    SmallVector<Value> operands;
    for (Value operand : op->getOperands())
      operands.push_back(get(operand));
    Value value = emitOp(op, operands, source);
    values[op->getResult(0)] = value;
  }
  return get(result);
}

} // namespace octet::codegen

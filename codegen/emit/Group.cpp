// Rules Q2, Q3, Q7 and Q8 of docs/quantization.md on registers. Scales, zero points
// and tables are parameters of the kernel, never constants in its body, so that
// layers of one shape share the code.

#include "codegen/emit/Group.h"

#include "codegen/emit/LaneMath.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace octet::codegen {

namespace {

// The numbers of a quantized type, by channel: one for a type without an axis.
struct Quantization {
  SmallVector<double> scales;
  SmallVector<int64_t> zeroPoints;
  int64_t low, high;
  bool isSigned;
  std::optional<int64_t> axis;

  explicit Quantization(Type element) {
    auto type = cast<quant::QuantizedType>(element);
    low = type.getStorageTypeMin();
    high = type.getStorageTypeMax();
    isSigned = type.isSigned();
    if (auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(type)) {
      scales.assign(perAxis.getScales().begin(), perAxis.getScales().end());
      zeroPoints.assign(perAxis.getZeroPoints().begin(), perAxis.getZeroPoints().end());
      axis = perAxis.getQuantizedDimension();
      return;
    }
    auto uniform = cast<quant::UniformQuantizedType>(type);
    scales = {uniform.getScale()};
    zeroPoints = {uniform.getZeroPoint()};
  }
};

Type elementTypeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getElementType();
}

// Emits the numbers of one op; `slot` counts them, in the same order every time.
class Numbers {
public:
  Numbers(KernelBuilder &kernel, Operation *op, const LaneMath &m, const Group::Source &source)
      : kernel(kernel), op(op), m(m), source(source) {}

  template <typename T>
  Value get(ArrayRef<T> values, std::optional<int64_t> axis) {
    unsigned index = slot++;
    if (!axis)
      return m.splat(kernel.getOrAdd(op, index, [&] { return kernel.addParameter(values[0]); }));
    Type element =
        std::is_same_v<T, float> ? Type(kernel.b().getF32Type()) : Type(kernel.b().getI32Type());
    Value memref = kernel.getOrAdd(op, index, [&] {
      return kernel.addConstant(values,
                                MemRefType::get({static_cast<int64_t>(values.size())}, element));
    });
    // The axis counts from the front of the op's result, dimensions align at the end.
    int64_t rank = cast<RankedTensorType>(op->getResult(0).getType()).getRank();
    return source.along(memref, *axis + kernel.getResultType().getRank() - rank);
  }
  /// fn(i) for each channel of `q`.
  template <typename T>
  Value get(const Quantization &q, function_ref<T(size_t)> fn) {
    SmallVector<T> values;
    for (size_t i = 0; i < q.scales.size(); ++i)
      values.push_back(fn(i));
    return get(ArrayRef<T>(values), q.axis);
  }

private:
  KernelBuilder &kernel;
  Operation *op;
  const LaneMath &m;
  const Group::Source &source;
  unsigned slot = 0;
};

// f32(q - zero point).
Value emitCentered(const LaneMath &m, Value stored, const Quantization &x, Numbers &numbers) {
  OpBuilder &b = m.builder();
  Value wide = stored;
  if (getElementTypeOrSelf(stored).getIntOrFloatBitWidth() < 32)
    wide = x.isSigned ? arith::ExtSIOp::create(b, m.location(), m.integer(32), stored).getResult()
                      : arith::ExtUIOp::create(b, m.location(), m.integer(32), stored).getResult();
  Value zeroPoint =
      numbers.get<int32_t>(x, [&](size_t i) { return static_cast<int32_t>(x.zeroPoints[i]); });
  return m.fromI32(m.sub(wide, zeroPoint), b.getF32Type());
}

// saturate(round_half_even(real) + zero point). Clamping before rounding is the same
// for bounds that are integers, and keeps the conversion in range; NaN becomes the
// lowest value.
Value emitStored(const LaneMath &m, Value real, const Quantization &y, Numbers &numbers) {
  Value low =
      numbers.get<float>(y, [&](size_t i) { return static_cast<float>(y.low - y.zeroPoints[i]); });
  Value high =
      numbers.get<float>(y, [&](size_t i) { return static_cast<float>(y.high - y.zeroPoints[i]); });
  Value zeroPoint =
      numbers.get<int32_t>(y, [&](size_t i) { return static_cast<int32_t>(y.zeroPoints[i]); });
  Value rounded = m.add(m.roundToI32(m.clampOrLow(real, low, high)), zeroPoint);
  unsigned width = llvm::Log2_64_Ceil(y.high - y.low + 1);
  width = std::max<unsigned>(8, llvm::PowerOf2Ceil(width));
  return width == 32
             ? rounded
             : arith::TruncIOp::create(m.builder(), m.location(), m.integer(width), rounded);
}

// 256 bytes in four registers: two permutations that each pick from 128 bytes by the
// low 7 bits of the index, and a choice by the top bit.
Value emitPermutedLookup(const LaneMath &m, Value index, Value table, ImplicitLocOpBuilder &b) {
  auto type = cast<VectorType>(index.getType());
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
  Value upper = m.cmp(arith::CmpIPredicate::slt, index, m.i(8, 0));
  return m.select(upper, permute(part[2], part[3]), permute(part[0], part[1]));
}

Value emitLookup(const LaneMath &m, Value index, Value table, KernelBuilder &kernel) {
  ImplicitLocOpBuilder &b = kernel.b();
  auto pick = [&](Value stored) {
    Value wide = arith::IndexCastUIOp::create(b, b.getIndexType(), stored);
    return memref::LoadOp::create(b, table, wide);
  };
  auto type = dyn_cast<VectorType>(index.getType());
  if (!type)
    return pick(index);
  if (type.getDimSize(0) == 64 && kernel.getTarget().has(CpuFeature::AVX512VBMI))
    return emitPermutedLookup(m, index, table, b);
  Value result = arith::ConstantOp::create(b, b.getZeroAttr(type));
  for (int64_t lane = 0; lane < type.getDimSize(0); ++lane)
    result =
        vector::InsertOp::create(b, pick(vector::ExtractOp::create(b, index, lane)), result, lane);
  return result;
}

} // namespace

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
  Numbers numbers(kernel, op, m, source);
  if (isa<RelayoutOp>(op))
    return operands[0];
  if (auto emission = dyn_cast<ElementwiseEmissionInterface>(op))
    return emission.emitElement(b, b.getLoc(), operands);
  if (auto lookup = dyn_cast<LookupOp>(op)) {
    Value table = kernel.getOrAdd(op, 0, [&] {
      return kernel.addConstant(lookup.getTable(), MemRefType::get({256}, b.getI8Type()));
    });
    return emitLookup(m, operands[0], table, kernel);
  }
  Type from = elementTypeOf(op->getOperand(0)), to = elementTypeOf(op->getResult(0));
  Value real = operands[0];
  if (isa<QuantizeOp>(op)) {
    Quantization y(to);
    Value inverse =
        numbers.get<float>(y, [&](size_t i) { return static_cast<float>(1.0 / y.scales[i]); });
    return emitStored(m, m.mul(real, inverse), y, numbers);
  }
  Quantization x(from);
  real = emitCentered(m, operands[0], x, numbers);
  if (isa<DequantizeOp>(op))
    return m.mul(real,
                 numbers.get<float>(x, [&](size_t i) { return static_cast<float>(x.scales[i]); }));
  assert(isa<RequantizeOp>(op) && "not an op of an epilogue");
  Quantization y(to);
  Value ratio = numbers.get<float>(y.axis ? y : x, [&](size_t i) {
    return static_cast<float>(x.scales[x.axis ? i : 0] / y.scales[y.axis ? i : 0]);
  });
  return emitStored(m, m.mul(real, ratio), y, numbers);
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

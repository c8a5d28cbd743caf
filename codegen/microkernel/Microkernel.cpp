// The hooks that Microkernels.inc names, and the choice of a row. A hook emits one
// multiply of 4 u8 by 4 s8, 2 bf16 by 2 bf16 or one f32 by one f32 or s8 in each lane; loops,
// tiles and addresses are the emitters' business.

#include "codegen/microkernel/Microkernel.h"

#include "dialect/Octet.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace octet::codegen {

static int64_t getLanes(Value value) { return cast<VectorType>(value.getType()).getDimSize(0); }

static Value bitcast(ImplicitLocOpBuilder &b, Value value, Type element) {
  auto type = cast<VectorType>(value.getType());
  int64_t bits = type.getNumElements() * type.getElementTypeBitWidth();
  return vector::BitCastOp::create(
      b, VectorType::get({bits / element.getIntOrFloatBitWidth()}, element), value);
}

static Value callIntrinsic(ImplicitLocOpBuilder &b, StringRef name, Type result,
                           ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(b, result, b.getStringAttr(name), operands).getResults();
}

static int64_t inOrder(int64_t, int64_t lane, int64_t byte) { return lane * 4 + byte; }

//===-- vnni: vpdpbusd ------------------------------------------------------------===//

static DotOperand wordBytes(ImplicitLocOpBuilder &b, Value words) {
  return {bitcast(b, words, b.getI8Type())};
}

static DotOperand loadBytes(ImplicitLocOpBuilder &b, Value packed, Value offset, int64_t lanes) {
  return {vector::LoadOp::create(b, VectorType::get({lanes * 4}, b.getI8Type()), packed,
                                 ValueRange{offset})};
}

static Value multiplyVnni(ImplicitLocOpBuilder &b, Value acc, ValueRange lhs, ValueRange rhs) {
  return callIntrinsic(
      b, getLanes(acc) == 16 ? "llvm.x86.avx512.vpdpbusd.512" : "llvm.x86.avx512.vpdpbusd.256",
      acc.getType(), {acc, lhs[0], rhs[0]});
}

static const DotHooks vnni = {wordBytes, loadBytes, multiplyVnni, inOrder};

//===-- maddubs: vpmaddubsw, which saturates in s16, then vpmaddwd with ones --------===//

static Value multiplyMaddubs(ImplicitLocOpBuilder &b, Value acc, ValueRange lhs, ValueRange rhs) {
  bool wide = getLanes(acc) == 16;
  auto pairs = VectorType::get({getLanes(acc) * 2}, b.getI16Type());
  Value sums =
      callIntrinsic(b, wide ? "llvm.x86.avx512.pmaddubs.w.512" : "llvm.x86.avx2.pmadd.ub.sw", pairs,
                    {lhs[0], rhs[0]});
  Value ones = arith::ConstantOp::create(b, DenseElementsAttr::get(pairs, b.getI16IntegerAttr(1)));
  Value dot = callIntrinsic(b, wide ? "llvm.x86.avx512.pmaddw.d.512" : "llvm.x86.avx2.pmadd.wd",
                            acc.getType(), {sums, ones});
  return arith::AddIOp::create(b, acc, dot);
}

static const DotHooks maddubs = {wordBytes, loadBytes, multiplyMaddubs, inOrder};

//===-- maddwd: even and odd bytes widened to s16, exact whatever the weights -------===//

static DotOperand splitWords(ImplicitLocOpBuilder &b, Value words) {
  Value mask =
      arith::ConstantOp::create(b, DenseElementsAttr::get(cast<VectorType>(words.getType()),
                                                          b.getI32IntegerAttr(0x00ff00ff)));
  Value even = arith::AndIOp::create(b, words, mask);
  Value halves = bitcast(b, words, b.getI16Type());
  Value eight = arith::ConstantOp::create(
      b, DenseElementsAttr::get(cast<VectorType>(halves.getType()), b.getI16IntegerAttr(8)));
  return {bitcast(b, even, b.getI16Type()), arith::ShRUIOp::create(b, halves, eight)};
}

// Even bytes of all lanes come first in memory, so that each half is one widening load.
static int64_t evenFirst(int64_t lanes, int64_t lane, int64_t byte) {
  return byte % 2 * lanes * 2 + lane * 2 + byte / 2;
}

static DotOperand loadHalves(ImplicitLocOpBuilder &b, Value packed, Value offset, int64_t lanes) {
  DotOperand halves;
  for (int64_t half = 0; half < 2; ++half) {
    Value at =
        arith::AddIOp::create(b, offset, arith::ConstantIndexOp::create(b, half * lanes * 2));
    Value bytes = vector::LoadOp::create(b, VectorType::get({lanes * 2}, b.getI8Type()), packed,
                                         ValueRange{at});
    halves.push_back(
        arith::ExtSIOp::create(b, VectorType::get({lanes * 2}, b.getI16Type()), bytes));
  }
  return halves;
}

static Value multiplyMaddwd(ImplicitLocOpBuilder &b, Value acc, ValueRange lhs, ValueRange rhs) {
  StringRef name = getLanes(acc) == 16 ? "llvm.x86.avx512.pmaddw.d.512" : "llvm.x86.avx2.pmadd.wd";
  for (auto [l, r] : llvm::zip(lhs, rhs))
    acc = arith::AddIOp::create(b, acc, callIntrinsic(b, name, acc.getType(), {l, r}));
  return acc;
}

static const DotHooks maddwd = {splitWords, loadHalves, multiplyMaddwd, evenFirst};

//===-- dpbf16: vdpbf16ps ---------------------------------------------------------===//

static DotOperand wordPairs(ImplicitLocOpBuilder &b, Value words) {
  return {bitcast(b, words, b.getBF16Type())};
}

static Value loadPairBits(ImplicitLocOpBuilder &b, Value packed, Value offset, int64_t lanes) {
  return vector::LoadOp::create(b, VectorType::get({lanes * 2}, b.getI16Type()), packed,
                                ValueRange{offset});
}

static DotOperand loadPairs(ImplicitLocOpBuilder &b, Value packed, Value offset, int64_t lanes) {
  return {bitcast(b, loadPairBits(b, packed, offset, lanes), b.getBF16Type())};
}

static Value multiplyBF16(ImplicitLocOpBuilder &b, Value acc, ValueRange lhs, ValueRange rhs) {
  return callIntrinsic(b, "llvm.x86.avx512bf16.dpbf16ps.512", acc.getType(), {acc, lhs[0], rhs[0]});
}

static int64_t pairsInOrder(int64_t, int64_t lane, int64_t i) { return lane * 2 + i; }

static const DotHooks dpbf16 = {wordPairs, loadPairs, multiplyBF16, pairsInOrder};

//===-- widened: both halves of a word as f32, multiplied one after the other -------===//

static DotOperand splitPairs(ImplicitLocOpBuilder &b, Value words) {
  auto type = cast<VectorType>(words.getType());
  auto splat = [&](int32_t value) -> Value {
    return arith::ConstantOp::create(b, DenseElementsAttr::get(type, b.getI32IntegerAttr(value)));
  };
  Value low = arith::ShLIOp::create(b, words, splat(16));
  Value high = arith::AndIOp::create(b, words, splat(static_cast<int32_t>(0xffff0000)));
  return {bitcast(b, low, b.getF32Type()), bitcast(b, high, b.getF32Type())};
}

static DotOperand loadSplitPairs(ImplicitLocOpBuilder &b, Value packed, Value offset,
                                 int64_t lanes) {
  return splitPairs(b, bitcast(b, loadPairBits(b, packed, offset, lanes), b.getI32Type()));
}

static Value multiplyWidened(ImplicitLocOpBuilder &b, Value acc, ValueRange lhs, ValueRange rhs) {
  for (auto [l, r] : llvm::zip(lhs, rhs))
    acc = vector::FMAOp::create(b, l, r, acc);
  return acc;
}

static const DotHooks widened = {splitPairs, loadSplitPairs, multiplyWidened, pairsInOrder};

//===-- fma -----------------------------------------------------------------------===//

static DotOperand floats(ImplicitLocOpBuilder &, Value words) { return {words}; }

static DotOperand loadFloats(ImplicitLocOpBuilder &b, Value packed, Value offset, int64_t lanes) {
  return {vector::LoadOp::create(b, VectorType::get({lanes}, b.getF32Type()), packed,
                                 ValueRange{offset})};
}

static Value multiplyFma(ImplicitLocOpBuilder &b, Value acc, ValueRange lhs, ValueRange rhs) {
  return vector::FMAOp::create(b, lhs[0], rhs[0], acc);
}

static int64_t oneToALane(int64_t, int64_t lane, int64_t) { return lane; }

static const DotHooks fma = {floats, loadFloats, multiplyFma, oneToALane};

//===-- fmaBytes: weights of s8 that become f32 in registers ------------------------===//

static DotOperand loadBytesAsFloats(ImplicitLocOpBuilder &b, Value packed, Value offset,
                                    int64_t lanes) {
  Value bytes = vector::LoadOp::create(b, VectorType::get({lanes}, b.getI8Type()), packed,
                                       ValueRange{offset});
  Value words = arith::ExtSIOp::create(b, VectorType::get({lanes}, b.getI32Type()), bytes);
  return {arith::SIToFPOp::create(b, VectorType::get({lanes}, b.getF32Type()), words)};
}

static const DotHooks fmaBytes = {floats, loadBytesAsFloats, multiplyFma, oneToALane};

//===-- rows ----------------------------------------------------------------------===//

DotOperands getDotOperands(Type x, Type weights) {
  if (isa<quant::QuantizedType>(x))
    return DotOperands::U8S8;
  if (isa<quant::QuantizedType>(weights))
    return DotOperands::F32S8;
  return x.isBF16() ? DotOperands::BF16 : DotOperands::F32;
}

int64_t getDot(DotOperands operands) {
  switch (operands) {
  case DotOperands::U8S8:
    return 4;
  case DotOperands::BF16:
    return 2;
  case DotOperands::F32:
  case DotOperands::F32S8:
    return 1;
  }
  llvm_unreachable("unknown operands");
}

Type Microkernel::getElementType(MLIRContext *context) const {
  if (operands == DotOperands::F32)
    return Float32Type::get(context);
  return IntegerType::get(context, operands == DotOperands::BF16 ? 16 : 8);
}

int64_t Microkernel::getLaneBytes() const {
  constexpr int64_t kWord = 4;
  return operands == DotOperands::F32S8 ? 1 : kWord;
}

VectorType Microkernel::getAccumulatorType(MLIRContext *context) const {
  if (operands == DotOperands::U8S8)
    return VectorType::get({lanes}, IntegerType::get(context, 32));
  return VectorType::get({lanes}, Float32Type::get(context));
}

ArrayRef<Microkernel> getMicrokernels() {
  static const Microkernel rows[] = {
#define OCTET_MICROKERNEL(NAME, OPERANDS, FEATURE, LANES, REGISTERS, PER_CHANNEL, FIXED, DOT_COST, \
                          LHS_COST, RHS_COST, PROOF, HOOKS)                                        \
  {#NAME,                                                                                          \
   DotOperands::OPERANDS,                                                                          \
   CpuFeature::FEATURE,                                                                            \
   LANES,                                                                                          \
   REGISTERS,                                                                                      \
   PER_CHANNEL,                                                                                    \
   FIXED,                                                                                          \
   DOT_COST,                                                                                       \
   LHS_COST,                                                                                       \
   RHS_COST,                                                                                       \
   DotProof::PROOF,                                                                                \
   &HOOKS},
#include "codegen/microkernel/Microkernels.inc"
  };
  return rows;
}

const Microkernel &selectMicrokernel(const Target &target, DotOperands operands, bool pairSumsFit) {
  for (const Microkernel &row : getMicrokernels())
    if (row.operands == operands && target.has(row.feature) && row.lanes <= target.getLanes() &&
        (pairSumsFit || row.proof == DotProof::None))
      return row;
  llvm_unreachable("every target has AVX2 and FMA");
}

} // namespace octet::codegen

#include "codegen/emit/Saturation.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace octet::codegen {

// Far above any byte, far below what a conversion to i32 cannot hold.
constexpr double kLarge = 1 << 24;

static int64_t countLanes(Value value) {
  auto type = dyn_cast<VectorType>(value.getType());
  return type ? type.getDimSize(0) : 0;
}

Value concatLanes(ImplicitLocOpBuilder &b, ArrayRef<Value> vectors) {
  SmallVector<Value> parts(vectors);
  while (parts.size() > 1) {
    assert(parts.size() % 2 == 0 && "expected a power of two");
    SmallVector<Value> pairs;
    auto order = llvm::to_vector(llvm::seq<int64_t>(0, 2 * countLanes(parts[0])));
    for (size_t i = 0; i < parts.size(); i += 2)
      pairs.push_back(vector::ShuffleOp::create(b, parts[i], parts[i + 1], order));
    parts = pairs;
  }
  return parts[0];
}

static Value callIntrinsic(ImplicitLocOpBuilder &b, StringRef name, Type result,
                           ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(b, result, b.getStringAttr(name), operands).getResults();
}

// Packing works on 128-bit parts of a register: each part of the result holds the
// parts of all operands, in turn.
static Value packTurns(ImplicitLocOpBuilder &b, ArrayRef<Value> registers, Value zeroPoint) {
  int64_t lanes = countLanes(registers[0]);
  bool wide = lanes == 16;
  auto halves = VectorType::get({lanes * 2}, b.getI16Type());
  auto bytes = VectorType::get({lanes * 4}, b.getI8Type());
  Value shift;
  if (zeroPoint)
    shift = vector::BroadcastOp::create(
        b, halves, arith::TruncIOp::create(b, b.getI16Type(), zeroPoint).getResult());
  SmallVector<Value, 2> packed;
  for (size_t i = 0; i < registers.size(); i += 2) {
    Value pair = callIntrinsic(b, wide ? "llvm.x86.avx512.packssdw.512" : "llvm.x86.avx2.packssdw",
                               halves, {registers[i], registers[i + 1]});
    packed.push_back(shift ? LLVM::SAddSat::create(b, pair, shift).getResult() : pair);
  }
  return callIntrinsic(b, wide ? "llvm.x86.avx512.packuswb.512" : "llvm.x86.avx2.packuswb", bytes,
                       {packed.front(), packed.back()});
}

// Two or four registers; words of four bytes go back to their places.
static Value packRegisters(ImplicitLocOpBuilder &b, ArrayRef<Value> registers, Value zeroPoint) {
  int64_t lanes = countLanes(registers[0]);
  auto words = VectorType::get({lanes}, b.getI32Type());
  Value result = vector::BitCastOp::create(b, words, packTurns(b, registers, zeroPoint));
  SmallVector<int64_t> order;
  for (int64_t i = 0; i < static_cast<int64_t>(registers.size()); ++i)
    for (int64_t part = 0; part < lanes / 4; ++part)
      order.push_back(part * 4 + i);
  result = vector::ShuffleOp::create(b, result, result, order);
  return vector::BitCastOp::create(
      b, VectorType::get({lanes * static_cast<int64_t>(registers.size())}, b.getI8Type()), result);
}

// The instruction for the conversion gives the lowest i32 for all that does not fit,
// NaN too: right but for large values.
static Value emitRounded(ImplicitLocOpBuilder &b, Value real, bool fitsI32) {
  LaneMath m(b, b.getLoc(), real.getType());
  return m.roundToI32(fitsI32 ? real : m.min(real, m.f(kLarge)));
}

Value emitSaturatedTurns(KernelBuilder &kernel, ArrayRef<Value> reals, Value zeroPoint,
                         bool fitsI32) {
  assert(reals.size() == 4 && "expected four registers");
  SmallVector<Value> rounded;
  for (Value real : reals)
    rounded.push_back(emitRounded(kernel.b(), real, fitsI32));
  return packTurns(kernel.b(), rounded, zeroPoint);
}

Value concatTurns(ImplicitLocOpBuilder &b, ArrayRef<Value> registers) {
  constexpr int64_t kPart = 4;
  int64_t lanes = countLanes(registers[0]);
  SmallVector<int64_t> order;
  for (int64_t part = 0; part < lanes / kPart; ++part)
    for (int64_t i = 0; i < static_cast<int64_t>(registers.size()); ++i)
      for (int64_t j = 0; j < kPart; ++j)
        order.push_back(i * lanes + part * kPart + j);
  Value all = concatLanes(b, registers);
  return vector::ShuffleOp::create(b, all, all, order);
}

Value emitSaturatedU8(KernelBuilder &kernel, Value real, Value zeroPoint, bool fitsI32) {
  ImplicitLocOpBuilder &b = kernel.b();
  int64_t lanes = countLanes(real), width = kernel.getTarget().getLanes();
  if (lanes == 2 * width || lanes == 4 * width) {
    SmallVector<Value> registers;
    for (int64_t lane = 0; lane < lanes; lane += width) {
      Value part = vector::ExtractStridedSliceOp::create(
          b, real, ArrayRef<int64_t>{lane}, ArrayRef<int64_t>{width}, ArrayRef<int64_t>{1});
      registers.push_back(emitRounded(b, part, fitsI32));
    }
    return packRegisters(b, registers, zeroPoint);
  }
  LaneMath m(b, b.getLoc(), real.getType());
  Value rounded = emitRounded(b, real, fitsI32);
  if (zeroPoint)
    rounded = m.add(rounded, m.splat(zeroPoint));
  rounded = arith::MaxSIOp::create(b, rounded, m.i32(0));
  rounded = arith::MinSIOp::create(b, rounded, m.i32(UINT8_MAX));
  return arith::TruncIOp::create(b, m.integer(8), rounded);
}

} // namespace octet::codegen

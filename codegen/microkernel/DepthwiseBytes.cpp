// As many channels as a register has bytes. Two steps of interleaving put four taps
// of each channel side by side, a quarter of the channels in each of four registers:
// that is the form in which integer dot products want them. It takes eight
// instructions for a column of 64 channels, which all windows that hold the column
// share. Packing the sums into bytes undoes the order (emitSaturatedTurns).
//
// Few channels fill a register with neighbours on a line, whose channels follow each
// other in memory.

#include "codegen/microkernel/DepthwiseTile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

#include <array>

using namespace mlir;

namespace octet::codegen {

namespace {

constexpr int64_t kQuarters = 4;
// Bytes that the interleaving instructions treat as a register of their own.
constexpr int64_t kPart = 16;

class DepthwiseBytes : public DepthwiseTile {
public:
  DepthwiseBytes(const DepthwiseProblem &problem, int64_t first, int64_t channels, int64_t pixels)
      : DepthwiseTile(problem, first, channels, problem.row->lanes * kQuarters),
        inRegister(pixels) {}

  LogicalResult prepare() {
    return DepthwiseTile::prepare(kQuarters, [&](int64_t slot) {
      int64_t quarter = slot / row.lanes, lane = slot % row.lanes;
      int64_t byte = lane / 4 * kPart + quarter * 4 + lane % 4;
      return inRegister > 1 ? byte % channels : byte;
    });
  }

  // Neighbours in a tile share columns; code has to be fetched once. In half cycles,
  // measured on Zen 5 with 3x3 windows.
  int64_t getTile(int64_t width) const override {
    constexpr int64_t kMostMultiplies = 72, kRegister = 24, kColumns = 5, kFetch = 148;
    auto yType = problem.op.getY().getType();
    int64_t most = std::max<int64_t>(
        1, kMostMultiplies / (kQuarters * static_cast<int64_t>(problem.steps.size())));
    int64_t registers = llvm::divideCeil(width, inRegister), best = 1;
    int64_t lines = yType.getDimSize(2) * static_cast<int64_t>(llvm::divideCeil(channels, block));
    auto getCost = [&](int64_t tile) {
      int64_t tiles = llvm::divideCeil(registers, tile), rest = registers % tile;
      return lines * (registers * kRegister + tiles * kColumns) + (tile + rest) * kFetch;
    };
    for (int64_t tile = 2; tile <= std::min(most, registers); ++tile)
      if (getCost(tile) < getCost(best))
        best = tile;
    return std::min(best * inRegister, width);
  }

  void emit(const Spot &spot, int64_t pixels, int64_t lanes) override {
    loads.clear();
    pairs.clear();
    words.clear();
    begin(spot);
    slot = getSlot(spot);
    // What fills registers, then what is left of a line.
    int64_t full = pixels / inRegister, rest = pixels % inRegister;
    active = inRegister > 1 ? block : lanes;
    for (int64_t t = 0; t < full; t += getTogether())
      emitRegisters(spot, t, std::min(getTogether(), full - t));
    if (rest == 0)
      return;
    active = rest * channels;
    loads.clear();
    pairs.clear();
    words.clear();
    emitRegisters(spot, full, 1);
  }

private:
  using Words = std::array<DotOperand, kQuarters>;
  /// Registers whose bytes of the lower (upper) half of each part are interleaved.
  using Halves = std::array<Value, 2>;

  // Neighbours that use a register of weights while it is loaded: their sums and the
  // words of their windows just fit 32 registers, if a multiply needs no others.
  int64_t getTogether() const { return row.dotCost == 1 ? 2 : 1; }

  void emitRegisters(const Spot &spot, int64_t first, int64_t count) {
    slot = hide(slot);
    int64_t stride = problem.op.getStrides()[1] * inRegister, steps = problem.steps.size();
    Value weights = arith::MulIOp::create(b, slot, constantIndex(b, steps * row.getDot()));
    SmallVector<SmallVector<Value, kQuarters>> sums(count);
    for (int64_t quarter = 0; quarter < kQuarters; ++quarter) {
      Value begin = accumulation->begin(addConstant(slot, quarter * row.lanes));
      for (auto &pixel : sums)
        pixel.push_back(begin);
    }
    for (int64_t step = 0; step < steps; ++step)
      for (int64_t quarter = 0; quarter < kQuarters; ++quarter) {
        int64_t vector = step * kQuarters + quarter;
        Value at = addConstant(weights, vector * row.lanes * row.getDot());
        DotOperand rhs = row.hooks->rhs(b, packed, at, row.lanes);
        for (int64_t t = 0; t < count; ++t) {
          const Words &word = getWords(getPixels(step, (first + t) * stride));
          sums[t][quarter] = row.hooks->multiplyAdd(b, sums[t][quarter], word[quarter], rhs);
        }
      }
    for (int64_t t = 0; t < count; ++t) {
      Position position;
      position.index = {spot.image, spot.channel, spot.line,
                        addConstant(spot.column, (first + t) * inRegister)};
      position.vectorDim = 1;
      position.lanes = block;
      position.active = active;
      accumulation->endTurns(sums[t], slot, position);
    }
  }

  /// `value`, in a way that LLVM cannot see through. It would keep what all pixels of
  /// the tile load (weights, biases, multipliers) in registers, and spill.
  Value hide(Value value) {
    Value word = arith::IndexCastOp::create(b, b.getI64Type(), value);
    auto dialect = LLVM::AsmDialectAttr::get(b.getContext(), LLVM::AsmDialect::AD_ATT);
    word = LLVM::InlineAsmOp::create(b, b.getI64Type(), ValueRange{word}, /*asm_string=*/"",
                                     /*constraints=*/"=r,0", /*has_side_effects=*/false,
                                     /*is_align_stack=*/false, LLVM::TailCallKind::None, dialect,
                                     /*operand_attrs=*/ArrayAttr())
               .getResult(0);
    return arith::IndexCastOp::create(b, b.getIndexType(), word);
  }

  const Words &getWords(ArrayRef<Tap> pixels) {
    Words &result = words[{pixels.front(), pixels.back()}];
    if (!result[0].empty())
      return result;
    // Where taps are missing, their weights are zero.
    auto tap = [&](size_t i) { return pixels[std::min(i, pixels.size() - 1)]; };
    Halves low = getPair(tap(0), tap(1));
    Halves high = pixels.size() > 2 ? getPair(tap(2), tap(3)) : low;
    for (int64_t half : {0, 1}) {
      Halves quarters = interleave(low[half], high[half]);
      for (int64_t i : {0, 1}) {
        auto type = VectorType::get({row.lanes}, b.getI32Type());
        result[half * 2 + i] = row.hooks->lhs(b, vector::BitCastOp::create(b, type, quarters[i]));
      }
    }
    return result;
  }

  const Halves &getPair(const Tap &a, const Tap &c) {
    Halves &pair = pairs[{a, c}];
    if (!pair[0]) {
      Halves bytes = interleave(getPixel(a), getPixel(c));
      auto type = VectorType::get({block / 2}, b.getI16Type());
      for (int64_t half : {0, 1})
        pair[half] = vector::BitCastOp::create(b, type, bytes[half]);
    }
    return pair;
  }

  /// The elements of the lower and of the upper half of each part, in turn.
  Halves interleave(Value x, Value y) {
    auto type = cast<VectorType>(x.getType());
    int64_t count = type.getDimSize(0), part = kPart * 8 / type.getElementTypeBitWidth();
    Halves result;
    for (int64_t half : {0, 1}) {
      SmallVector<int64_t> order;
      for (int64_t begin = 0; begin < count; begin += part)
        for (int64_t i = 0; i < part / 2; ++i) {
          int64_t from = begin + half * part / 2 + i;
          order.append({from, count + from});
        }
      result[half] = vector::ShuffleOp::create(b, x, y, order);
    }
    return result;
  }

  Value getPixel(const Tap &pixel) {
    Value &value = loads[pixel];
    if (!value)
      value = loadLanes(problem.kernel, problem.x.memref, getAddress(pixel), 1, {block, active});
    return value;
  }

  int64_t inRegister; ///< neighbours on a line
  int64_t active = 0; ///< bytes of a register
  Value slot;
  std::map<Tap, Value> loads;
  std::map<std::pair<Tap, Tap>, Halves> pairs;
  std::map<std::pair<Tap, Tap>, Words> words;
};

} // namespace

std::unique_ptr<DepthwiseTile> createDepthwiseBytes(const DepthwiseProblem &problem, int64_t first,
                                                    int64_t channels, int64_t pixels) {
  auto tile = std::make_unique<DepthwiseBytes>(problem, first, channels, pixels);
  return failed(tile->prepare()) ? nullptr : std::move(tile);
}

} // namespace octet::codegen

// A vector of 32-bit lanes, one channel in each. Bytes are widened as they are loaded,
// and four taps put into a lane by shifts: cheap for few channels, and the only way
// for floats. bf16 is widened to f32 once for all windows that hold the pixel: a
// depthwise convolution is bound by loads, of which this halves the bytes.

#include "codegen/emit/BFloat16.h"
#include "codegen/microkernel/DepthwiseTile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace octet::codegen {

namespace {

class DepthwiseLanes : public DepthwiseTile {
public:
  DepthwiseLanes(const DepthwiseProblem &problem, int64_t first, int64_t channels)
      : DepthwiseTile(problem, first, channels, problem.row->lanes) {}

  LogicalResult prepare() {
    return DepthwiseTile::prepare(1, [](int64_t slot) { return slot; });
  }

  // Accumulators and the weights of a few steps share the registers; long windows get
  // small tiles to bound the code.
  int64_t getTile(int64_t width) const override {
    constexpr int64_t kMultiplies = 256;
    int64_t steps = problem.steps.size(), best = 1;
    int64_t most = std::max<int64_t>(1, std::min<int64_t>(row.registers / 4, kMultiplies / steps));
    auto getTiles = [&](int64_t tile) { return llvm::divideCeil(width, tile); };
    for (int64_t tile = 1; tile <= std::min(most, width); ++tile)
      if (getTiles(tile) < getTiles(best) || (width % tile == 0 && tile * 2 > most))
        best = tile;
    return best;
  }

  void emit(const Spot &spot, int64_t pixels, int64_t lanes) override {
    active = lanes;
    loads.clear();
    words.clear();
    begin(spot);
    Value slot = getSlot(spot);
    int64_t steps = problem.steps.size(), vector = row.lanes * row.getDot();
    Value weights = arith::MulIOp::create(b, slot, constantIndex(b, steps * row.getDot()));
    int64_t stride = problem.op.getStrides()[1];
    SmallVector<Value> sums(pixels, accumulation->begin(slot));
    for (int64_t step = 0; step < steps; ++step) {
      DotOperand rhs = row.hooks->rhs(b, packed, addConstant(weights, step * vector), row.lanes);
      for (int64_t t = 0; t < pixels; ++t)
        sums[t] = row.hooks->multiplyAdd(b, sums[t], getWord(step, t * stride), rhs);
    }
    for (int64_t t = 0; t < pixels; ++t) {
      Position position;
      position.index = {spot.image, spot.channel, spot.line, addConstant(spot.column, t)};
      position.vectorDim = 1;
      position.lanes = row.lanes;
      position.active = active;
      accumulation->end({sums[t]}, slot, position);
    }
  }

private:
  const DotOperand &getWord(size_t step, int64_t shift) {
    SmallVector<Tap, 4> pixels = getPixels(step, shift);
    DotOperand &word = words[{pixels.front(), pixels.back()}];
    if (!word.empty())
      return word;
    Value lanes;
    for (auto [i, pixel] : llvm::enumerate(pixels)) {
      Value tap = getPixel(pixel);
      if (i > 0) {
        Value shiftBy = arith::ConstantOp::create(
            b, DenseElementsAttr::get(cast<VectorType>(tap.getType()), b.getI32IntegerAttr(8 * i)));
        tap = arith::ShLIOp::create(b, tap, shiftBy);
        lanes = arith::OrIOp::create(b, lanes, tap);
      } else {
        lanes = tap;
      }
    }
    return word = row.hooks->lhs(b, lanes);
  }

  /// The channels of a pixel, a 32-bit lane each.
  Value getPixel(const Tap &pixel) {
    Value &value = loads[pixel];
    if (value)
      return value;
    value = loadLanes(problem.kernel, problem.x.memref, getAddress(pixel), 1, {row.lanes, active});
    if (row.operands == DotOperands::U8S8)
      return value = arith::ExtUIOp::create(b, VectorType::get({row.lanes}, b.getI32Type()), value);
    Type element = problem.op.getX().getType().getElementType();
    return value = emitLoaded(LaneMath(b, b.getLoc(), value.getType()), value, element);
  }

  int64_t active = 0;
  std::map<Tap, Value> loads;
  std::map<std::pair<Tap, Tap>, DotOperand> words;
};

} // namespace

std::unique_ptr<DepthwiseTile> createDepthwiseLanes(const DepthwiseProblem &problem, int64_t first,
                                                    int64_t channels) {
  auto tile = std::make_unique<DepthwiseLanes>(problem, first, channels);
  return failed(tile->prepare()) ? nullptr : std::move(tile);
}

} // namespace octet::codegen

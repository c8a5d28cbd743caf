#include "passes/repair/BiasShift.h"

using namespace mlir;

namespace octet {

// The share of `outputs` windows whose tap `k` lies inside an axis of `extent` elements.
static double getShare(int64_t k, int64_t outputs, int64_t extent, int64_t stride, int64_t before,
                       int64_t dilation) {
  int64_t inside = 0;
  for (int64_t o = 0; o < outputs; ++o) {
    int64_t i = o * stride - before + k * dilation;
    inside += 0 <= i && i < extent;
  }
  return static_cast<double>(inside) / static_cast<double>(outputs);
}

SmallVector<double> getTapShares(Operation *contraction) {
  auto conv = dyn_cast<ConvOp>(contraction);
  if (!conv)
    return {1};
  ArrayRef<int64_t> x = conv.getX().getType().getShape(),
                    w = conv.getWeights().getType().getShape();
  ArrayRef<int64_t> y = conv.getY().getType().getShape();
  SmallVector<double> shares;
  for (int64_t kh = 0; kh < w[2]; ++kh)
    for (int64_t kw = 0; kw < w[3]; ++kw)
      shares.push_back(getShare(kh, y[2], x[2], conv.getStrides()[0], conv.getPads()[0],
                                conv.getDilations()[0]) *
                       getShare(kw, y[3], x[3], conv.getStrides()[1], conv.getPads()[1],
                                conv.getDilations()[1]));
  return shares;
}

SmallVector<double> getExpectedShift(Contraction &contraction, const DecidedWeights &decided,
                                     ArrayRef<double> inputMeans) {
  SmallVector<double> shares = getTapShares(contraction.op);
  SmallVector<double> shift(decided.scales.size(), 0);
  for (auto [i, weight] : llvm::enumerate(contraction.weights)) {
    int64_t output = contraction.outputChannel(i);
    double error = weight - decided.scales[output] * static_cast<int8_t>(decided.integers[i]);
    // Taps are innermost; where there is one only, it is any.
    double share = shares[shares.size() == 1 ? 0 : i % shares.size()];
    shift[output] += error * share * inputMeans[contraction.inputChannel(i)];
  }
  return shift;
}

} // namespace octet

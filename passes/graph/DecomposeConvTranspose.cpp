// A transposed convolution of stride s is s * s small convolutions, one for each
// phase of the output plane, whose results interleave. All of them run as one
// convolution with s * s as many channels (so it is a contraction like any other,
// in INT8 too), and depth_to_space interleaves.
//
// In one dimension: output position q (before the crop by pads) takes x[i] * w[k]
// for all q = i * s + k. With q = s * m + p and k = s * j + p it becomes
// sum over j of x[m - j] * w[s * j + p]: for phase p a convolution over m with the
// J = ceil(K / s) taps in reverse, and weights of 0 where k >= K. Dilation d only
// spreads the taps: weights are 0 where d does not divide k.

#include "passes/graph/Constants.h"
#include "passes/graph/Passes.h"

#include "dialect/StoredConstant.h"
#include "dialect/reference/Tensor.h"

#include <cstring>

using namespace mlir;

namespace octet {

#define GEN_PASS_DEF_DECOMPOSECONVTRANSPOSE
#include "passes/graph/Passes.h.inc"

namespace {

/// What one dimension of the plane becomes.
struct Dimension {
  int64_t stride, dilation, kernel, taps;
  /// Pads of the convolution.
  int64_t low, high;
  /// Where the result begins in the interleaved plane, and its extent.
  int64_t offset, extent;
  /// Extent of the interleaved plane.
  int64_t interleaved;

  Dimension(ConvTransposeOp op, int i)
      : stride(op.getStrides()[i]), dilation(op.getDilations()[i]),
        kernel(op.getWeights().getType().getDimSize(2 + i)),
        extent(op.getY().getType().getDimSize(2 + i)) {
    int64_t inputs = op.getX().getType().getDimSize(2 + i), crop = op.getPads()[i];
    taps = llvm::divideCeil((kernel - 1) * dilation + 1, stride);
    // Rows m before `first` are cropped as a whole, if the convolution can skip them.
    int64_t first = std::min(crop / stride, taps - 1);
    int64_t last = (crop + extent - 1) / stride;
    low = taps - 1 - first;
    high = std::max<int64_t>(last + 1 - inputs, 0);
    offset = crop - first * stride;
    interleaved = (inputs + low + high - taps + 1) * stride;
  }

  bool isCropped() const { return offset != 0 || extent != interleaved; }

  /// The tap of the kernel at tap `t` of phase `p`, or nullopt for a weight of 0.
  std::optional<int64_t> kernelTap(int64_t t, int64_t p) const {
    int64_t k = stride * (taps - 1 - t) + p;
    if (k % dilation || k / dilation >= kernel)
      return std::nullopt;
    return k / dilation;
  }
};

struct Decompose : OpRewritePattern<ConvTransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ConvTransposeOp op, PatternRewriter &rewriter) const override {
    if (!isConstantOrStored(op.getWeights()))
      return rewriter.notifyMatchFailure(op, "weights are not constant");
    std::optional<SmallVector<float>> bias;
    if (op.getBias() && !(bias = getFloats(op.getBias())))
      return rewriter.notifyMatchFailure(op, "bias is not constant");

    Dimension rows(op, 0), columns(op, 1);
    int64_t phases = rows.stride * columns.stride;
    int64_t groups = op.getGroup(), groupInputs = op.getX().getType().getDimSize(1) / groups;
    int64_t groupOutputs = op.getWeights().getType().getDimSize(1);
    int64_t outputs = groups * groupOutputs;
    // Phase-major channels interleave in whole runs of channels; groups need the
    // channels of a group side by side.
    bool phaseMajor = groups == 1 && rows.stride == columns.stride;
    auto channel = [&](int64_t output, int64_t phase) {
      return phaseMajor ? phase * outputs + output : output * phases + phase;
    };

    SmallVector<int64_t> shape{outputs * phases, groupInputs, rows.taps, columns.taps};
    // For each tap of the convolution that of the weights, or -1 for 0.
    SmallVector<int64_t> taps(shape[0] * shape[1] * shape[2] * shape[3], -1);
    for (int64_t output = 0; output < outputs; ++output)
      for (int64_t phase = 0; phase < phases; ++phase)
        for (int64_t input = 0; input < groupInputs; ++input)
          for (int64_t ty = 0; ty < rows.taps; ++ty)
            for (int64_t tx = 0; tx < columns.taps; ++tx) {
              auto ky = rows.kernelTap(ty, phase / columns.stride);
              auto kx = columns.kernelTap(tx, phase % columns.stride);
              if (!ky || !kx)
                continue;
              int64_t source = output / groupOutputs * groupInputs + input;
              source = source * groupOutputs + output % groupOutputs;
              int64_t target = channel(output, phase) * groupInputs + input;
              taps[(target * rows.taps + ty) * columns.taps + tx] =
                  (source * rows.kernel + *ky) * columns.kernel + *kx;
            }

    Value biasConstant;
    if (bias) {
      SmallVector<float> values(outputs * phases);
      for (int64_t output = 0; output < outputs; ++output)
        for (int64_t phase = 0; phase < phases; ++phase)
          values[channel(output, phase)] = (*bias)[output];
      biasConstant = createConstant(rewriter, op.getBias().getLoc(), {outputs * phases}, values);
    }
    SmallVector<int64_t> outputOfChannel(outputs * phases);
    for (int64_t output = 0; output < outputs; ++output)
      for (int64_t phase = 0; phase < phases; ++phase)
        outputOfChannel[channel(output, phase)] = output % groupOutputs;
    Value kernel = pickTaps(rewriter, op.getWeights(), shape, taps, outputOfChannel);
    bool cropped = rows.isCropped() || columns.isCropped();
    Value y = ConvOp::create(
        rewriter, phases == 1 && !cropped ? op.getLoc() : getInnerLocation(op.getLoc(), "phases"),
        op.getX(), kernel, biasConstant, rewriter.getDenseI64ArrayAttr({1, 1}),
        rewriter.getDenseI64ArrayAttr({rows.low, columns.low, rows.high, columns.high}),
        rewriter.getDenseI64ArrayAttr({1, 1}), rewriter.getI64IntegerAttr(groups));

    Location inner = cropped ? getInnerLocation(op.getLoc(), "interleaved") : op.getLoc();
    y = interleave(rewriter, inner, y, rows.stride, columns.stride, phaseMajor);
    if (cropped) {
      ArrayRef<int64_t> extents = op.getY().getType().getShape();
      y = SliceOp::create(rewriter, op.getLoc(), y,
                          ArrayRef<int64_t>{0, 0, rows.offset, columns.offset}, extents,
                          ArrayRef<int64_t>{1, 1, 1, 1});
    }
    rewriter.replaceOp(op, y);
    return success();
  }

private:
  // Weights of `shape` from elements of `weights`, which may be integers (NormalizeBorders).
  static Value pickTaps(OpBuilder &builder, Value weights, ArrayRef<int64_t> shape,
                        ArrayRef<int64_t> taps, ArrayRef<int64_t> outputOfChannel) {
    Location loc = weights.getLoc();
    ConstantOp stored = getStoredConstant(weights);
    Value constant = stored ? stored.getY() : weights;
    auto type = cast<RankedTensorType>(constant.getType());
    Type element = type.getElementType();
    if (auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(element)) {
      SmallVector<double> scales;
      for (int64_t output : outputOfChannel)
        scales.push_back(perAxis.getScales()[output]);
      element = quant::UniformQuantizedPerAxisType::get(
          perAxis.getFlags(), perAxis.getStorageType(), perAxis.getExpressedType(), scales,
          SmallVector<int64_t>(scales.size(), 0), /*quantizedDimension=*/0,
          perAxis.getStorageTypeMin(), perAxis.getStorageTypeMax());
    }
    reference::Tensor from = reference::Tensor::fromAttr(getConstantValue(constant), type);
    reference::Tensor to(RankedTensorType::get(shape, element));
    int64_t bytes = getElementBytes(element);
    for (auto [i, tap] : llvm::enumerate(taps))
      if (tap >= 0)
        std::memcpy(to.bytes().data() + i * bytes, from.bytes().data() + tap * bytes, bytes);
    Value picked = ConstantOp::create(builder, loc, to.getType(), to.toAttr(getTensorName(loc)));
    if (!stored)
      return picked;
    return DequantizeOp::create(builder, loc, RankedTensorType::get(shape, builder.getF32Type()),
                                picked);
  }

  static Value interleave(OpBuilder &builder, Location loc, Value y, int64_t strideY,
                          int64_t strideX, bool phaseMajor) {
    if (strideY == 1 && strideX == 1)
      return y;
    if (strideY == strideX)
      return DepthToSpaceOp::create(builder, loc, y, strideY,
                                    phaseMajor ? DepthToSpaceMode::DCR : DepthToSpaceMode::CRD);
    ArrayRef<int64_t> s = cast<RankedTensorType>(y.getType()).getShape();
    int64_t channels = s[1] / (strideY * strideX);
    y = ReshapeOp::create(builder, getInnerLocation(loc, "split"), y,
                          ArrayRef<int64_t>{s[0], channels, strideY, strideX, s[2], s[3]});
    Value moved = TransposeOp::create(builder, getInnerLocation(loc, "moved"), y,
                                      ArrayRef<int64_t>{0, 1, 4, 2, 5, 3});
    return ReshapeOp::create(builder, loc, moved,
                             ArrayRef<int64_t>{s[0], channels, s[2] * strideY, s[3] * strideX});
  }
};

struct DecomposeConvTranspose : impl::DecomposeConvTransposeBase<DecomposeConvTranspose> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<Decompose>(&getContext());
    if (failed(applyPatterns(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace octet

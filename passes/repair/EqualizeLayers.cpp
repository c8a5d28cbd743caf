// Factors are chosen for the whole graph at once, from magnitudes alone, and written
// into constants once: a chain of convolutions would else be rounded in every round.

#include "passes/graph/Constants.h"
#include "passes/graph/Contraction.h"
#include "passes/repair/Equalization.h"
#include "passes/repair/Passes.h"

#include <cmath>

namespace octet {

#define GEN_PASS_DEF_EQUALIZELAYERS
#include "passes/repair/Passes.h.inc"

using namespace mlir;

namespace {

/// The axis of `op`'s result that counts the channels which axis `axis` of its operand 0
/// counts, if a positive factor for each of them may as well be applied behind it; -1 else.
int64_t followChannels(Operation *op, int64_t axis) {
  if (op->getNumResults() != 1)
    return -1;
  if (isa<ReluOp, LeakyReluOp, ClipOp>(op))
    return axis;
  if (isa<MaxPoolOp, AveragePoolOp>(op))
    return axis == 1 ? axis : -1;
  if (auto reshape = dyn_cast<ReshapeOp>(op)) {
    // [N, C, 1, 1] and [N, C] hold the same elements in the same order.
    ArrayRef<int64_t> from = cast<RankedTensorType>(reshape.getX().getType()).getShape();
    ArrayRef<int64_t> to = cast<RankedTensorType>(reshape.getY().getType()).getShape();
    auto isPlain = [&](ArrayRef<int64_t> shape) {
      return shape.size() >= 2 && shape[0] == from[0] && shape[1] == from[1] &&
             llvm::all_of(shape.drop_front(2), [](int64_t extent) { return extent == 1; });
    };
    return axis == 1 && isPlain(from) && isPlain(to) ? 1 : -1;
  }
  return -1;
}

/// What lies between a contraction and those that read it.
struct Channels {
  SmallVector<Operation *> between; ///< in order of their operands
  SmallVector<Operation *> consumers;
};

bool collect(Value value, int64_t axis, Channels &channels) {
  for (OpOperand &use : value.getUses()) {
    Operation *user = use.getOwner();
    if (use.getOperandNumber() != 0)
      return false;
    if (isa<ConvOp, MatMulOp>(user)) {
      std::optional<Contraction> contraction = Contraction::match(user);
      if (!contraction || contraction->inputAxis != axis)
        return false;
      channels.consumers.push_back(user);
      continue;
    }
    int64_t next = followChannels(user, axis);
    if (next < 0)
      return false;
    channels.between.push_back(user);
    if (!collect(user->getResult(0), next, channels))
      return false;
  }
  return true;
}

class Graph {
public:
  void equalizeLayers(func::FuncOp function) {
    SmallVector<EqualizedLayer> layers;
    llvm::DenseMap<Operation *, unsigned> indices;
    for (Block &block : function.getBody())
      for (Operation &op : block)
        if (std::optional<EqualizedLayer> layer = addLayer(&op)) {
          indices[&op] = layers.size();
          layers.push_back(std::move(*layer));
        }
    SmallVector<EqualizedLink> links;
    SmallVector<Channels> channels;
    for (auto [i, contraction] : llvm::enumerate(contractions)) {
      Channels found;
      if (!collect(contraction.op->getResult(0), contraction.resultAxis, found) ||
          found.consumers.empty() ||
          !llvm::all_of(found.consumers, [&](Operation *op) { return indices.contains(op); }))
        continue;
      EqualizedLink link{static_cast<unsigned>(i), {}, {}};
      for (Operation *consumer : found.consumers)
        link.consumers.push_back(indices.lookup(consumer));
      links.push_back(std::move(link));
      channels.push_back(std::move(found));
    }
    equalize(layers, links);
    IRRewriter rewriter(function.getContext());
    write(rewriter, links, channels);
  }

private:
  std::optional<EqualizedLayer> addLayer(Operation *op) {
    if (!isa<ConvOp, MatMulOp>(op))
      return std::nullopt;
    std::optional<Contraction> contraction = Contraction::match(op);
    if (!contraction || failed(contraction->readConstants()) ||
        !llvm::all_of(contraction->weights, [](float w) { return std::isfinite(w); }))
      return std::nullopt;
    EqualizedLayer layer;
    layer.outputs = contraction->outputChannels();
    auto conv = dyn_cast<ConvOp>(op);
    layer.groups = conv ? conv.getGroup() : 1;
    layer.inputsPerGroup = contraction->inputChannels / layer.groups;
    layer.magnitudes.resize(layer.outputs * layer.inputsPerGroup);
    for (auto [i, weight] : llvm::enumerate(contraction->weights)) {
      int64_t place = contraction->outputChannel(i) * layer.inputsPerGroup +
                      contraction->inputChannel(i) % layer.inputsPerGroup;
      layer.magnitudes[place] = std::max(layer.magnitudes[place], std::fabs(weight));
    }
    contractions.push_back(std::move(*contraction));
    return layer;
  }

  void write(IRRewriter &rewriter, ArrayRef<EqualizedLink> links, ArrayRef<Channels> channels) {
    SmallVector<const EqualizedLink *> incoming(contractions.size()), outgoing(contractions.size());
    for (const EqualizedLink &link : links) {
      outgoing[link.producer] = &link;
      for (unsigned consumer : link.consumers)
        incoming[consumer] = &link;
    }
    for (auto [i, contraction] : llvm::enumerate(contractions)) {
      const EqualizedLink *in = incoming[i], *out = outgoing[i];
      if (!in && !out)
        continue;
      for (auto [k, weight] : llvm::enumerate(contraction.weights)) {
        double scaled = weight;
        if (in)
          scaled *= in->factors[contraction.inputChannel(k)];
        if (out)
          scaled /= out->factors[contraction.outputChannel(k)];
        weight = static_cast<float>(scaled);
      }
      SmallVector<double> bias;
      if (contraction.bias)
        for (auto [c, value] : llvm::enumerate(*contraction.bias))
          bias.push_back(value / (out ? out->factors[c] : 1.0));
      contraction.write(rewriter, bias);
      if (out)
        rename(contraction.op);
    }
    for (auto [link, between] : llvm::zip_equal(links, channels))
      for (Operation *op : between.between) {
        rename(op);
        if (auto clip = dyn_cast<ClipOp>(op))
          scaleBounds(rewriter, clip, contractions[link.producer].resultAxis, link.factors);
      }
  }

  static void rename(Operation *op) {
    op->setLoc(getInnerLocation(op->getLoc(), kEqualizedSuffix));
  }

  /// clip(x, low, high) on x / factor.
  static void scaleBounds(IRRewriter &rewriter, ClipOp clip, int64_t axis,
                          ArrayRef<double> factors) {
    rewriter.setInsertionPoint(clip);
    RankedTensorType type = clip.getX().getType();
    auto getBound = [&](double bound, StringRef name) {
      SmallVector<int64_t> shape(type.getRank(), 1);
      shape[axis] = type.getDimSize(axis);
      SmallVector<float> values;
      for (double factor : factors)
        values.push_back(static_cast<float>(bound / factor));
      return createConstant(rewriter, getInnerLocation(clip.getLoc(), name), shape, values);
    };
    double low = clip.getLow().convertToDouble(), high = clip.getHigh().convertToDouble();
    Value y = clip.getX();
    bool isBounded = std::isfinite(high) && high < std::numeric_limits<float>::max();
    Location inner = isBounded ? getInnerLocation(clip.getLoc(), "low") : clip.getLoc();
    if (low == 0)
      y = ReluOp::create(rewriter, inner, type, y);
    else if (std::isfinite(low) && low > -std::numeric_limits<float>::max())
      y = MaxOp::create(rewriter, inner, type, y, getBound(low, "low bounds"));
    if (isBounded)
      y = MinOp::create(rewriter, clip.getLoc(), type, y, getBound(high, "high bounds"));
    rewriter.replaceOp(clip, y);
  }

  std::vector<Contraction> contractions; ///< by layer
};

struct EqualizeLayers : impl::EqualizeLayersBase<EqualizeLayers> {
  void runOnOperation() override { Graph().equalizeLayers(getOperation()); }
};

} // namespace

} // namespace octet

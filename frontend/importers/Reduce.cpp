// Reductions. Those of norms and logarithms are a function of each element, a sum, and a
// function of that.

#include "frontend/Composition.h"
#include "frontend/OpTable.h"

#include <limits>

using namespace mlir;

namespace octet {

namespace {
/// What a node reduces over. No axes at all reduce nothing.
struct Reduction {
  SmallVector<int64_t> axes;
  bool keep;
};
} // namespace

// Axes are an attribute or an input, depending on the opset; none means all, or none where
// the node says so.
static std::optional<Reduction> readReduction(NodeReader &node) {
  RankedTensorType type = node.inputType(0);
  bool keep = node.flag("keepdims", true), noop = node.flag("noop_with_empty_axes", false);
  std::optional<SmallVector<int64_t>> given = node.integers("axes");
  if (node.hasInput(1))
    given = node.constantIntegers(1, "the axes");
  if (!given || node.failed())
    return std::nullopt;
  if (given->empty() && !noop)
    given = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
  auto axes = node.axes(*given, type.getRank());
  if (!axes)
    return std::nullopt;
  return Reduction{*axes, keep};
}

static Value reduce(NodeBuilder &build, ReduceKind kind, Value x, const Reduction &over) {
  return over.axes.empty() ? x : Composition(build).reduce(kind, x, over.axes, over.keep);
}

static void importReduce(NodeReader &node, NodeBuilder &build, ReduceKind kind) {
  auto over = readReduction(node);
  Value x = node.input(0);
  if (over && !node.failed())
    build.setResult(reduce(build, kind, x, *over));
}

#define REDUCE(NAME, KIND)                                                                         \
  void NAME(NodeReader &node, NodeBuilder &build) { importReduce(node, build, ReduceKind::KIND); }
REDUCE(importReduceMax, Max)
REDUCE(importReduceMean, Mean)
REDUCE(importReduceMin, Min)
REDUCE(importReduceProd, Prod)
REDUCE(importReduceSum, Sum)
#undef REDUCE

// `before` is applied to elements, `after` to the sum. With `real`, in f32, to which integers
// are converted, too.
template <typename Before, typename After>
static void importSum(NodeReader &node, NodeBuilder &build, bool real, Before before, After after) {
  auto over = readReduction(node);
  Value x = node.input(0);
  if (!over || node.failed())
    return;
  Composition c(build);
  Type element = node.inputType(0).getElementType();
  if (real)
    x = c.cast(x, Float32Type::get(node.getContext()));
  Value y = after(c, reduce(build, ReduceKind::Sum, before(c, x), *over));
  build.setResult(c.cast(y, element));
}

static Value identity(Composition &, Value x) { return x; }

void importReduceL1(NodeReader &node, NodeBuilder &build) {
  importSum(
      node, build, false, [](Composition &c, Value x) { return c.unary<AbsOp>(x); }, identity);
}
void importReduceL2(NodeReader &node, NodeBuilder &build) {
  importSum(
      node, build, true, [](Composition &c, Value x) { return c.square(x); },
      [](Composition &c, Value sum) { return c.unary<SqrtOp>(sum); });
}
void importReduceLogSum(NodeReader &node, NodeBuilder &build) {
  importSum(node, build, true, identity,
            [](Composition &c, Value sum) { return c.unary<LogOp>(sum); });
}
void importReduceSumSquare(NodeReader &node, NodeBuilder &build) {
  importSum(node, build, false, [](Composition &c, Value x) { return c.square(x); }, identity);
}

// ln(sum(exp(x - m))) + m, m the maximum, so that nothing overflows; a finite m, so that
// infinities have a difference.
void importReduceLogSumExp(NodeReader &node, NodeBuilder &build) {
  auto over = readReduction(node);
  Value x = node.input(0);
  if (!over || node.failed())
    return;
  if (over->axes.empty())
    return build.setResult(x);
  Composition c(build);
  Type element = node.inputType(0).getElementType();
  x = c.cast(x, Float32Type::get(node.getContext()));
  Value highest = c.reduce(ReduceKind::Max, x, over->axes);
  if (highest)
    highest = build.create<ClipOp>(highest, APFloat(std::numeric_limits<float>::lowest()),
                                   APFloat(std::numeric_limits<float>::max()));
  Value sum = c.reduce(ReduceKind::Sum, c.unary<ExpOp>(c.sub(x, highest)), over->axes);
  Value y = c.add(c.unary<LogOp>(sum), highest);
  if (y && !over->keep) {
    SmallVector<int64_t> shape;
    for (auto [i, extent] : llvm::enumerate(node.inputType(0).getShape()))
      if (!llvm::is_contained(over->axes, static_cast<int64_t>(i)))
        shape.push_back(extent);
    y = c.reshape(y, shape);
  }
  build.setResult(c.cast(y, element));
}

} // namespace octet

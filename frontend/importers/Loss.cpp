// Losses of classifiers. What a label picks is the only element that is left of a
// comparison of labels with the classes' numbers: a label that names no class picks 0.

#include "frontend/Composition.h"
#include "frontend/ElementTypes.h"
#include "frontend/OpTable.h"

using namespace mlir;

namespace octet {

namespace {

class Loss {
public:
  Loss(NodeReader &node, NodeBuilder &build) : node(node), build(build), c(build) {
    type = node.inputType(0);
    reduction = node.text("reduction", "mean");
    labels = node.input(1);
    weights = node.optionalInput(2);
    hasIgnored = node.has("ignore_index");
    ignored = node.integer("ignore_index", 0);
    check();
  }

  /// The loss of f32 logarithms of probabilities.
  Value compute(Value logarithms) {
    if (node.failed())
      return {};
    ArrayRef<int64_t> shape = type.getShape();
    SmallVector<int64_t> column(shape), row(shape.size(), 1);
    column[1] = 1;
    row[1] = shape[1];
    Value isPicked = c.compare(ComparePredicate::Equal, c.reshape(labels, column), countTo(row));
    Value picked = pick(isPicked, logarithms);
    Value weight;
    if (weights)
      weight = pick(isPicked, c.reshape(c.cast(weights, getF32()), row));
    if (hasIgnored) {
      Value counts = c.compare(ComparePredicate::NotEqual, labels, c.number(labels, ignored));
      Value one = weight ? weight : build.scalar(getF32(), 1);
      weight = c.select(counts, one, build.scalar(getF32(), 0));
      // What is ignored may be infinite.
      picked = c.select(counts, picked, build.scalar(getF32(), 0));
    }
    Value loss = c.unary<NegOp>(weight ? c.mul(picked, weight) : picked);
    if (reduction == "none")
      return loss;
    if (reduction == "mean" && !weight)
      return total(ReduceKind::Mean, loss);
    Value sum = total(ReduceKind::Sum, loss);
    return reduction == "sum" ? sum : c.div(sum, total(ReduceKind::Sum, weight));
  }

  Type getF32() const { return Float32Type::get(node.getContext()); }
  Type getElement() const { return type.getElementType(); }

private:
  void check() {
    if (node.failed())
      return;
    if (reduction != "none" && reduction != "sum" && reduction != "mean")
      node.error() << "expected reduction none, sum or mean, got '" << reduction << "'";
    auto expected = llvm::to_vector(type.getShape());
    if (type.getRank() >= 2)
      expected.erase(expected.begin() + 1);
    RankedTensorType given = node.inputType(1);
    if (type.getRank() < 2)
      node.error() << "expected scores of rank 2 or more, got " << type;
    else if (given.getShape() != ArrayRef<int64_t>(expected))
      node.error() << "expected labels of shape " << printShape(expected) << ", got " << given;
    else if (!isa<IntegerType>(given.getElementType()))
      node.error() << "expected labels of integers, got "
                   << getElementTypeName(given.getElementType());
    else if (weights && mlir::cast<RankedTensorType>(weights.getType()).getShape() !=
                            ArrayRef<int64_t>{type.getDimSize(1)})
      node.error() << "expected " << type.getDimSize(1) << " weights, got " << weights.getType();
  }

  Value countTo(ArrayRef<int64_t> shape) {
    Type element = node.inputType(1).getElementType();
    if (!build.checkGenerated(shape[1]))
      return {};
    reference::Tensor numbers(RankedTensorType::get(shape, element));
    for (int64_t i = 0; i < numbers.size(); ++i)
      numbers.setInteger(i, i);
    return build.constant(numbers.toAttr("classes"));
  }

  Value pick(Value isPicked, Value values) {
    Value only = c.select(isPicked, values, build.scalar(getF32(), 0));
    return c.reduce(ReduceKind::Sum, only, {1}, /*keep=*/false);
  }

  Value total(ReduceKind kind, Value x) {
    if (!x)
      return x;
    int64_t rank = mlir::cast<RankedTensorType>(x.getType()).getRank();
    return c.reduce(kind, x, llvm::to_vector(llvm::seq<int64_t>(0, rank)), /*keep=*/false);
  }

  NodeReader &node;
  NodeBuilder &build;
  Composition c;
  RankedTensorType type;
  StringRef reduction;
  Value labels, weights;
  bool hasIgnored = false;
  int64_t ignored = 0;
};

} // namespace

void importNegativeLogLikelihoodLoss(NodeReader &node, NodeBuilder &build) {
  Loss loss(node, build);
  Composition c(build);
  Value y = loss.compute(c.cast(node.input(0), loss.getF32()));
  build.setResult(c.cast(y, loss.getElement()));
}

// The second output is the logarithms of probabilities.
void importSoftmaxCrossEntropyLoss(NodeReader &node, NodeBuilder &build) {
  Loss loss(node, build);
  Composition c(build);
  Value scores = node.failed() ? Value() : c.cast(node.input(0), loss.getF32());
  Value logarithms = scores ? build.create<LogSoftmaxOp>(scores, int64_t(1)) : Value();
  Value y = loss.compute(logarithms);
  build.setResults({c.cast(y, loss.getElement()), c.cast(logarithms, loss.getElement())});
}

} // namespace octet

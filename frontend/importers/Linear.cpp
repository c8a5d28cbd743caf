// Matrix multiplication.

#include "dialect/SampleOps.h"
#include "dialect/StoredConstant.h"
#include "frontend/OpTable.h"

using namespace mlir;

namespace octet {

void importMatMul(NodeReader &node, NodeBuilder &build) {
  Value a = node.input(0), b = node.input(1);
  if (a && b)
    build.setResult(build.create<MatMulOp>(a, b, Value()));
}

// alpha * A' * B' + beta * C. Factors go into B and C, constants as a rule, where
// folding removes them; C joins the multiplication if it is a vector over columns.
void importGemm(NodeReader &node, NodeBuilder &build) {
  RankedTensorType ta = node.inputType(0), tb = node.inputType(1);
  Value a = node.input(0), b = node.input(1), c = node.optionalInput(2);
  float alpha = node.number("alpha", 1.0f), beta = node.number("beta", 1.0f);
  bool transA = node.integer("transA", 0) != 0, transB = node.integer("transB", 0) != 0;
  if (node.failed())
    return;
  if (ta.getRank() != 2 || tb.getRank() != 2) {
    node.error() << "expected matrices, got " << ta << " and " << tb;
    return;
  }
  if (transA)
    a = build.transpose(a, {1, 0});
  if (transB)
    b = build.transpose(b, {1, 0});
  if (alpha != 1.0f)
    b = build.create<MulOp>(b, build.scalar(tb.getElementType(), alpha));
  int64_t rows = ta.getDimSize(transA), columns = tb.getDimSize(!transB);
  if (!c || beta == 0.0f)
    return build.setResult(build.create<MatMulOp>(a, b, Value()));
  auto tc = cast<RankedTensorType>(c.getType());
  bool isConstant = isConstantOrStored(c);
  auto broadcast = broadcastShapes(tc.getShape(), {rows, columns});
  if (!broadcast || ArrayRef<int64_t>(*broadcast) != ArrayRef<int64_t>{rows, columns}) {
    node.error() << "expected C to broadcast to [" << rows << ", " << columns << "], got " << tc;
    return;
  }
  if (beta != 1.0f)
    c = build.create<MulOp>(c, build.scalar(tc.getElementType(), beta));
  // A computed bias is no operand of a product.
  bool vector = isConstant && tc.getRank() >= 1 && tc.getShape().back() == columns &&
                tc.getNumElements() == columns;
  if (vector && !node.failed())
    return build.setResult(build.create<MatMulOp>(a, b, build.reshape(c, {columns})));
  Value product = build.create<MatMulOp>(a, b, Value());
  build.setResult(build.create<AddOp>(product, c));
}

// The product of the diagonal of a triangular form.
void importDet(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  Value form = node.failed() ? Value() : build.create<TriangularizeOp>(node.input(0));
  if (!form)
    return;
  int64_t n = type.getShape().back(), count = n ? type.getNumElements() / (n * n) : 0;
  if (count == 0) {
    node.error() << "expected matrices with elements, got " << type;
    return;
  }
  Value diagonal =
      build.create<SliceOp>(build.reshape(form, {count, n * n}), ArrayRef<int64_t>{0, 0},
                            ArrayRef<int64_t>{count, n}, ArrayRef<int64_t>{1, n + 1});
  Value y = build.create<ReduceOp>(diagonal, ReduceKind::Prod, ArrayRef<int64_t>{1},
                                   /*keepdims=*/false);
  build.setResult(y ? build.reshape(y, type.getShape().drop_back(2)) : Value());
}

} // namespace octet

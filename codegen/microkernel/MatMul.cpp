// Matrix multiply: by constants, as a convolution over no window; by a matrix computed
// at run time, with vectors read from its rows as they lie.

#include "codegen/microkernel/Contractions.h"

#include "codegen/microkernel/ImplicitGemm.h"
#include "codegen/microkernel/TilingDecision.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace octet::codegen {

static Value constant(ImplicitLocOpBuilder &b, int64_t value) {
  return arith::ConstantIndexOp::create(b, value);
}

static int64_t getProduct(ArrayRef<int64_t> extents) {
  int64_t product = 1;
  for (int64_t extent : extents)
    product *= extent;
  return product;
}

/// Indices of the place `linear` in row-major order.
static SmallVector<Value> delinearize(ImplicitLocOpBuilder &b, Value linear,
                                      ArrayRef<int64_t> extents) {
  SmallVector<Value> index(extents.size());
  for (int64_t i = static_cast<int64_t>(extents.size()) - 1; i >= 0; --i) {
    if (i == 0 || extents[i] == 1) {
      index[i] = i == 0 ? linear : constant(b, 0);
      continue;
    }
    index[i] = arith::RemUIOp::create(b, linear, constant(b, extents[i]));
    linear = arith::DivUIOp::create(b, linear, constant(b, extents[i]));
  }
  return index;
}

/// Place of the matrix that belongs to `batch` (an index into the broadcast leading
/// dimensions `all`) in an operand with leading dimensions `own`.
static Value getMatrixStart(ImplicitLocOpBuilder &b, ArrayRef<Value> batch, ArrayRef<int64_t> own,
                            int64_t matrix) {
  Value start = constant(b, 0);
  int64_t stride = matrix;
  for (size_t i = 0; i < own.size(); ++i) {
    int64_t extent = own[own.size() - 1 - i];
    if (extent > 1) {
      Value step = arith::MulIOp::create(b, batch[batch.size() - 1 - i], constant(b, stride));
      start = arith::AddIOp::create(b, start, step);
    }
    stride *= extent;
  }
  return start;
}

LogicalResult emitMatMul(KernelBuilder &kernel, MatMulOp op) {
  ImplicitLocOpBuilder &b = kernel.b();
  Buffer a = kernel.getBuffer(op.getA());
  if (getLayout(a.type) || getLayout(kernel.getResultType()))
    return op.emitOpError("expected row-major matrices, got ") << a.type;
  DotOperands operands =
      getDotOperands(a.type.getElementType(), op.getB().getType().getElementType());
  bool quantized = operands == DotOperands::U8S8;
  int64_t dot = getDot(operands);
  auto bType = op.getB().getType();
  // One-dimensional operands gain a dimension that the result lacks.
  bool rowless = a.type.getRank() == 1, columnless = bType.getRank() == 1;
  SmallVector<int64_t> aShape(a.type.getShape()), bShape(bType.getShape());
  if (rowless)
    aShape.insert(aShape.begin(), 1);
  if (columnless)
    bShape.push_back(1);
  int64_t m = aShape[aShape.size() - 2], k = aShape.back(), n = bShape.back();
  ArrayRef<int64_t> aLead = ArrayRef(aShape).drop_back(2), bLead = ArrayRef(bShape).drop_back(2);
  int64_t yRank = op.getY().getType().getRank();

  ImplicitGemm gemm;
  gemm.channels = n;
  gemm.channelDim = columnless ? -1 : yRank - 1;
  gemm.lhs = flatten(b, a.memref);
  gemm.reduction = {{(k + dot - 1) / dot, dot}};
  if (k < dot) {
    gemm.shortWord = k;
  } else if (k % dot) {
    // Read back over the last elements of a row, not into the next one.
    gemm.reduction = {{k / dot, dot}};
    gemm.tail = k - dot;
  }

  // Leading dimensions of the result: rows of the product, or one group for each
  // matrix where b has several.
  auto broadcast = broadcastShapes(aLead, bLead);
  SmallVector<int64_t> lead(*broadcast);
  bool batched = getProduct(bLead) > 1;
  int64_t last = lead.empty() || batched ? 1 : lead.back();
  int64_t rest = batched ? 1 : getProduct(lead) / last;
  gemm.groups = batched ? getProduct(lead) : 1;
  gemm.rows = {rest, last, m};
  gemm.rowStrides = {last * m * k, m * k, k};
  gemm.lhsStart = [&](Value group) {
    if (!batched)
      return Place{constant(b, 0), 0};
    return Place{getMatrixStart(b, delinearize(b, group, lead), aLead, m * k), 0};
  };
  gemm.resultIndex = [&](Value group, ArrayRef<Value> point, Value channel) {
    SmallVector<Value> index;
    if (batched) {
      index = delinearize(b, group, lead);
    } else if (!lead.empty()) {
      index = delinearize(b, point[0], ArrayRef(lead).drop_back());
      index.push_back(point[1]);
    }
    if (!rowless)
      index.push_back(point[2]);
    if (!columnless)
      index.push_back(channel);
    return index;
  };

  std::optional<reference::Tensor> weights;
  if (!batched)
    weights = kernel.getConstant(op.getB());
  if (isa<quant::QuantizedType>(bType.getElementType()) && !weights)
    return op.emitOpError("expected constant weights, got ") << bType;

  int64_t steps = gemm.getSteps();
  WeightShape shape{1, n, steps};
  auto place = [&](int64_t, int64_t channel, int64_t step, int64_t i) -> int64_t {
    int64_t row = step * dot + i;
    if (gemm.tail >= 0 && step == steps - 1) {
      row = gemm.tail + i;
      if (row < (steps - 1) * dot)
        return -1; // counted by the words before
    }
    return row < k ? row * n + channel : -1;
  };
  const Microkernel &row = selectMicrokernel(kernel.getTarget(), operands,
                                             quantized && pairSumsFit(*weights, shape, place));
  gemm.row = &row;
  if (weights)
    return emitPacked(kernel, gemm, op, op.getA(), op.getB(), op.getBias(), *weights, shape, place);

  FailureOr<Tiling> tiling = takeTiling(kernel, gemm);
  if (failed(tiling))
    return failure();
  ChannelBlocks blocks(n, row.lanes, tiling->vectors);
  SmallVector<int64_t> slots;
  for (int64_t group = 0; group < (op.getBias() ? gemm.groups : 0); ++group)
    for (int64_t i = 0; i < blocks.getPadded(); ++i)
      slots.push_back(i < n ? i : -1);
  auto accumulation =
      Accumulation::create(kernel, row, op, op.getA(), op.getB(), op.getBias(), slots, /*sums=*/{});
  if (failed(accumulation))
    return failure();
  gemm.rhs = flatten(b, kernel.getBuffer(op.getB()).memref);
  gemm.rhsStride = n;
  gemm.rhsStart = [&](Value group) -> Value {
    if (!batched)
      return constant(b, 0);
    return getMatrixStart(b, delinearize(b, group, lead), bLead, k * n);
  };
  emitImplicitGemm(kernel, gemm, *tiling, blocks, *accumulation);
  return success();
}

} // namespace octet::codegen

// Ops that hold or move elements. They act on any element type, since they copy
// bytes.

#include "dialect/reference/Evaluations.h"
#include "dialect/reference/Indexing.h"
#include "dialect/reference/QuantRules.h"

using namespace mlir;

namespace octet::reference {

static FailureOr<Tensor> evaluateConstant(ConstantOp op, Operands) {
  return Tensor::fromAttr(op.getValue(), op.getY().getType());
}

static FailureOr<Tensor> evaluateReshape(ReshapeOp op, Operands operands) {
  return operands[0].withType(op.getY().getType());
}

static FailureOr<Tensor> evaluateTranspose(TransposeOp op, Operands operands) {
  SmallVector<int64_t> strides = getStrides(operands[0].getShape()), permuted;
  for (int64_t axis : op.getPermutation())
    permuted.push_back(strides[axis]);
  auto type = op.getY().getType();
  return takeElements(operands[0], type, listIndices(type.getShape(), permuted));
}

static FailureOr<Tensor> evaluateExpand(ExpandOp op, Operands operands) {
  auto type = op.getY().getType();
  return takeElements(
      operands[0], type,
      listIndices(type.getShape(), getBroadcastStrides(operands[0].getShape(), type.getShape())));
}

static FailureOr<Tensor> evaluateSlice(SliceOp op, Operands operands) {
  auto type = op.getY().getType();
  SmallVector<int64_t> strides = getStrides(operands[0].getShape());
  int64_t start = 0;
  for (size_t i = 0; i < strides.size(); ++i) {
    start += op.getOffsets()[i] * strides[i];
    strides[i] *= op.getSteps()[i];
  }
  return takeElements(operands[0], type, listIndices(type.getShape(), strides, start));
}

static FailureOr<Tensor> evaluateConcat(ConcatOp op, Operands operands) {
  Tensor result(op.getY().getType());
  // A row is all that lies behind one index of the dimensions before the axis.
  int64_t rows = countElements(result.getShape().take_front(op.getAxis()));
  char *target = result.bytes().data();
  for (int64_t row = 0; row < rows; ++row)
    for (const Tensor &operand : operands) {
      int64_t bytes = operand.bytes().size() / rows;
      memcpy(target, operand.bytes().data() + row * bytes, bytes);
      target += bytes;
    }
  return result;
}

// The index of `x` that fills index i of the padded dimension; -1 for the
// border.
static int64_t getPadSource(int64_t i, int64_t low, int64_t extent, PadMode mode) {
  int64_t source = i - low;
  if (source >= 0 && source < extent)
    return source;
  switch (mode) {
  case PadMode::Constant:
    return -1;
  case PadMode::Reflect:
    return source < 0 ? -source : 2 * (extent - 1) - source;
  case PadMode::Edge:
    return source < 0 ? 0 : extent - 1;
  }
  llvm_unreachable("unknown pad mode");
}

static FailureOr<Tensor> evaluatePad(PadOp op, Operands operands) {
  const Tensor &x = operands[0];
  auto type = op.getY().getType();
  SmallVector<int64_t> strides = getStrides(x.getShape());
  IndexList from{0};
  if (type.getNumElements() == 0)
    return Tensor(type);
  for (int64_t d = 0; d < type.getRank(); ++d) {
    IndexList finer;
    for (int64_t base : from)
      for (int64_t i = 0; i < type.getDimSize(d); ++i) {
        int64_t source = getPadSource(i, op.getLow()[d], x.getShape()[d], op.getMode());
        finer.push_back(base < 0 || source < 0 ? -1 : base + source * strides[d]);
      }
    from = std::move(finer);
  }
  Tensor result = takeElements(x, type, from);
  if (op.getMode() != PadMode::Constant)
    return result;
  float value = op.getValue().convertToFloat();
  Type element = type.getElementType();
  IndexList channels = listChannels(type);
  for (int64_t i = 0; i < result.size(); ++i) {
    if (from[i] >= 0)
      continue;
    if (auto quantized = dyn_cast<quant::QuantizedType>(element))
      result.setInteger(i, quantize(value, getScale(quantized, channels[i])));
    else if (isa<FloatType>(element))
      result.setFloat(i, value);
    else
      result.setInteger(i, truncateToInteger(value, cast<IntegerType>(element)));
  }
  return result;
}

static FailureOr<Tensor> evaluateGather(GatherOp op, Operands operands) {
  const Tensor &x = operands[0], &indices = operands[1];
  int64_t axis = op.getAxis(), extent = x.getShape()[axis];
  int64_t outer = countElements(x.getShape().take_front(axis));
  int64_t inner = countElements(x.getShape().drop_front(axis + 1));
  IndexList from;
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t k = 0; k < indices.size(); ++k) {
      int64_t index = indices.getInteger(k);
      index = std::clamp<int64_t>(index < 0 ? index + extent : index, 0, extent - 1);
      for (int64_t i = 0; i < inner; ++i)
        from.push_back((o * extent + index) * inner + i);
    }
  return takeElements(x, op.getY().getType(), from);
}

static FailureOr<Tensor> evaluateDepthToSpace(DepthToSpaceOp op, Operands operands) {
  auto type = op.getY().getType();
  int64_t block = op.getBlockSize(), channels = type.getDimSize(1);
  ArrayRef<int64_t> shape = operands[0].getShape();
  SmallVector<int64_t> strides = getStrides(shape);
  int64_t plane = strides[1];
  bool depthFirst = op.getMode() == DepthToSpaceMode::DCR;
  int64_t depth = depthFirst ? plane : plane * block * block;
  int64_t tap = depthFirst ? plane * channels : plane;
  // Row-major [N, C, H, i, W, j] is row-major [N, C, H * block, W * block].
  return takeElements(operands[0], type,
                      listIndices({shape[0], channels, shape[2], block, shape[3], block},
                                  {strides[0], depth, strides[2], tap * block, 1, tap}));
}

void addShapeEvaluations(EvaluationTable &table) {
  table.add<evaluateConstant>();
  table.add<evaluateReshape>();
  table.add<evaluateTranspose>();
  table.add<evaluateExpand>();
  table.add<evaluateSlice>();
  table.add<evaluateConcat>();
  table.add<evaluatePad>();
  table.add<evaluateGather>();
  table.add<evaluateDepthToSpace>();
}

} // namespace octet::reference

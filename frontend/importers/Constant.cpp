// Nodes without inputs, and nodes whose value is known from shapes alone.

#include "frontend/ElementTypes.h"
#include "frontend/OpTable.h"

#include <cmath>

using namespace mlir;

namespace octet {

template <typename T>
static Value makeConstant(NodeBuilder &build, Type element, ArrayRef<T> values, bool scalar) {
  SmallVector<int64_t, 1> shape;
  if (!scalar)
    shape.push_back(values.size());
  reference::Tensor tensor(
      RankedTensorType::get(shape, element),
      ArrayRef<char>(reinterpret_cast<const char *>(values.data()), values.size() * sizeof(T)));
  return build.constant(tensor.toAttr("constant"));
}

void importConstant(NodeReader &node, NodeBuilder &build) {
  Builder types(node.getContext());
  Value result;
  if (onnx::TensorProto *tensor = node.tensor("value")) {
    auto elements = build.load(*tensor);
    if (succeeded(elements))
      result = build.constant(*elements);
  } else if (node.has("value_float")) {
    result = makeConstant<float>(build, types.getF32Type(), {node.number("value_float", 0)}, true);
  } else if (node.has("value_int")) {
    result = makeConstant<int64_t>(build, types.getI64Type(), {node.integer("value_int", 0)}, true);
  } else if (node.has("value_floats")) {
    result = makeConstant<float>(build, types.getF32Type(), node.numbers("value_floats"), false);
  } else if (node.has("value_ints")) {
    result = makeConstant<int64_t>(build, types.getI64Type(), node.integers("value_ints"), false);
  } else {
    node.error() << "expected a value, got none";
  }
  build.setResult(result);
}

void importConstantOfShape(NodeReader &node, NodeBuilder &build) {
  auto shape = node.constantIntegers(0, "the shape");
  LoadedTensor value;
  value.type = RankedTensorType::get({1}, Float32Type::get(node.getContext()));
  value.elements = DenseElementsAttr::get(value.type, 0.0f);
  if (onnx::TensorProto *tensor = node.tensor("value")) {
    auto elements = build.load(*tensor);
    if (failed(elements))
      return;
    value = *elements;
  }
  if (!shape || !build.checkShape(*shape))
    return;
  auto type = RankedTensorType::get(*shape, value.type.getElementType());
  if (!build.checkGenerated(type.getNumElements()))
    return;
  if (value.type.getNumElements() != 1) {
    node.error() << "expected a value of one element, got " << value.type.getNumElements();
    return;
  }
  SmallVector<char> bytes = getRawElements(value.elements);
  auto stored = RankedTensorType::get(*shape, value.elements.getElementType());
  ElementsAttr elements;
  if (stored.getElementType().isInteger(1))
    elements =
        getBlobAttr(type, SmallVector<char>(type.getNumElements(), bytes[0]), node.output(0));
  else if (type.getNumElements() == 0)
    elements = getBlobAttr(type, {}, node.output(0));
  else // A splat: its size costs nothing.
    elements = DenseElementsAttr::getFromRawBuffer(stored, bytes);
  build.setResult(build.constant(LoadedTensor{type, elements}));
}

void importShape(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  int64_t rank = type.getRank();
  int64_t start = node.integer("start", 0), end = node.integer("end", rank);
  if (node.failed())
    return;
  auto clamp = [&](int64_t i) { return std::clamp<int64_t>(i < 0 ? i + rank : i, 0, rank); };
  start = clamp(start);
  end = std::max(clamp(end), start);
  ArrayRef<int64_t> shape = type.getShape().slice(start, end - start);
  auto extent = build.getExtents().lookup(node.input(0));
  if (!extent || extent->axis < start || extent->axis >= end)
    return build.setResult(build.constantIntegers(shape));
  SmallVector<Value> parts;
  for (auto [d, known] : llvm::enumerate(shape))
    parts.push_back(static_cast<int64_t>(d) + start == extent->axis
                        ? build.reshape(extent->count, {1})
                        : build.constantIntegers({known}));
  if (!node.failed())
    build.setResult(build.create<ConcatOp>(parts, 0));
}

void importSize(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  if (node.failed())
    return;
  auto makeNumber = [&](int64_t number) {
    return makeConstant<int64_t>(build, IntegerType::get(node.getContext(), 64), {number}, true);
  };
  auto extent = build.getExtents().lookup(node.input(0));
  if (!extent)
    return build.setResult(makeNumber(type.getNumElements()));
  int64_t others = 1;
  for (auto [d, size] : llvm::enumerate(type.getShape()))
    if (static_cast<int64_t>(d) != extent->axis)
      others *= size;
  build.setResult(build.create<MulOp>(extent->count, makeNumber(others)));
}

// Constant bounds only: the extent of the result depends on them.
void importRange(NodeReader &node, NodeBuilder &build) {
  auto start = node.constant(0, "start"), limit = node.constant(1, "limit"),
       delta = node.constant(2, "delta");
  if (!start || !limit || !delta)
    return;
  Type element = start->getType().getElementType();
  if (start->size() != 1 || limit->size() != 1 || delta->size() != 1 ||
      limit->getType().getElementType() != element ||
      delta->getType().getElementType() != element) {
    node.error() << "expected start, limit and delta to be scalars of one type";
    return;
  }
  constexpr double kMaxCount = 1 << 24;
  bool real = isa<FloatType>(element);
  auto read = [&](const reference::Tensor &tensor) {
    return real ? static_cast<double>(tensor.getFloat(0))
                : static_cast<double>(tensor.getInteger(0));
  };
  double count = std::ceil((read(*limit) - read(*start)) / read(*delta));
  if (!(count <= kMaxCount)) {
    node.error() << "expected a range of at most " << static_cast<int64_t>(kMaxCount)
                 << " elements, got one from " << read(*start) << " to " << read(*limit) << " by "
                 << read(*delta);
    return;
  }
  SmallVector<int64_t, 1> shape{static_cast<int64_t>(std::max(count, 0.0))};
  if (!build.checkGenerated(shape[0]))
    return;
  reference::Tensor result(RankedTensorType::get(shape, element));
  for (int64_t i = 0; i < shape[0]; ++i) {
    if (real)
      result.setFloat(i, static_cast<float>(start->getFloat(0) + i * delta->getFloat(0)));
    else
      result.setInteger(i, static_cast<int64_t>(static_cast<uint64_t>(start->getInteger(0)) +
                                                static_cast<uint64_t>(i) *
                                                    static_cast<uint64_t>(delta->getInteger(0))));
  }
  build.setResult(build.constant(result.toAttr(node.output(0))));
}

} // namespace octet

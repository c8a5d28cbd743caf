// QuantizeLinear and DequantizeLinear, the borders of models that come quantized, and the ops
// on integers, each of which stands for borders around the op that it is named after.

#include "frontend/ElementTypes.h"
#include "frontend/OpTable.h"
#include "frontend/StoredIntegers.h"

#include <cmath>

using namespace mlir;

namespace octet {

// An attribute beside its inputs: blocks of scales and other element types have no integer
// form here.
static void checkBorderAttributes(NodeReader &node) {
  node.expectInteger("block_size", 0);
  node.integer("saturate", 1); // Of 8-bit floats alone.
}

// As the standard says it: a division. Constants are few, so that its cost does not matter.
static reference::Tensor quantizeConstant(const reference::Tensor &x, RankedTensorType type) {
  reference::Tensor result(type);
  auto element = cast<quant::QuantizedType>(type.getElementType());
  auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(element);
  int64_t inner = 1;
  if (perAxis)
    for (int64_t extent : type.getShape().drop_front(perAxis.getQuantizedDimension() + 1))
      inner *= extent;
  for (int64_t i = 0; i < x.size(); ++i) {
    auto uniform = dyn_cast<quant::UniformQuantizedType>(element);
    size_t c = perAxis ? i / inner % perAxis.getScales().size() : 0;
    double scale = perAxis ? perAxis.getScales()[c] : uniform.getScale();
    double zero = perAxis ? perAxis.getZeroPoints()[c] : uniform.getZeroPoint();
    double q = std::nearbyint(x.getFloat(i) / static_cast<float>(scale)) + zero;
    double low = element.getStorageTypeMin(), high = element.getStorageTypeMax();
    result.setInteger(i, std::isnan(q) ? static_cast<int64_t>(low)
                                       : static_cast<int64_t>(std::clamp(q, low, high)));
  }
  return result;
}

void importQuantizeLinear(NodeReader &node, NodeBuilder &build) {
  Value x = node.input(0);
  RankedTensorType type = node.inputType(0);
  EncodingInputs encoding{1, 2, node.integer("axis", 1)};
  checkBorderAttributes(node);
  if (node.integer("precision", 0) != 0)
    node.expectInteger("precision", onnx::TensorProto::FLOAT);
  Type storage = IntegerType::get(node.getContext(), 8, IntegerType::Unsigned);
  int64_t wanted = node.integer("output_dtype", 0);
  if (node.hasInput(2))
    storage = node.inputType(2).getElementType();
  else if (wanted != 0)
    storage =
        getElementType(node.getContext(), static_cast<int>(std::clamp<int64_t>(wanted, -1, 99)));
  if (node.failed())
    return;
  if (!storage) {
    node.error() << "expected integers of int8 or uint8, got "
                 << getDataTypeName(static_cast<int>(std::clamp<int64_t>(wanted, -1, 99)));
    return;
  }
  quant::QuantizedType stored = readQuantizedType(node, storage, type.getShape(), encoding);
  if (!stored)
    return;
  ElementsAttr constant = getConstantValue(x);
  if (constant && type.getElementType().isF32())
    return build.setResult(
        build.storedConstant(quantizeConstant(reference::Tensor::fromAttr(constant, type),
                                              RankedTensorType::get(type.getShape(), stored))));
  if (!isa<quant::UniformQuantizedType>(stored) || stored.getStorageTypeIntegralWidth() != 8) {
    node.error() << "expected one scale and integers of int8 or uint8 for a computed tensor";
    return;
  }
  build.setResult(build.quantize(x, stored));
}

void importDequantizeLinear(NodeReader &node, NodeBuilder &build) {
  checkBorderAttributes(node);
  if (int64_t wanted = node.integer("output_dtype", 0);
      wanted != 0 && wanted != onnx::TensorProto::FLOAT)
    node.error() << "expected a result of float32, got "
                 << getDataTypeName(static_cast<int>(std::clamp<int64_t>(wanted, -1, 99)));
  if (Value x = readReal(node, build, 0, {1, 2, node.integer("axis", 1)}))
    build.setResult(x);
}

// The f32 values of a bias of i32, whose scale is the product of those of the inputs `x` and
// `weights`; null where the node has none.
static Value readBias(NodeReader &node, NodeBuilder &build, unsigned bias, EncodingInputs x,
                      EncodingInputs weights) {
  if (!node.hasInput(bias))
    return {};
  auto integers = node.constant(bias, "the bias");
  auto inputScale = node.constantNumbers(x.scale, "the scale");
  auto weightScales = node.constantNumbers(weights.scale, "the scale");
  if (!integers || !inputScale || !weightScales || node.failed())
    return {};
  MLIRContext *context = node.getContext();
  if (!integers->getType().getElementType().isSignlessInteger(32)) {
    node.error() << "expected a bias of int32, got "
                 << getElementTypeName(integers->getType().getElementType());
    return {};
  }
  SmallVector<double> scales;
  for (float scale : *weightScales)
    scales.push_back(inputScale->front() * scale);
  bool perChannel = scales.size() > 1;
  if (perChannel && (integers->getType().getRank() != 1 ||
                     integers->size() != static_cast<int64_t>(scales.size()))) {
    node.error() << "expected a bias of " << scales.size() << " elements, got "
                 << printShape(integers->getShape());
    return {};
  }
  // A product that leaves the normal numbers has no integer meaning.
  if (!llvm::all_of(scales, [](double s) { return std::isnormal(static_cast<float>(s)); })) {
    node.error() << "expected scales whose product is a normal number";
    return {};
  }
  Type storage = IntegerType::get(context, 32), real = Float32Type::get(context);
  int64_t low = std::numeric_limits<int32_t>::min(), high = std::numeric_limits<int32_t>::max();
  Type element;
  if (perChannel)
    element =
        quant::UniformQuantizedPerAxisType::get(quant::QuantizationFlags::Signed, storage, real,
                                                scales, SmallVector<int64_t>(scales.size(), 0),
                                                /*quantizedDimension=*/0, low, high);
  else
    element = quant::UniformQuantizedType::get(quant::QuantizationFlags::Signed, storage, real,
                                               scales[0], /*zeroPoint=*/0, low, high);
  return build.dequantize(build.storedConstant(
      integers->withType(RankedTensorType::get(integers->getShape(), element))));
}

// Imports the op that works on f32 values, and quantizes its result.
static void importBetweenBorders(NodeReader &node, NodeBuilder &build, ArrayRef<Value> inputs,
                                 quant::UniformQuantizedType result, Importer importer) {
  if (!node.failed())
    node.checkInputs();
  if (node.failed())
    return;
  node.replaceInputs(inputs);
  importer(node, build);
  if (!node.failed() && result)
    build.setResult(build.quantize(build.getResults().front(), result));
}

void importQLinearConv(NodeReader &node, NodeBuilder &build) {
  EncodingInputs x{1, 2}, weights{4, 5, /*axis=*/0};
  SmallVector<Value> inputs{readReal(node, build, 0, x), readReal(node, build, 3, weights),
                            readBias(node, build, 8, x, weights)};
  importBetweenBorders(node, build, inputs, readResultType(node, {6, 7}), importConv);
}

void importQLinearMatMul(NodeReader &node, NodeBuilder &build) {
  // One scale for each row of `a` or column of `b`.
  SmallVector<Value> inputs{readReal(node, build, 0, {1, 2, -2}),
                            readReal(node, build, 3, {4, 5, -1})};
  importBetweenBorders(node, build, inputs, readResultType(node, {6, 7}), importMatMul);
}

void importQGemm(NodeReader &node, NodeBuilder &build) {
  bool transposed = node.integer("transB", 0) != 0;
  EncodingInputs a{1, 2}, b{4, 5, transposed ? 0 : 1};
  if (float alpha = node.number("alpha", 1.0f); alpha != 1.0f)
    node.error() << "expected attribute 'alpha' to be 1, got " << alpha
                 << ", which is not supported";
  SmallVector<Value> inputs{readReal(node, build, 0, a), readReal(node, build, 3, b),
                            readBias(node, build, 6, a, b)};
  quant::UniformQuantizedType result;
  if (node.hasInput(7))
    result = readResultType(node, {7, 8});
  importBetweenBorders(node, build, inputs, result, importGemm);
}

static void importBinary(NodeReader &node, NodeBuilder &build, Importer importer) {
  SmallVector<Value> inputs{readReal(node, build, 0, {1, 2}), readReal(node, build, 3, {4, 5})};
  importBetweenBorders(node, build, inputs, readResultType(node, {6, 7}), importer);
}

void importQLinearAdd(NodeReader &node, NodeBuilder &build) {
  importBinary(node, build, importAdd);
}
void importQLinearMul(NodeReader &node, NodeBuilder &build) {
  importBinary(node, build, importMul);
}

void importQLinearWhere(NodeReader &node, NodeBuilder &build) {
  SmallVector<Value> inputs{node.input(0), readReal(node, build, 1, {2, 3}),
                            readReal(node, build, 4, {5, 6})};
  importBetweenBorders(node, build, inputs, readResultType(node, {7, 8}), importWhere);
}

static void importUnary(NodeReader &node, NodeBuilder &build, Importer importer) {
  Value x = readReal(node, build, 0, {1, 2});
  importBetweenBorders(node, build, {x}, readResultType(node, {3, 4}), importer);
}

void importQLinearAveragePool(NodeReader &node, NodeBuilder &build) {
  node.expectInteger("channels_last", 0);
  importUnary(node, build, importAveragePool);
}
void importQLinearGlobalAveragePool(NodeReader &node, NodeBuilder &build) {
  node.expectInteger("channels_last", 0);
  importUnary(node, build, importGlobalAveragePool);
}
void importQLinearLeakyRelu(NodeReader &node, NodeBuilder &build) {
  importUnary(node, build, importLeakyRelu);
}
void importQLinearReduceMean(NodeReader &node, NodeBuilder &build) {
  importUnary(node, build, importReduceMean);
}
void importQLinearSigmoid(NodeReader &node, NodeBuilder &build) {
  importUnary(node, build, importSigmoid);
}
void importQLinearSoftmax(NodeReader &node, NodeBuilder &build) {
  constexpr int64_t kOneAxis = 13; // Since this opset, the axis is the only one.
  bool coerced = node.requiredInteger("opset") < kOneAxis;
  importUnary(node, build, coerced ? importSoftmaxCoerced : importSoftmax);
}

// Scale and zero point of the result, then three inputs for each operand.
void importQLinearConcat(NodeReader &node, NodeBuilder &build) {
  quant::UniformQuantizedType result = readResultType(node, {0, 1});
  SmallVector<Value> inputs;
  for (unsigned i = 2; i < node.getNumInputs(); i += 3)
    inputs.push_back(readReal(node, build, i, {i + 1, i + 2}));
  importBetweenBorders(node, build, inputs, result, importConcat);
}

} // namespace octet

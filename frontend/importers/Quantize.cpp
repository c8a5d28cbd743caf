// QuantizeLinear and DequantizeLinear, the borders of models that come quantized, and the ops
// on integers, each of which stands for borders around the op that it is named after.

#include "frontend/ElementTypes.h"
#include "frontend/OpTable.h"
#include "frontend/StoredIntegers.h"

#include <cmath>

using namespace mlir;

namespace octet {

static EncodingInputs readEncoding(NodeReader &node) {
  node.integer("saturate", 1); // Of 8-bit floats alone.
  return {1, 2, node.integer("axis", 1), node.integer("block_size", 0)};
}

// A TensorProto.DataType; nullopt where the attribute is 0.
static std::optional<int> readDataType(NodeReader &node, StringRef name) {
  int64_t dataType = node.integer(name, 0);
  if (dataType == 0)
    return std::nullopt;
  return static_cast<int>(std::clamp<int64_t>(dataType, -1, 99));
}

// Float32, float16 or bfloat16; null where the attribute is 0.
static Type readFloatType(NodeReader &node, StringRef name) {
  auto dataType = readDataType(node, name);
  if (!dataType)
    return {};
  Type type = getElementType(node.getContext(), *dataType);
  if (!isa_and_nonnull<FloatType>(type) || type.isF64())
    node.error() << "expected float32, float16 or bfloat16 as attribute '" << name << "', got "
                 << getDataTypeName(*dataType);
  return type;
}

void importQuantizeLinear(NodeReader &node, NodeBuilder &build) {
  EncodingInputs encoding = readEncoding(node);
  // What is asked for at least: the quotient is f32 in any case.
  readFloatType(node, "precision");
  Type numbers;
  if (node.hasInput(encoding.zeroPoint))
    numbers = getNumbersType(node.inputType(encoding.zeroPoint).getElementType());
  if (auto dataType = readDataType(node, "output_dtype")) {
    Type wanted = getStoredElementType(node.getContext(), *dataType);
    if (!wanted)
      node.error() << "expected integers of 16 bits or less, got " << getDataTypeName(*dataType);
    else if (numbers && wanted != numbers)
      node.error() << "expected attribute 'output_dtype' to be the type of the zero point, "
                   << getElementTypeName(numbers) << ", got " << getDataTypeName(*dataType);
    numbers = wanted;
  }
  if (!numbers)
    numbers = IntegerType::get(node.getContext(), 8, IntegerType::Unsigned);
  if (!node.failed())
    build.setResult(readQuantized(node, build, 0, numbers, encoding));
}

void importDequantizeLinear(NodeReader &node, NodeBuilder &build) {
  EncodingInputs encoding = readEncoding(node);
  Type wanted = readFloatType(node, "output_dtype");
  Value real = readReal(node, build, 0, encoding);
  if (node.failed())
    return;
  if (!wanted)
    wanted = node.inputType(encoding.scale).getElementType();
  build.setResult(build.cast(real, wanted));
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

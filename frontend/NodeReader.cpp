#include "frontend/NodeReader.h"

#include "dialect/Octet.h"
#include "frontend/ElementTypes.h"

using namespace mlir;

namespace octet {

// Shapes, axes, scales: nothing that an op needs to know now is longer.
static constexpr int64_t kMaxConstant = 1 << 16;
// Of attributes of one node.
static constexpr int kMaxReports = 8;

NodeReader::NodeReader(onnx::NodeProto &proto, Location loc, int64_t opset, ArrayRef<Value> inputs)
    : proto(proto), loc(loc), opset(opset) {
  replaceInputs(inputs);
}

void NodeReader::replaceInputs(ArrayRef<Value> values) {
  inputs.assign(values.begin(), values.end());
  while (!inputs.empty() && !inputs.back())
    inputs.pop_back();
  asked.assign(inputs.size(), false);
}

InFlightDiagnostic NodeReader::error() {
  broken = true;
  return emitError(loc);
}

bool NodeReader::has(StringRef name) const {
  return llvm::any_of(proto.attribute(), [&](const onnx::AttributeProto &attribute) {
    return attribute.name() == name;
  });
}

onnx::AttributeProto *NodeReader::find(StringRef name, onnx::AttributeProto::AttributeType type,
                                       StringRef typeName) {
  for (onnx::AttributeProto &attribute : *proto.mutable_attribute()) {
    if (attribute.name() != name)
      continue;
    // Writers of the first IR versions left the type out.
    if (attribute.type() == type || (!attribute.has_type() && !attribute.has_ref_attr_name()))
      return &attribute;
    error() << "expected " << typeName << " as attribute '" << name << "', got another type";
    return nullptr;
  }
  return nullptr;
}

int64_t NodeReader::integer(StringRef name, int64_t fallback) {
  auto *attribute = find(name, onnx::AttributeProto::INT, "an integer");
  return attribute ? attribute->i() : fallback;
}

int64_t NodeReader::requiredInteger(StringRef name) {
  if (!has(name))
    error() << "expected an attribute '" << name << "', got none";
  return integer(name, 0);
}

bool NodeReader::flag(StringRef name, bool fallback) {
  int64_t value = integer(name, fallback);
  if (value != 0 && value != 1)
    error() << "expected 0 or 1 as attribute '" << name << "', got " << value;
  return value != 0;
}

float NodeReader::number(StringRef name, float fallback) {
  auto *attribute = find(name, onnx::AttributeProto::FLOAT, "a number");
  return attribute ? attribute->f() : fallback;
}

StringRef NodeReader::text(StringRef name, StringRef fallback) {
  auto *attribute = find(name, onnx::AttributeProto::STRING, "a string");
  return attribute ? StringRef(attribute->s()) : fallback;
}

SmallVector<int64_t> NodeReader::integers(StringRef name, ArrayRef<int64_t> fallback) {
  auto *attribute = find(name, onnx::AttributeProto::INTS, "integers");
  if (!attribute)
    return SmallVector<int64_t>(fallback);
  return SmallVector<int64_t>(attribute->ints().begin(), attribute->ints().end());
}

SmallVector<float> NodeReader::numbers(StringRef name) {
  auto *attribute = find(name, onnx::AttributeProto::FLOATS, "numbers");
  if (!attribute)
    return {};
  return SmallVector<float>(attribute->floats().begin(), attribute->floats().end());
}

SmallVector<StringRef> NodeReader::texts(StringRef name) {
  auto *attribute = find(name, onnx::AttributeProto::STRINGS, "strings");
  if (!attribute)
    return {};
  return SmallVector<StringRef>(attribute->strings().begin(), attribute->strings().end());
}

onnx::TensorProto *NodeReader::tensor(StringRef name) {
  auto *attribute = find(name, onnx::AttributeProto::TENSOR, "a tensor");
  return attribute ? attribute->mutable_t() : nullptr;
}

onnx::GraphProto *NodeReader::graph(StringRef name) {
  if (!has(name))
    error() << "expected an attribute '" << name << "', got none";
  auto *attribute = find(name, onnx::AttributeProto::GRAPH, "a graph");
  return attribute ? attribute->mutable_g() : nullptr;
}

void NodeReader::expectInteger(StringRef name, int64_t only) {
  if (int64_t value = integer(name, only); value != only)
    error() << "expected attribute '" << name << "' to be " << only << ", got " << value
            << ", which is not supported";
}

void NodeReader::expectText(StringRef name, StringRef only) {
  if (StringRef value = text(name, only); value != only)
    error() << "expected attribute '" << name << "' to be '" << only << "', got '" << value
            << "', which is not supported";
}

void NodeReader::checkAttributes(StringRef known) {
  SmallVector<StringRef> names;
  known.split(names, ' ', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  llvm::StringSet<> seen;
  int reports = 0;
  for (const onnx::AttributeProto &attribute : proto.attribute()) {
    bool repeated = !seen.insert(attribute.name()).second;
    if (!repeated && llvm::is_contained(names, attribute.name()))
      continue;
    if (repeated)
      error() << "expected one attribute '" << attribute.name() << "', got several";
    else
      error() << "attribute '" << attribute.name() << "' is not supported in opset " << opset;
    if (++reports == kMaxReports)
      return;
  }
}

Value NodeReader::optionalInput(unsigned i) {
  if (i >= inputs.size())
    return {};
  asked[i] = true;
  return inputs[i];
}

Value NodeReader::input(unsigned i) {
  Value value = optionalInput(i);
  if (!value)
    error() << "expected an input " << i << ", got none";
  return value;
}

SmallVector<Value> NodeReader::allInputs() {
  SmallVector<Value> values;
  for (unsigned i = 0; i < inputs.size(); ++i)
    values.push_back(input(i));
  if (values.empty())
    error() << "expected inputs, got none";
  return values;
}

RankedTensorType NodeReader::inputType(unsigned i) {
  if (Value value = input(i))
    return cast<RankedTensorType>(value.getType());
  return RankedTensorType::get({}, Float32Type::get(getContext()));
}

std::optional<reference::Tensor> NodeReader::constant(unsigned i, StringRef what) {
  Value value = input(i);
  if (!value)
    return std::nullopt;
  auto type = cast<RankedTensorType>(value.getType());
  ElementsAttr elements = getConstantValue(value);
  if (!elements) {
    error() << "expected " << what << " to be constant, got a computed tensor";
    return std::nullopt;
  }
  if (type.getNumElements() > kMaxConstant) {
    error() << "expected at most " << kMaxConstant << " elements of " << what << ", got "
            << type.getNumElements();
    return std::nullopt;
  }
  return reference::Tensor::fromAttr(elements, type);
}

std::optional<SmallVector<int64_t>> NodeReader::constantIntegers(unsigned i, StringRef what) {
  auto tensor = constant(i, what);
  if (!tensor)
    return std::nullopt;
  if (!isa<IntegerType>(tensor->getType().getElementType()) || tensor->getType().getRank() > 1) {
    error() << "expected " << what << " to be integers in one dimension, got " << tensor->getType();
    return std::nullopt;
  }
  SmallVector<int64_t> values;
  for (int64_t k = 0; k < tensor->size(); ++k)
    values.push_back(tensor->getInteger(k));
  return values;
}

std::optional<SmallVector<float>> NodeReader::constantNumbers(unsigned i, StringRef what) {
  auto tensor = constant(i, what);
  if (!tensor)
    return std::nullopt;
  bool integral = !isa<FloatType>(tensor->getType().getElementType());
  SmallVector<float> values;
  for (int64_t k = 0; k < tensor->size(); ++k)
    values.push_back(integral ? static_cast<float>(tensor->getInteger(k)) : tensor->getFloat(k));
  return values;
}

void NodeReader::checkInputs() {
  for (unsigned i = 0; i < inputs.size(); ++i)
    if (inputs[i] && !asked[i]) {
      error() << "input " << i << " is not supported in opset " << opset;
      return;
    }
}

std::optional<int64_t> NodeReader::axis(int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank) {
    error() << "expected an axis of " << -rank << " to " << rank - 1 << ", got " << axis;
    return std::nullopt;
  }
  return axis < 0 ? axis + rank : axis;
}

std::optional<SmallVector<int64_t>> NodeReader::axes(ArrayRef<int64_t> axes, int64_t rank) {
  SmallVector<int64_t> result;
  for (int64_t value : axes) {
    auto normal = axis(value, rank);
    if (!normal)
      return std::nullopt;
    result.push_back(*normal);
  }
  llvm::sort(result);
  if (std::adjacent_find(result.begin(), result.end()) != result.end()) {
    error() << "expected each axis once, got " << printShape(axes);
    return std::nullopt;
  }
  return result;
}

} // namespace octet

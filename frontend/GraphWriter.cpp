#include "frontend/GraphWriter.h"

#include "frontend/ElementTypes.h"

using namespace mlir;

namespace octet {

int getDataType(Type type) {
  for (int dataType = 1; dataType <= onnx::TensorProto::BFLOAT16; ++dataType)
    if (getElementType(type.getContext(), dataType) == type)
      return dataType;
  return onnx::TensorProto::UNDEFINED;
}

std::string GraphWriter::takeName(StringRef wanted) {
  std::string name = wanted.empty() ? "tensor" : wanted.str();
  for (int number = 1; !taken.insert(name).second; ++number)
    name = (wanted + "_" + Twine(number)).str();
  return name;
}

std::string GraphWriter::addNode(StringRef op, ArrayRef<std::string> inputs, StringRef output) {
  onnx::NodeProto &node = *graph.add_node();
  node.set_op_type(op.str());
  for (const std::string &input : inputs)
    node.add_input(input);
  node.add_output(takeName(output));
  node.set_name(node.output(0));
  return node.output(0);
}

onnx::AttributeProto &GraphWriter::addAttribute(StringRef name,
                                                onnx::AttributeProto::AttributeType type) {
  onnx::AttributeProto &attribute = *getNode().add_attribute();
  attribute.set_name(name.str());
  attribute.set_type(type);
  return attribute;
}

void GraphWriter::setInteger(StringRef name, int64_t value) {
  addAttribute(name, onnx::AttributeProto::INT).set_i(value);
}

void GraphWriter::setIntegers(StringRef name, ArrayRef<int64_t> values) {
  onnx::AttributeProto &attribute = addAttribute(name, onnx::AttributeProto::INTS);
  for (int64_t value : values)
    attribute.add_ints(value);
}

void GraphWriter::setNumber(StringRef name, float value) {
  addAttribute(name, onnx::AttributeProto::FLOAT).set_f(value);
}

void GraphWriter::setText(StringRef name, StringRef value) {
  addAttribute(name, onnx::AttributeProto::STRING).set_s(value.str());
}

std::string GraphWriter::addTensor(StringRef name, const reference::Tensor &tensor, int dataType) {
  onnx::TensorProto &proto = *graph.add_initializer();
  proto.set_name(takeName(name));
  proto.set_data_type(dataType);
  for (int64_t extent : tensor.getShape())
    proto.add_dims(extent);
  proto.set_raw_data(tensor.bytes().data(), tensor.bytes().size());
  return proto.name();
}

std::string GraphWriter::addIntegers(StringRef name, ArrayRef<int64_t> values) {
  onnx::TensorProto &proto = *graph.add_initializer();
  proto.set_name(takeName(name));
  proto.set_data_type(onnx::TensorProto::INT64);
  proto.add_dims(values.size());
  proto.set_raw_data(values.data(), values.size() * sizeof(int64_t));
  return proto.name();
}

std::string GraphWriter::addNumber(StringRef name, float value) {
  onnx::TensorProto &proto = *graph.add_initializer();
  proto.set_name(takeName(name));
  proto.set_data_type(onnx::TensorProto::FLOAT);
  proto.set_raw_data(&value, sizeof(value));
  return proto.name();
}

void GraphWriter::rename(StringRef from, StringRef to) {
  auto known = renamed.find(from);
  bool isOutput = llvm::any_of(graph.node(),
                               [&](const onnx::NodeProto &node) { return node.output(0) == from; });
  if (known != renamed.end() || !isOutput) {
    onnx::NodeProto &node = *graph.add_node();
    node.set_op_type("Identity");
    node.add_input(known == renamed.end() ? from.str() : known->second);
    node.add_output(to.str());
    node.set_name(to.str());
    return;
  }
  renamed[from] = to.str();
  for (onnx::NodeProto &node : *graph.mutable_node()) {
    if (node.output(0) == from)
      node.set_output(0, to.str());
    for (std::string &input : *node.mutable_input())
      if (input == from)
        input = to.str();
  }
}

} // namespace octet

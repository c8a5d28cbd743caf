#include "tests/fuzz/ModelMutator.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringRef.h"

#include <cmath>
#include <limits>

namespace octet::test {

// Those of attributes, of a row.
static llvm::SmallVector<std::string> getAttributes(const OpRow &row) {
  llvm::SmallVector<std::string> names;
  for (llvm::StringRef name : llvm::split(row.attributes, ' '))
    if (!name.empty())
      names.push_back(name.str());
  return names;
}

int64_t ModelMutator::range(int64_t low, int64_t high) {
  return low + static_cast<int64_t>(random() % static_cast<uint64_t>(high - low + 1));
}

const OpRow &ModelMutator::pickRow() {
  llvm::ArrayRef<OpRow> rows = getOpRows();
  return rows[range(0, static_cast<int64_t>(rows.size()) - 1)];
}

bool ModelMutator::chance(int percent) { return range(0, 99) < percent; }

int64_t ModelMutator::pickInteger() {
  static constexpr int64_t kOdd[] = {-1,
                                     0,
                                     1,
                                     7,
                                     16,
                                     63,
                                     127,
                                     255,
                                     4097,
                                     65537,
                                     (int64_t(1) << 31) - 1,
                                     int64_t(1) << 31,
                                     int64_t(1) << 32,
                                     int64_t(1) << 62,
                                     std::numeric_limits<int64_t>::max(),
                                     std::numeric_limits<int64_t>::min()};
  if (chance(75))
    return range(-2, 8);
  return kOdd[range(0, static_cast<int64_t>(std::size(kOdd)) - 1)];
}

float ModelMutator::pickFloat() {
  static constexpr float kOdd[] = {0.0f,  -0.0f,  1.0f,     -1.0f,     1e-45f,
                                   1e38f, -1e38f, INFINITY, -INFINITY, NAN};
  if (chance(70))
    return static_cast<float>(range(-64, 64)) / 16;
  return kOdd[range(0, static_cast<int64_t>(std::size(kOdd)) - 1)];
}

std::string ModelMutator::pickTensor(const onnx::GraphProto &graph) {
  int inputs = graph.input_size(), constants = graph.initializer_size(), nodes = graph.node_size();
  for (int attempt = 0; attempt < 8 && inputs + constants + nodes > 0; ++attempt) {
    int i = static_cast<int>(range(0, inputs + constants + nodes - 1));
    if (i < inputs)
      return graph.input(i).name();
    i -= inputs;
    if (i < constants)
      return graph.initializer(i).name();
    const onnx::NodeProto &node = graph.node(i - constants);
    if (node.output_size())
      return node.output(static_cast<int>(range(0, node.output_size() - 1)));
  }
  return "";
}

onnx::NodeProto *ModelMutator::pickNode(onnx::GraphProto &graph) {
  if (!graph.node_size())
    return nullptr;
  return graph.mutable_node(static_cast<int>(range(0, graph.node_size() - 1)));
}

void ModelMutator::addNode(onnx::ModelProto &model) {
  onnx::GraphProto &graph = *model.mutable_graph();
  const OpRow &row = pickRow();
  std::vector<std::string> inputs;
  for (int64_t i = range(1, 4); i > 0; --i)
    inputs.push_back(pickTensor(graph));
  // In front of a graph output, so that the node is live.
  std::string result = "m" + std::to_string(random());
  onnx::NodeProto &node = *graph.add_node();
  node.set_op_type(row.op.str());
  node.set_domain(row.domain.str());
  for (const std::string &input : inputs)
    node.add_input(input);
  for (const std::string &name : getAttributes(row))
    if (chance(50)) {
      onnx::AttributeProto &attribute = *node.add_attribute();
      attribute.set_name(name);
      fillAttribute(attribute);
    }
  onnx::NodeProto *user = pickNode(graph);
  if (user != &node && user->input_size() && chance(60))
    user->set_input(static_cast<int>(range(0, user->input_size() - 1)), result);
  else if (graph.output_size() && chance(50))
    graph.mutable_output(0)->set_name(result);
  else
    graph.add_output()->set_name(result);
  node.add_output(result);
  if (row.domain.empty() || llvm::any_of(model.opset_import(), [&](const auto &set) {
        return row.domain == set.domain();
      }))
    return;
  onnx::OperatorSetIdProto &set = *model.add_opset_import();
  set.set_domain(row.domain.str());
  set.set_version(1);
}

void ModelMutator::removeNode(onnx::GraphProto &graph) {
  if (graph.node_size() > 1)
    graph.mutable_node()->DeleteSubrange(static_cast<int>(range(0, graph.node_size() - 1)), 1);
}

void ModelMutator::rewire(onnx::GraphProto &graph) {
  onnx::NodeProto *node = pickNode(graph);
  if (!node)
    return;
  if (node->input_size() && chance(70))
    node->set_input(static_cast<int>(range(0, node->input_size() - 1)), pickTensor(graph));
  else if (node->input_size() > 1 && chance(50))
    node->mutable_input()->RemoveLast();
  else
    node->add_input(chance(15) ? "" : pickTensor(graph));
}

void ModelMutator::changeOp(onnx::GraphProto &graph) {
  if (onnx::NodeProto *node = pickNode(graph)) {
    const OpRow &row = pickRow();
    node->set_op_type(row.op.str());
    node->set_domain(row.domain.str());
    if (chance(50))
      node->clear_attribute();
  }
}

void ModelMutator::fillAttribute(onnx::AttributeProto &attribute) {
  static constexpr const char *kTexts[] = {
      "SAME_UPPER", "SAME_LOWER", "VALID",   "NOTSET",        "constant", "reflect", "edge",
      "wrap",       "linear",     "nearest", "cubic",         "DCR",      "CRD",     "asymmetric",
      "half_pixel", "floor",      "ceil",    "align_corners", "bilinear", "none",    "tanh"};
  std::string name = attribute.name();
  attribute.Clear();
  attribute.set_name(name);
  switch (range(0, 5)) {
  case 0:
  case 1:
    attribute.set_type(onnx::AttributeProto::INT);
    attribute.set_i(pickInteger());
    break;
  case 2:
    attribute.set_type(onnx::AttributeProto::INTS);
    for (int64_t i = range(0, 6); i > 0; --i)
      attribute.add_ints(pickInteger());
    break;
  case 3:
    attribute.set_type(onnx::AttributeProto::FLOAT);
    attribute.set_f(pickFloat());
    break;
  case 4:
    attribute.set_type(onnx::AttributeProto::STRING);
    attribute.set_s(kTexts[range(0, static_cast<int64_t>(std::size(kTexts)) - 1)]);
    break;
  case 5:
    attribute.set_type(onnx::AttributeProto::TENSOR);
    fillTensor(*attribute.mutable_t());
    break;
  }
}

void ModelMutator::changeAttribute(onnx::GraphProto &graph) {
  onnx::NodeProto *node = pickNode(graph);
  if (!node)
    return;
  if (node->attribute_size() && chance(75)) {
    auto &attribute =
        *node->mutable_attribute(static_cast<int>(range(0, node->attribute_size() - 1)));
    if (attribute.ints_size() && chance(60))
      attribute.set_ints(static_cast<int>(range(0, attribute.ints_size() - 1)), pickInteger());
    else if (attribute.type() == onnx::AttributeProto::INT && chance(70))
      attribute.set_i(pickInteger());
    else if (attribute.has_t() && chance(70))
      changeTensor(*attribute.mutable_t());
    else
      fillAttribute(attribute);
    return;
  }
  for (const OpRow &row : getOpRows())
    if (row.op == node->op_type() && !row.attributes.empty() && chance(60)) {
      auto names = getAttributes(row);
      onnx::AttributeProto &attribute = *node->add_attribute();
      attribute.set_name(names[range(0, static_cast<int64_t>(names.size()) - 1)]);
      return fillAttribute(attribute);
    }
}

void ModelMutator::fillTensor(onnx::TensorProto &tensor) {
  static constexpr int kTypes[] = {1, 1, 1, 2, 3, 6, 7, 7, 7, 9, 10, 11, 13, 16};
  std::string name = tensor.name();
  tensor.Clear();
  tensor.set_name(name);
  int type = kTypes[range(0, static_cast<int64_t>(std::size(kTypes)) - 1)];
  tensor.set_data_type(type);
  int64_t count = 1;
  for (int64_t i = range(0, 4); i > 0; --i) {
    int64_t extent = range(chance(5) ? 0 : 1, count > 64 ? 1 : 5);
    tensor.add_dims(extent);
    count *= extent;
  }
  for (int64_t i = 0; i < count; ++i)
    if (type == onnx::TensorProto::FLOAT)
      tensor.add_float_data(pickFloat());
    else if (type == onnx::TensorProto::DOUBLE)
      tensor.add_double_data(pickFloat());
    else if (type == onnx::TensorProto::INT64)
      tensor.add_int64_data(pickInteger());
    else if (type == onnx::TensorProto::UINT64)
      tensor.add_uint64_data(pickInteger());
    else
      tensor.add_int32_data(static_cast<int32_t>(pickInteger()));
}

void ModelMutator::changeTensor(onnx::TensorProto &tensor) {
  if (tensor.dims_size() && chance(25))
    tensor.set_dims(static_cast<int>(range(0, tensor.dims_size() - 1)), pickInteger());
  else if (tensor.int64_data_size() && chance(70))
    tensor.set_int64_data(static_cast<int>(range(0, tensor.int64_data_size() - 1)), pickInteger());
  else if (tensor.raw_data().size() >= 8 && tensor.data_type() == onnx::TensorProto::INT64 &&
           chance(70)) {
    int64_t value = pickInteger();
    size_t at = range(0, static_cast<int64_t>(tensor.raw_data().size() / 8) - 1) * 8;
    tensor.mutable_raw_data()->replace(at, 8, reinterpret_cast<const char *>(&value), 8);
  } else if (tensor.raw_data().size() >= 4 && chance(50)) {
    float value = pickFloat();
    size_t at = range(0, static_cast<int64_t>(tensor.raw_data().size() / 4) - 1) * 4;
    tensor.mutable_raw_data()->replace(at, 4, reinterpret_cast<const char *>(&value), 4);
  } else if (chance(30)) {
    tensor.set_data_type(static_cast<int>(range(0, 24)));
  } else {
    fillTensor(tensor);
  }
}

void ModelMutator::addConstant(onnx::GraphProto &graph) {
  onnx::TensorProto &tensor = *graph.add_initializer();
  tensor.set_name("c" + std::to_string(random()));
  fillTensor(tensor);
  onnx::NodeProto *node = pickNode(graph);
  if (node && node->input_size())
    node->set_input(static_cast<int>(range(0, node->input_size() - 1)), tensor.name());
}

void ModelMutator::changeShape(onnx::GraphProto &graph) {
  if (!graph.input_size())
    return;
  onnx::ValueInfoProto &input =
      *graph.mutable_input(static_cast<int>(range(0, graph.input_size() - 1)));
  onnx::TypeProto::Tensor &type = *input.mutable_type()->mutable_tensor_type();
  if (chance(15)) {
    type.set_elem_type(static_cast<int>(range(0, 16)));
    return;
  }
  onnx::TensorShapeProto &shape = *type.mutable_shape();
  if (!shape.dim_size() || chance(10))
    shape.add_dim()->set_dim_value(range(1, 5));
  else if (chance(15))
    shape.mutable_dim()->RemoveLast();
  else
    shape.mutable_dim(static_cast<int>(range(0, shape.dim_size() - 1)))
        ->set_dim_value(chance(85) ? range(1, 9) : pickInteger());
}

namespace {

/// A field of an encoded message: tag and value lie in [begin, end), the value, without its
/// length, in [value, end).
struct Field {
  int type;
  size_t begin, value, end;
};

} // namespace

static std::string encodeVarint(uint64_t value) {
  std::string bytes;
  for (; value >= 128; value >>= 7)
    bytes += static_cast<char>(value | 128);
  return bytes + static_cast<char>(value);
}

static bool readVarint(llvm::StringRef bytes, size_t &at, uint64_t &value) {
  value = 0;
  for (int shift = 0; at < bytes.size() && shift < 64; shift += 7) {
    uint8_t byte = bytes[at++];
    value |= uint64_t(byte & 127) << shift;
    if (byte < 128)
      return true;
  }
  return false;
}

// Empty where the bytes are no message.
static std::vector<Field> readFields(llvm::StringRef bytes) {
  std::vector<Field> fields;
  for (size_t at = 0; at < bytes.size();) {
    Field field{0, at, 0, 0};
    uint64_t tag, length = 0;
    if (!readVarint(bytes, at, tag) || tag >> 3 == 0)
      return {};
    field.type = tag & 7;
    field.value = at;
    bool good = field.type == 0   ? readVarint(bytes, at, length)
                : field.type == 2 ? readVarint(bytes, at, length)
                                  : field.type == 1 || field.type == 5;
    if (!good)
      return {};
    length = field.type == 0 ? 0 : field.type == 1 ? 8 : field.type == 5 ? 4 : length;
    if (length > bytes.size() - at)
      return {};
    if (field.type == 2)
      field.value = at;
    field.end = at += length;
    fields.push_back(field);
  }
  return fields;
}

// Any field, whether importers look at it or not, on the encoded message: the installed schema
// is for protobuf's small runtime, which has no reflection.
std::string ModelMutator::changeAnyField(const std::string &bytes, int depth) {
  std::vector<Field> fields = readFields(bytes);
  if (fields.empty())
    return bytes;
  const Field &field = fields[range(0, static_cast<int64_t>(fields.size()) - 1)];
  std::string before = bytes.substr(0, field.begin), after = bytes.substr(field.end);
  std::string whole = bytes.substr(field.begin, field.end - field.begin);
  std::string value = bytes.substr(field.value, field.end - field.value);
  if (chance(4))
    return before + after;
  if (chance(4))
    return before + whole + whole + after;
  size_t tagEnd = field.begin;
  uint64_t number;
  readVarint(bytes, tagEnd, number);
  std::string tag = bytes.substr(field.begin, tagEnd - field.begin);
  if (field.type == 0)
    return before + tag + encodeVarint(static_cast<uint64_t>(pickInteger())) + after;
  if (field.type != 2) {
    float change = pickFloat();
    value.replace(0, sizeof change, reinterpret_cast<const char *>(&change), sizeof change);
    return before + tag + value + after;
  }
  constexpr int kDeepest = 16;
  if (depth < kDeepest && !readFields(value).empty() && chance(85))
    value = changeAnyField(value, depth + 1);
  else if (value.empty() || chance(20))
    value += static_cast<char>(random());
  else if (chance(20))
    value.resize(value.size() / 2);
  else
    value[range(0, static_cast<int64_t>(value.size()) - 1)] = static_cast<char>(random());
  return before + tag + encodeVarint(value.size()) + value + after;
}

void ModelMutator::mutate(onnx::ModelProto &model) {
  onnx::GraphProto &graph = *model.mutable_graph();
  for (int64_t i = range(1, 4); i > 0; --i)
    switch (range(0, 11)) {
    case 0:
    case 1:
      addNode(model);
      break;
    case 2:
      removeNode(graph);
      break;
    case 3:
      rewire(graph);
      break;
    case 4:
      changeOp(graph);
      break;
    case 5:
    case 6:
      changeAttribute(graph);
      break;
    case 7:
      addConstant(graph);
      break;
    case 8:
      changeShape(graph);
      break;
    case 9:
      if (graph.initializer_size())
        changeTensor(
            *graph.mutable_initializer(static_cast<int>(range(0, graph.initializer_size() - 1))));
      break;
    case 10:
      if (model.opset_import_size() && chance(30))
        model.mutable_opset_import(0)->set_version(range(7, 25));
      break;
    case 11:
      model.ParseFromString(changeAnyField(model.SerializeAsString(), 0));
      break;
    }
}

void ModelMutator::cross(onnx::ModelProto &model, const onnx::ModelProto &other) {
  onnx::GraphProto &graph = *model.mutable_graph();
  std::string prefix = "x" + std::to_string(range(0, 999)) + ".";
  std::string joint = pickTensor(graph);
  auto rename = [&](const std::string &name) { return name.empty() ? name : prefix + name; };
  // Its first input becomes a tensor of this graph.
  std::string first = other.graph().input_size() ? other.graph().input(0).name() : "";
  for (const onnx::ValueInfoProto &input : other.graph().input())
    if (input.name() != first || joint.empty()) {
      *graph.add_input() = input;
      graph.mutable_input(graph.input_size() - 1)->set_name(rename(input.name()));
    }
  for (const onnx::TensorProto &tensor : other.graph().initializer()) {
    *graph.add_initializer() = tensor;
    graph.mutable_initializer(graph.initializer_size() - 1)->set_name(rename(tensor.name()));
  }
  for (const onnx::NodeProto &node : other.graph().node()) {
    onnx::NodeProto &copy = *graph.add_node();
    copy = node;
    for (std::string &input : *copy.mutable_input())
      input = input == first && !joint.empty() ? joint : rename(input);
    for (std::string &output : *copy.mutable_output())
      output = rename(output);
  }
  for (const onnx::ValueInfoProto &output : other.graph().output())
    graph.add_output()->set_name(rename(output.name()));
}

} // namespace octet::test

#include "tests/conformance/StoredCase.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

namespace octet::conformance {

using llvm::StringRef;

static bool readMessage(const std::string &path, google::protobuf::MessageLite &message) {
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, false);
  return file && message.ParseFromArray((*file)->getBufferStart(),
                                        static_cast<int>((*file)->getBufferSize()));
}

static std::vector<std::string> listFolder(StringRef path) {
  std::vector<std::string> names;
  std::error_code error;
  for (llvm::sys::fs::directory_iterator it(path, error), end; it != end && !error;
       it.increment(error))
    names.push_back(it->path());
  llvm::sort(names);
  return names;
}

std::vector<std::string> listCases(StringRef root) {
  std::vector<std::string> cases;
  for (StringRef part : {"node", "pytorch-converted", "pytorch-operator", "simple"})
    for (std::string &folder : listFolder((root + "/" + part).str()))
      if (llvm::sys::fs::exists(folder + "/model.onnx"))
        cases.push_back(std::move(folder));
  return cases;
}

StringRef StoredCase::getName() const { return llvm::sys::path::filename(folder); }

// Tensors are stored under the names that the graph gives them.
static bool readTensors(const std::string &prefix,
                        const google::protobuf::RepeatedPtrField<onnx::ValueInfoProto> &values,
                        const llvm::StringSet<> &skipped, std::vector<onnx::TensorProto> &tensors) {
  int file = 0;
  for (const onnx::ValueInfoProto &value : values) {
    if (skipped.contains(value.name()))
      continue;
    onnx::TensorProto tensor;
    if (!value.type().has_tensor_type() ||
        !readMessage(prefix + std::to_string(file++) + ".pb", tensor))
      return false;
    tensor.set_name(value.name());
    tensors.push_back(std::move(tensor));
  }
  return true;
}

static bool readDataSets(StoredCase &stored) {
  llvm::StringSet<> initializers;
  for (const onnx::TensorProto &tensor : stored.model.graph().initializer())
    initializers.insert(tensor.name());
  for (const std::string &path : listFolder(stored.folder)) {
    if (!llvm::sys::path::filename(path).starts_with("test_data_set_"))
      continue;
    DataSet &data = stored.dataSets.emplace_back();
    if (!readTensors(path + "/input_", stored.model.graph().input(), initializers, data.inputs) ||
        !readTensors(path + "/output_", stored.model.graph().output(), {}, data.outputs))
      return false;
  }
  return !stored.dataSets.empty();
}

std::optional<StoredCase> readCase(StringRef folder, std::string &error) {
  StoredCase stored;
  stored.folder = folder.str();
  if (!readMessage(stored.folder + "/model.onnx", stored.model)) {
    error = "model.onnx does not parse";
    return std::nullopt;
  }
  if (!readDataSets(stored))
    stored.dataSets.clear();
  return stored;
}

static std::string getForeignKind(const onnx::TypeProto &type) {
  if (type.has_tensor_type())
    return type.tensor_type().elem_type() == onnx::TensorProto::STRING ? "strings" : "";
  if (type.has_sequence_type())
    return "sequences";
  if (type.has_map_type())
    return "maps";
  if (type.has_optional_type())
    return "optional values";
  return type.has_sparse_tensor_type() ? "sparse tensors" : "";
}

static std::string getForeignKind(const onnx::GraphProto &graph) {
  for (const auto *values : {&graph.input(), &graph.output(), &graph.value_info()})
    for (const onnx::ValueInfoProto &value : *values)
      if (std::string kind = getForeignKind(value.type()); !kind.empty())
        return kind;
  for (const onnx::NodeProto &node : graph.node()) {
    if (StringRef(node.domain()).contains("training"))
      return "training";
    if (StringRef(node.op_type()).contains("Sequence") && node.op_type() != "ReverseSequence")
      return "sequences";
    if (StringRef(node.op_type()).starts_with("Optional"))
      return "optional values";
    for (const onnx::AttributeProto &attribute : node.attribute())
      if (attribute.has_g())
        if (std::string kind = getForeignKind(attribute.g()); !kind.empty())
          return kind;
  }
  return "";
}

std::string StoredCase::getForeignKind() const {
  return conformance::getForeignKind(model.graph());
}

std::string getGroup(const StoredCase &stored) {
  StringRef folder = stored.folder;
  std::string error;
  if (folder.consume_back("_expanded"))
    if (auto base = readCase(folder, error))
      return getGroup(*base);
  llvm::SetVector<StringRef> ops;
  for (const onnx::NodeProto &node : stored.model.graph().node())
    if (node.op_type() != "Constant" || stored.model.graph().node_size() == 1)
      ops.insert(node.op_type());
  return llvm::join(ops, ", ");
}

} // namespace octet::conformance

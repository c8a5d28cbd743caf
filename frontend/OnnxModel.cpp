#include "frontend/OnnxModel.h"

#include "dialect/Octet.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/stubs/logging.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;

namespace octet {

Location OnnxModel::getLoc(MLIRContext *context) const {
  return FileLineColLoc::get(context, path, 0, 0);
}

Location OnnxModel::getNodeLoc(MLIRContext *context, int index) const {
  const onnx::NodeProto &node = graph().node(index);
  std::string name = node.name().empty() ? "#" + std::to_string(index) : node.name();
  StringRef tensor = name;
  for (const std::string &output : node.output())
    if (!output.empty()) {
      tensor = output;
      break;
    }
  return getOnnxLocation(context, name, tensor, node.op_type());
}

StringRef getDomain(const onnx::NodeProto &node) {
  return node.domain() == "ai.onnx" ? StringRef() : StringRef(node.domain());
}

namespace {

class ModelReader {
public:
  ModelReader(MLIRContext *context, const ImportLimits &limits, OnnxModel &model)
      : context(context), limits(limits), model(model) {}

  LogicalResult run() {
    // Each step relies on what the one before it checked.
    return success(succeeded(parse()) && succeeded(checkVersions()) && succeeded(checkSizes()) &&
                   succeeded(checkNames()) && succeeded(checkReferences()) &&
                   succeeded(sortNodes()));
  }

private:
  InFlightDiagnostic error() { return emitError(model.getLoc(context)); }
  InFlightDiagnostic nodeError(int node) { return emitError(model.getNodeLoc(context, node)); }

  LogicalResult parse();
  LogicalResult checkVersions();
  LogicalResult checkSizes();
  LogicalResult checkNames();
  LogicalResult checkReferences();
  LogicalResult sortNodes();
  void findLiveNodes(ArrayRef<int> sorted);

  MLIRContext *context;
  const ImportLimits &limits;
  OnnxModel &model;
  /// The node that computes a tensor; -1 for inputs and initializers.
  llvm::StringMap<int> producers;
};

} // namespace

LogicalResult ModelReader::parse() {
  llvm::sys::fs::file_status status;
  if (std::error_code code = llvm::sys::fs::status(model.path, status))
    return error() << code.message();
  // Opening a pipe could wait forever.
  if (status.type() != llvm::sys::fs::file_type::regular_file)
    return error() << "expected a regular file";
  if (status.getSize() > limits.fileBytes)
    return error() << "expected at most " << limits.fileBytes << " bytes, got " << status.getSize();
  if (status.getSize() == 0)
    return error() << "expected an ONNX model, got an empty file";
  auto file = llvm::MemoryBuffer::getFile(model.path, /*IsText=*/false,
                                          /*RequiresNullTerminator=*/false);
  if (!file)
    return error() << file.getError().message();
  if ((*file)->getBufferSize() > limits.fileBytes)
    return error() << "expected at most " << limits.fileBytes << " bytes, got "
                   << (*file)->getBufferSize();
  google::protobuf::LogSilencer silence;
  google::protobuf::io::CodedInputStream stream(
      reinterpret_cast<const uint8_t *>((*file)->getBufferStart()),
      static_cast<int>((*file)->getBufferSize()));
  stream.SetRecursionLimit(limits.nesting);
  if (!model.proto.ParseFromCodedStream(&stream) || !stream.ConsumedEntireMessage())
    return error() << "expected an ONNX model, got bytes that do not parse as one (truncated?)";
  return success();
}

LogicalResult ModelReader::checkVersions() {
  if (!model.proto.has_graph())
    return error() << "expected an ONNX model, got one without a graph";
  if (model.proto.ir_version() < kOldestIr)
    return error() << "expected IR version " << kOldestIr << " or newer, got "
                   << model.proto.ir_version();
  for (const onnx::OperatorSetIdProto &set : model.proto.opset_import()) {
    StringRef domain = set.domain() == "ai.onnx" ? StringRef() : StringRef(set.domain());
    if (!model.opsets.try_emplace(domain, set.version()).second)
      return error() << "expected one opset for domain '" << domain << "', got several";
  }
  auto main = model.opsets.find("");
  if (main == model.opsets.end())
    return error() << "expected an import of the default opset, got none";
  if (main->second < kOldestOpset)
    return error() << "expected opset " << kOldestOpset << " or newer, got " << main->second;
  if (main->second > kNewestOpset)
    emitWarning(model.getLoc(context))
        << "opset " << main->second << " is newer than " << kNewestOpset
        << ", the newest that is known: ops are read as in that one";
  if (model.graph().node_size() > limits.nodes)
    return error() << "expected at most " << limits.nodes << " nodes, got "
                   << model.graph().node_size();
  if (model.graph().sparse_initializer_size())
    return error() << "expected dense initializers, got a sparse one";
  return success();
}

// Every op that a node becomes bears its names, and some stages take time in proportion to
// the square of the operands.
LogicalResult ModelReader::checkSizes() {
  auto checkName = [&](const std::string &name, const Twine &owner) -> LogicalResult {
    if (name.size() > limits.nameBytes)
      return error() << owner << ": expected names of at most " << limits.nameBytes
                     << " bytes, got one of " << name.size();
    return success();
  };
  auto checkCount = [&](int count, const char *what, const Twine &owner) -> LogicalResult {
    if (count > limits.operands)
      return error() << owner << ": expected at most " << limits.operands << " " << what << ", got "
                     << count;
    return success();
  };
  const onnx::GraphProto &graph = model.graph();
  for (const onnx::ValueInfoProto &input : graph.input())
    if (failed(checkName(input.name(), "an input")))
      return failure();
  for (const onnx::ValueInfoProto &output : graph.output())
    if (failed(checkName(output.name(), "an output")))
      return failure();
  for (const onnx::TensorProto &tensor : graph.initializer())
    if (failed(checkName(tensor.name(), "an initializer")))
      return failure();
  if (failed(checkCount(graph.output_size(), "outputs", "the graph")))
    return failure();
  for (auto [i, node] : llvm::enumerate(graph.node())) {
    std::string owner = "node #" + std::to_string(i);
    if (failed(checkName(node.name(), owner)) || failed(checkName(node.op_type(), owner)) ||
        failed(checkName(node.domain(), owner)))
      return failure();
    for (const auto *names : {&node.input(), &node.output()})
      for (const std::string &name : *names)
        if (failed(checkName(name, owner)))
          return failure();
    if (node.name().size())
      owner = "node '" + node.name() + "'";
    if (failed(checkCount(node.input_size(), "inputs", owner)) ||
        failed(checkCount(node.output_size(), "outputs", owner)))
      return failure();
  }
  return success();
}

LogicalResult ModelReader::checkNames() {
  auto define = [&](StringRef name, int node) { return producers.try_emplace(name, node).second; };
  for (onnx::TensorProto &tensor : *model.proto.mutable_graph()->mutable_initializer()) {
    if (tensor.name().empty())
      return error() << "expected initializers with names, got one without";
    if (!define(tensor.name(), -1))
      return error() << "initializer '" << tensor.name() << "': expected one definition, got two";
    model.initializers[tensor.name()] = &tensor;
  }
  llvm::StringSet<> inputs;
  for (const onnx::ValueInfoProto &input : model.graph().input()) {
    if (input.name().empty())
      return error() << "expected inputs with names, got one without";
    if (!inputs.insert(input.name()).second)
      return error() << "input '" << input.name() << "': expected one definition, got two";
    define(input.name(), -1);
  }
  for (int i = 0; i < model.graph().node_size(); ++i) {
    bool named = false;
    for (const std::string &output : model.graph().node(i).output()) {
      if (output.empty())
        continue;
      named = true;
      if (!define(output, i))
        return nodeError(i) << "expected one definition of tensor '" << output << "', got two";
    }
    if (!named)
      return nodeError(i) << "expected an output, got none";
  }
  llvm::StringSet<> outputs;
  for (const onnx::ValueInfoProto &output : model.graph().output())
    if (!outputs.insert(output.name()).second)
      return error() << "output '" << output.name() << "': expected one definition, got two";
  for (const onnx::ValueInfoProto &value : model.graph().value_info())
    model.declared[value.name()] = &value.type();
  return success();
}

LogicalResult ModelReader::checkReferences() {
  int errors = 0;
  for (int i = 0; i < model.graph().node_size() && errors < limits.errors; ++i)
    for (const std::string &input : model.graph().node(i).input())
      if (!input.empty() && !producers.count(input)) {
        nodeError(i) << "expected a tensor '" << input
                     << "', got no node, input or initializer of that name";
        ++errors;
        break;
      }
  if (model.graph().output_size() == 0)
    return error() << "expected an output of the graph, got none";
  for (const onnx::ValueInfoProto &output : model.graph().output())
    if (!producers.count(output.name()))
      return error() << "output '" << output.name()
                     << "': expected a tensor of that name in the graph, got none";
  return failure(errors != 0);
}

// Producers first; otherwise the order of the file. The standard asks for sorted
// files, but tools write others.
LogicalResult ModelReader::sortNodes() {
  int count = model.graph().node_size();
  std::vector<int> missing(count, 0), sorted;
  std::vector<std::vector<int>> consumers(count);
  for (int i = 0; i < count; ++i)
    for (const std::string &input : model.graph().node(i).input())
      if (int producer = input.empty() ? -1 : producers.lookup(input); producer >= 0) {
        consumers[producer].push_back(i);
        ++missing[i];
      }
  std::vector<int> ready;
  for (int i = count - 1; i >= 0; --i)
    if (!missing[i])
      ready.push_back(i);
  while (!ready.empty()) {
    int node = ready.back();
    ready.pop_back();
    sorted.push_back(node);
    for (int consumer : llvm::reverse(consumers[node]))
      if (--missing[consumer] == 0)
        ready.push_back(consumer);
  }
  if (static_cast<int>(sorted.size()) == count) {
    findLiveNodes(sorted);
    return success();
  }
  // Any node left waits for another one left; following those ends in the cycle.
  int node = 0;
  while (!missing[node])
    ++node;
  llvm::BitVector seen(count);
  StringRef through;
  while (!seen[node]) {
    seen.set(node);
    for (const std::string &input : model.graph().node(node).input()) {
      int producer = input.empty() ? -1 : producers.lookup(input);
      if (producer >= 0 && missing[producer]) {
        node = producer;
        through = input;
        break;
      }
    }
  }
  return nodeError(node) << "expected an acyclic graph, got a cycle through tensor '" << through
                         << "'";
}

void ModelReader::findLiveNodes(ArrayRef<int> sorted) {
  for (const onnx::ValueInfoProto &output : model.graph().output())
    model.used.insert(output.name());
  for (int node : llvm::reverse(sorted)) {
    const onnx::NodeProto &proto = model.graph().node(node);
    if (llvm::none_of(proto.output(),
                      [&](const std::string &name) { return model.used.contains(name); }))
      continue;
    model.order.push_back(node);
    for (const std::string &input : proto.input())
      if (!input.empty())
        model.used.insert(input);
  }
  std::reverse(model.order.begin(), model.order.end());
}

FailureOr<std::unique_ptr<OnnxModel>> readModel(MLIRContext *context, StringRef path,
                                                const ImportLimits &limits) {
  auto model = std::make_unique<OnnxModel>();
  model->path = path.str();
  if (failed(ModelReader(context, limits, *model).run()))
    return failure();
  return model;
}

} // namespace octet

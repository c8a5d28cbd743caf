#include "frontend/OnnxGraph.h"

#include "dialect/Octet.h"
#include "llvm/ADT/BitVector.h"

using namespace mlir;

namespace octet {

Location OnnxGraph::getNodeLoc(MLIRContext *context, int index, StringRef prefix) const {
  const onnx::NodeProto &node = proto.node(index);
  std::string name = node.name().empty() ? "#" + std::to_string(index) : node.name();
  StringRef tensor = name;
  for (const std::string &output : node.output())
    if (!output.empty()) {
      tensor = output;
      break;
    }
  return getOnnxLocation(context, (prefix + name).str(), (prefix + tensor).str(), node.op_type());
}

namespace {

using Names = llvm::SetVector<StringRef>;

class GraphReader {
public:
  GraphReader(Location loc, StringRef prefix, llvm::function_ref<bool(StringRef)> isOutside,
              const ImportLimits &limits, OnnxGraph &graph)
      : loc(loc), prefix(prefix), isOutside(isOutside), limits(limits), graph(graph) {}

  LogicalResult run() {
    // Each step relies on what the one before it checked.
    return success(succeeded(checkSizes()) && succeeded(checkNames()) &&
                   succeeded(checkReferences()) && succeeded(sortNodes()));
  }

private:
  InFlightDiagnostic error() { return emitError(loc); }
  InFlightDiagnostic nodeError(int node) {
    return emitError(graph.getNodeLoc(loc.getContext(), node, prefix));
  }
  bool isKnown(StringRef name) const { return graph.producers.count(name) || isOutside(name); }

  LogicalResult checkSizes();
  LogicalResult checkNames();
  LogicalResult checkReferences();
  LogicalResult sortNodes();
  void findLiveNodes(ArrayRef<int> sorted);

  Location loc;
  StringRef prefix;
  llvm::function_ref<bool(StringRef)> isOutside;
  const ImportLimits &limits;
  OnnxGraph &graph;
};

} // namespace

static void addReads(const onnx::NodeProto &node, Names &names);

// What a graph reads of the graphs around it.
static void addFreeNames(const onnx::GraphProto &graph, Names &names) {
  llvm::StringSet<> own;
  for (const onnx::ValueInfoProto &input : graph.input())
    own.insert(input.name());
  for (const onnx::TensorProto &tensor : graph.initializer())
    own.insert(tensor.name());
  Names read;
  for (const onnx::NodeProto &node : graph.node()) {
    for (const std::string &output : node.output())
      own.insert(output);
    addReads(node, read);
  }
  for (const onnx::ValueInfoProto &output : graph.output())
    read.insert(output.name());
  for (StringRef name : read)
    if (!own.contains(name))
      names.insert(name);
}

static void addReads(const onnx::NodeProto &node, Names &names) {
  for (const std::string &input : node.input())
    if (!input.empty())
      names.insert(input);
  for (const onnx::AttributeProto &attribute : node.attribute()) {
    if (attribute.has_g())
      addFreeNames(attribute.g(), names);
    for (const onnx::GraphProto &graph : attribute.graphs())
      addFreeNames(graph, names);
  }
}

// Every op that a node becomes bears its names, and some stages take time in proportion to
// the square of the operands.
LogicalResult GraphReader::checkSizes() {
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
  const onnx::GraphProto &proto = graph.proto;
  for (const onnx::ValueInfoProto &input : proto.input())
    if (failed(checkName(input.name(), "an input")))
      return failure();
  for (const onnx::ValueInfoProto &output : proto.output())
    if (failed(checkName(output.name(), "an output")))
      return failure();
  for (const onnx::TensorProto &tensor : proto.initializer())
    if (failed(checkName(tensor.name(), "an initializer")))
      return failure();
  if (failed(checkCount(proto.output_size(), "outputs", "the graph")))
    return failure();
  for (auto [i, node] : llvm::enumerate(proto.node())) {
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

LogicalResult GraphReader::checkNames() {
  onnx::GraphProto &proto = graph.proto;
  auto define = [&](StringRef name, int node) {
    return graph.producers.try_emplace(name, node).second;
  };
  for (onnx::TensorProto &tensor : *proto.mutable_initializer()) {
    if (tensor.name().empty())
      return error() << "expected initializers with names, got one without";
    if (!define(tensor.name(), -1))
      return error() << "initializer '" << tensor.name() << "': expected one definition, got two";
    graph.initializers[tensor.name()] = &tensor;
  }
  if (proto.sparse_initializer_size())
    return error() << "expected dense initializers, got a sparse one";
  llvm::StringSet<> inputs;
  for (const onnx::ValueInfoProto &input : proto.input()) {
    if (input.name().empty())
      return error() << "expected inputs with names, got one without";
    if (!inputs.insert(input.name()).second)
      return error() << "input '" << input.name() << "': expected one definition, got two";
    define(input.name(), -1);
  }
  for (int i = 0; i < proto.node_size(); ++i) {
    bool named = false;
    for (const std::string &output : proto.node(i).output()) {
      if (output.empty())
        continue;
      named = true;
      if (!define(output, i))
        return nodeError(i) << "expected one definition of tensor '" << output << "', got two";
    }
    if (!named)
      return nodeError(i) << "expected an output, got none";
  }
  for (const onnx::ValueInfoProto &value : proto.value_info())
    graph.declared[value.name()] = &value.type();
  return success();
}

LogicalResult GraphReader::checkReferences() {
  int errors = 0;
  for (int i = 0; i < graph.proto.node_size(); ++i) {
    addReads(graph.proto.node(i), graph.reads.emplace_back());
    auto missing =
        llvm::find_if(graph.reads.back(), [&](StringRef name) { return !isKnown(name); });
    if (missing != graph.reads.back().end() && errors++ < limits.errors)
      nodeError(i) << "expected a tensor '" << *missing
                   << "', got no node, input or initializer of that name";
  }
  if (graph.proto.output_size() == 0)
    return error() << "expected an output of the graph, got none";
  for (const onnx::ValueInfoProto &output : graph.proto.output())
    if (!isKnown(output.name()))
      return error() << "output '" << output.name()
                     << "': expected a tensor of that name in the graph, got none";
  return failure(errors != 0);
}

// Producers first; otherwise the order of the file. The standard asks for sorted
// files, but tools write others.
LogicalResult GraphReader::sortNodes() {
  int count = graph.proto.node_size();
  std::vector<int> missing(count, 0), sorted;
  std::vector<std::vector<int>> consumers(count);
  auto getProducer = [&](StringRef name) {
    auto entry = graph.producers.find(name);
    return entry == graph.producers.end() ? -1 : entry->second;
  };
  for (int i = 0; i < count; ++i)
    for (StringRef input : graph.reads[i])
      if (int producer = getProducer(input); producer >= 0) {
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
    for (StringRef input : graph.reads[node]) {
      int producer = getProducer(input);
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

void GraphReader::findLiveNodes(ArrayRef<int> sorted) {
  for (const onnx::ValueInfoProto &output : graph.proto.output())
    graph.used.insert(output.name());
  for (int node : llvm::reverse(sorted)) {
    if (llvm::none_of(graph.proto.node(node).output(),
                      [&](const std::string &name) { return graph.used.contains(name); }))
      continue;
    graph.order.push_back(node);
    for (StringRef input : graph.reads[node])
      graph.used.insert(input);
  }
  std::reverse(graph.order.begin(), graph.order.end());
}

FailureOr<std::unique_ptr<OnnxGraph>> readGraph(Location loc, onnx::GraphProto &proto,
                                                StringRef prefix,
                                                llvm::function_ref<bool(StringRef)> isOutside,
                                                const ImportLimits &limits) {
  auto graph = std::make_unique<OnnxGraph>(proto);
  if (failed(GraphReader(loc, prefix, isOutside, limits, *graph).run()))
    return failure();
  return graph;
}

} // namespace octet

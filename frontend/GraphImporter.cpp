#include "frontend/GraphImporter.h"

#include "dialect/ExtentOps.h"
#include "frontend/ElementTypes.h"
#include "frontend/FunctionBody.h"
#include "frontend/OperandTypes.h"
#include "frontend/StoredIntegers.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;

namespace octet {

/// A graph in a node of `scope`.
class GraphImporter::Nested : public NestedGraph {
public:
  Nested(GraphImporter &importer, Scope &outer, NodeReader &node, std::unique_ptr<OnnxGraph> graph)
      : importer(importer), outer(outer), node(node), graph(std::move(graph)) {
    findInvariants();
  }

  unsigned getNumInputs() const override { return graph->proto.input_size(); }
  unsigned getNumOutputs() const override { return graph->proto.output_size(); }
  RankedTensorType getOutputType(unsigned i) const override {
    return getStaticType(importer.context, graph->proto.output(i).type(), importer.options.limits);
  }
  std::optional<SmallVector<Value>> import(ArrayRef<Value> inputs, StringRef label) override;

private:
  void findInvariants();

  GraphImporter &importer;
  Scope &outer;
  NodeReader &node;
  std::unique_ptr<OnnxGraph> graph;
  llvm::StringMap<Value> constants;
  /// Tensors that do not depend on the inputs: one import makes them for all.
  std::vector<StringRef> invariants;
};

class GraphImporter::NestedSource : public NestedGraphSource {
public:
  NestedSource(GraphImporter &importer, Scope &scope) : importer(importer), scope(scope) {}

  std::unique_ptr<NestedGraph> openGraph(NodeReader &node, onnx::GraphProto &proto) override {
    if (scope.depth >= importer.options.limits.graphDepth) {
      node.error() << "expected graphs nested " << importer.options.limits.graphDepth
                   << " deep at most";
      return nullptr;
    }
    std::string prefix = getNodeName(node.getLoc()).str() + "/";
    auto graph = readGraph(
        node.getLoc(), proto, prefix, [&](StringRef name) { return hasName(&scope, name); },
        importer.options.limits);
    if (mlir::failed(graph)) {
      node.fail();
      return nullptr;
    }
    return std::make_unique<Nested>(importer, scope, node, std::move(*graph));
  }

private:
  GraphImporter &importer;
  Scope &scope;
};

void GraphImporter::Nested::findInvariants() {
  llvm::StringSet<> variant;
  for (const onnx::ValueInfoProto &input : graph->proto.input())
    variant.insert(input.name());
  for (int index : graph->order) {
    bool isVariant =
        llvm::any_of(graph->reads[index], [&](StringRef name) { return variant.contains(name); });
    for (const std::string &output : graph->proto.node(index).output())
      if (isVariant)
        variant.insert(output);
      else
        invariants.push_back(output);
  }
}

std::optional<SmallVector<Value>> GraphImporter::Nested::import(ArrayRef<Value> inputs,
                                                                StringRef label) {
  if (node.failed())
    return std::nullopt;
  assert(inputs.size() == getNumInputs() && "inputs of a nested graph");
  // Even an empty graph must not be imported forever.
  if (!importer.unroll(node.getLoc(), 1, 0)) {
    node.fail();
    return std::nullopt;
  }
  std::string prefix = (getNodeName(node.getLoc()) + "/" + label + "/").str();
  Scope scope{*graph, outer.opsets, constants, &outer, prefix, outer.depth + 1, {}};
  for (auto [input, value] : llvm::zip_equal(graph->proto.input(), inputs))
    scope.values[input.name()] = value;
  if (mlir::failed(importer.importNodes(scope))) {
    node.fail();
    return std::nullopt;
  }
  for (StringRef name : invariants)
    if (Value value = scope.values.lookup(name))
      constants.try_emplace(name, value);
  SmallVector<Value> results;
  for (const onnx::ValueInfoProto &output : graph->proto.output()) {
    results.push_back(importer.getValue(scope, output.name()));
    if (results.back())
      continue;
    node.fail();
    return std::nullopt;
  }
  return results;
}

FailureOr<OwningOpRef<ModuleOp>> GraphImporter::run() {
  auto inputs = resolveInputs(context, model, options);
  // Unsupported nodes are of interest even then, but have no shapes to go by.
  if (failed(inputs))
    ++errors;
  OwningOpRef<ModuleOp> module = ModuleOp::create(model.getLoc(context));
  builder.setInsertionPointToEnd(module->getBody());
  function =
      func::FuncOp::create(builder, model.getLoc(context), "main", builder.getFunctionType({}, {}));
  builder.setInsertionPointToEnd(function.addEntryBlock());
  llvm::StringMap<Value> constants;
  Scope scope{*model.main, model.opsets, constants, nullptr, "", 0, {}};
  if (succeeded(inputs))
    addInputs(scope, *inputs);
  if (failed(importNodes(scope)) || errors || failed(addOutputs(scope)))
    return failure();
  eraseUnused();
  if (failed(verify(*module)))
    return failure();
  return module;
}

// All at once: each single change would make another array of all of them, forever.
static SmallVector<DictionaryAttr> nameAll(Builder &builder, ArrayRef<StringRef> names) {
  return llvm::map_to_vector(names, [&](StringRef name) {
    return builder.getDictionaryAttr(
        builder.getNamedAttr("octet.name", builder.getStringAttr(name)));
  });
}

void GraphImporter::addInputs(Scope &scope, ArrayRef<GraphInput> inputs) {
  Block &body = function.getBody().front();
  SmallVector<Type> types;
  for (const GraphInput &input : inputs) {
    types.push_back(input.type);
    Location loc = getOnnxLocation(context, input.name, input.name);
    Value &value = scope.values[input.name];
    value = body.addArgument(input.type, loc);
    // A constant folds, and there is nothing else to read.
    if (input.type.getNumElements() == 0)
      value = ConstantOp::create(builder, loc, reference::Tensor(input.type).toAttr(input.name));
  }
  function.setFunctionType(builder.getFunctionType(types, {}));
  function.setAllArgAttrs(nameAll(
      builder, llvm::map_to_vector(inputs, [](const GraphInput &input) { return input.name; })));
}

bool GraphImporter::hasName(const Scope *scope, StringRef name) {
  for (; scope; scope = scope->outer)
    if (scope->graph.producers.count(name))
      return true;
  return false;
}

// Initializers become constants when a node first asks for them.
Value GraphImporter::getValue(Scope &scope, StringRef name) {
  auto known = scope.values.find(name);
  if (known != scope.values.end())
    return known->second;
  auto constant = scope.constants.find(name);
  if (constant != scope.constants.end())
    return constant->second;
  onnx::TensorProto *tensor = scope.graph.initializers.lookup(name);
  if (!tensor)
    return scope.outer ? getValue(*scope.outer, name) : Value();
  auto elements = loader.load(*tensor, name, [&]() -> InFlightDiagnostic {
    return error() << "initializer '" << name << "': ";
  });
  Value value;
  std::string tensorName = scope.prefix + name.str();
  if (succeeded(elements))
    value = ConstantOp::create(builder, getOnnxLocation(context, tensorName, tensorName),
                               elements->type, elements->elements);
  scope.constants[name] = value;
  return value;
}

bool GraphImporter::unroll(Location loc, int64_t nodes, int64_t bytes) {
  budget.unrolledNodes += nodes;
  budget.unrolledBytes += bytes;
  if (budget.unrolledNodes <= options.limits.unrolledNodes &&
      budget.unrolledBytes <= options.limits.unrolledBytes)
    return true;
  emitError(loc) << "expected at most " << options.limits.unrolledNodes << " nodes and "
                 << options.limits.unrolledBytes
                 << " bytes of all loops, branches and functions when unrolled, got more";
  ++errors;
  return false;
}

// Fails where a node did, after all of them.
LogicalResult GraphImporter::importNodes(Scope &scope) {
  int before = errors;
  for (int index : scope.graph.order) {
    // Of each import of the graph the same; an earlier one has made it.
    if (llvm::all_of(scope.graph.proto.node(index).output(), [&](const std::string &name) {
          return name.empty() || scope.constants.contains(name);
        }))
      continue;
    importNode(scope, index);
    if (errors >= options.limits.errors) {
      // Once, and not for every graph around.
      if (!std::exchange(isGivenUp, true))
        emitError(model.getLoc(context))
            << "expected a supported model, got " << errors << " errors and stopped";
      return failure();
    }
  }
  return success(errors == before);
}

void GraphImporter::importNode(Scope &scope, int index) {
  onnx::NodeProto &proto = *scope.graph.proto.mutable_node(index);
  Location loc = scope.graph.getNodeLoc(context, index, scope.prefix);
  StringRef domain = getDomain(proto.domain());
  auto opset = scope.opsets.find(domain);
  bool known = false;
  const OpRow *row = opset == scope.opsets.end()
                         ? nullptr
                         : findRow(domain, proto.op_type(), opset->second, known);
  if (!row) {
    if (auto *function = model.functions.lookup(getFunctionKey(domain, proto.op_type())))
      return importCall(scope, proto, loc, *function);
    reportUnsupported(scope, proto, loc);
    return standIn(scope, proto);
  }
  if (scope.depth == 0)
    return importNode(scope, proto, proto, loc, *row, opset->second);
  if (!unroll(loc, 1, proto.ByteSizeLong()))
    return standIn(scope, proto);
  // Its tensors are moved out of a node, and the next import of the graph needs them again.
  onnx::NodeProto copy = proto;
  for (std::string &output : *copy.mutable_output())
    if (!output.empty())
      output = scope.prefix + output;
  importNode(scope, proto, copy, loc, *row, opset->second);
}

void GraphImporter::reportUnsupported(const Scope &scope, const onnx::NodeProto &proto,
                                      Location loc) {
  ++errors;
  StringRef domain = getDomain(proto.domain());
  std::string where = domain.empty() ? "" : " of domain '" + domain.str() + "'";
  StringRef foreign = getForeignKind(domain, proto.op_type());
  auto opset = scope.opsets.find(domain);
  if (!foreign.empty())
    emitError(loc) << "op " << proto.op_type() << where << " is not supported: it is about "
                   << foreign;
  else if (opset == scope.opsets.end())
    emitError(loc) << "expected the model to import domain '" << domain << "', got no opset";
  else
    emitError(loc) << "op " << proto.op_type() << where << " is not supported in opset "
                   << opset->second;
}

void GraphImporter::importNode(Scope &scope, const onnx::NodeProto &original,
                               onnx::NodeProto &proto, Location loc, const OpRow &row,
                               int64_t opset) {
  SmallVector<Value> inputs;
  bool complete = true;
  for (const std::string &name : proto.input()) {
    inputs.push_back(name.empty() ? Value() : getValue(scope, name));
    complete &= name.empty() || inputs.back();
  }
  NodeReader reader(proto, loc, opset, inputs);
  reader.checkAttributes(row.attributes);
  NestedSource graphs(*this, scope);
  NodeBuilder build(builder, reader, options.limits, budget, loader, graphs);
  Block &block = function.getBody().front();
  Operation *before = block.empty() ? nullptr : &block.back();
  if (complete && !reader.failed()) {
    ResultTypes types = takeOperands(row, inputs, reader, build);
    row.importer(reader, build);
    if (!reader.failed())
      reader.checkInputs();
    restoreResults(types, build);
    Operation *op = before ? before->getNextNode() : block.empty() ? nullptr : &block.front();
    for (; op && !reader.failed(); op = op->getNextNode())
      if (mlir::failed(budget.extents.propagate(op)))
        reader.fail();
  }
  if (reader.failed() || !complete) {
    errors += reader.failed();
    return standIn(scope, original);
  }
  setOutputs(scope, original, loc, build.getResults());
}

void GraphImporter::importCall(Scope &scope, const onnx::NodeProto &proto, Location loc,
                               const onnx::FunctionProto &callee) {
  auto fail = [&] {
    ++errors;
    standIn(scope, proto);
  };
  if (scope.depth >= options.limits.graphDepth) {
    emitError(loc) << "expected calls of functions " << options.limits.graphDepth
                   << " deep at most";
    return fail();
  }
  if (proto.input_size() > callee.input_size() || proto.output_size() > callee.output_size()) {
    emitError(loc) << "expected at most " << callee.input_size() << " inputs and "
                   << callee.output_size() << " outputs as its function has, got "
                   << proto.input_size() << " and " << proto.output_size();
    return fail();
  }
  if (!unroll(loc, 1, callee.ByteSizeLong()))
    return standIn(scope, proto);
  Opsets opsets;
  onnx::GraphProto body = makeFunctionBody(callee, proto);
  std::string prefix = getNodeName(loc).str() + "/";
  if (failed(readOpsets(loc, callee.opset_import(), opsets)))
    return fail();
  auto graph = readGraph(loc, body, prefix, [](StringRef) { return false; }, options.limits);
  if (failed(graph))
    return fail();
  llvm::StringMap<Value> constants;
  Scope inner{**graph, opsets, constants, nullptr, prefix, scope.depth + 1, {}};
  for (auto [i, name] : llvm::enumerate(proto.input())) {
    if (name.empty())
      continue;
    Value value = getValue(scope, name);
    // Of a node that failed.
    if (!value)
      return standIn(scope, proto);
    inner.values[callee.input(i)] = value;
  }
  if (failed(importNodes(inner)))
    return fail();
  SmallVector<Value> results;
  for (const std::string &name : callee.output())
    results.push_back(getValue(inner, name));
  setOutputs(scope, proto, loc, results);
}

void GraphImporter::setOutputs(Scope &scope, const onnx::NodeProto &proto, Location loc,
                               ArrayRef<Value> results) {
  for (auto [i, name] : llvm::enumerate(proto.output())) {
    Value result = i < results.size() ? results[i] : Value();
    if (!result && !name.empty() && scope.graph.used.contains(name)) {
      emitError(loc) << "output " << i << " ('" << name << "') is not supported";
      ++errors;
    }
    if (!name.empty())
      scope.values[name] = result;
  }
}

// After a failure, nodes behind this one are still looked at where the model says
// what type they would get.
void GraphImporter::standIn(Scope &scope, const onnx::NodeProto &node) {
  for (const std::string &name : node.output()) {
    auto declared = scope.graph.declared.find(name);
    RankedTensorType type;
    if (declared != scope.graph.declared.end())
      type = getStaticType(context, *declared->second, options.limits);
    if (!name.empty())
      scope.values[name] = type ? Value(function.getBody().front().addArgument(
                                      type, getOnnxLocation(context, name, name)))
                                : Value();
  }
}

static StringRef getName(DictionaryAttr attributes) {
  return attributes.getAs<StringAttr>("octet.name").getValue();
}

// Behind the outputs of the graph stand the used extents of those that have one.
LogicalResult GraphImporter::addOutputs(Scope &scope) {
  SmallVector<Value> results, counts;
  SmallVector<DictionaryAttr> attributes, countAttributes;
  int64_t outputs = model.graph().output_size();
  auto describe = [&](const Twine &name) {
    return builder.getNamedAttr("octet.name", builder.getStringAttr(name));
  };
  for (const onnx::ValueInfoProto &output : model.graph().output()) {
    Value value = getValue(scope, output.name());
    if (!value)
      return failure();
    Type numbers = getNumbersType(getElementTypeOrSelf(value));
    if (isa<quant::QuantizedType>(numbers))
      return error() << "output '" << output.name() << "': element type "
                     << getElementTypeName(numbers) << " is not supported";
    auto extent = budget.extents.lookup(value);
    if (getQuantizedType(value))
      value = createNumbers(
          builder, getOnnxLocation(context, getNodeName(value.getLoc()), output.name()), value);
    auto type = cast<RankedTensorType>(value.getType());
    int declared = output.type().tensor_type().elem_type();
    if (declared && getElementType(context, declared) != type.getElementType())
      return error() << "output '" << output.name() << "': expected elements of "
                     << getDataTypeName(declared) << " as declared, got " << type;
    results.push_back(value);
    SmallVector<NamedAttribute> attribute{describe(output.name())};
    if (extent) {
      auto place = outputs + static_cast<int64_t>(counts.size());
      attribute.push_back(
          builder.getNamedAttr(kExtentAttr, builder.getDenseI64ArrayAttr({extent->axis, place})));
      counts.push_back(extent->count);
      countAttributes.push_back(builder.getDictionaryAttr(describe(output.name() + ".count")));
    }
    attributes.push_back(builder.getDictionaryAttr(attribute));
  }
  llvm::StringSet<> names;
  for (DictionaryAttr output : attributes)
    names.insert(getName(output));
  for (DictionaryAttr count : countAttributes)
    if (names.contains(getName(count)))
      return error() << "expected no output '" << getName(count)
                     << "', since that tells how much of another one is used";
  llvm::append_range(results, counts);
  llvm::append_range(attributes, countAttributes);
  func::ReturnOp::create(builder, model.getLoc(context), results);
  function.setFunctionType(builder.getFunctionType(function.getFunctionType().getInputs(),
                                                   ValueRange(results).getTypes()));
  function.setAllResultAttrs(attributes);
  return success();
}

// Shape arithmetic leaves constants behind.
void GraphImporter::eraseUnused() {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(function.getBody().front())))
    if (isOpTriviallyDead(&op))
      op.erase();
}

} // namespace octet

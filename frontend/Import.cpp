#include "frontend/Import.h"

#include "dialect/Octet.h"
#include "frontend/ElementTypes.h"
#include "frontend/GraphInputs.h"
#include "frontend/OpTable.h"
#include "frontend/StoredIntegers.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;

namespace octet {

namespace {

class GraphImporter {
public:
  GraphImporter(MLIRContext *context, OnnxModel &model, const ImportOptions &options)
      : context(context), model(model), options(options), builder(context),
        loader(context, model.path, options.limits) {}

  FailureOr<OwningOpRef<ModuleOp>> run();

private:
  InFlightDiagnostic error() {
    ++errors;
    return emitError(model.getLoc(context));
  }
  void addInputs(ArrayRef<GraphInput> inputs);
  void importNode(int index);
  Value getValue(StringRef name);
  void standIn(const onnx::NodeProto &node);
  LogicalResult addOutputs();
  void eraseUnused();

  MLIRContext *context;
  OnnxModel &model;
  const ImportOptions &options;
  OpBuilder builder;
  TensorLoader loader;
  FoldBudget budget;
  func::FuncOp function;
  /// Null for the outputs of a node that failed.
  llvm::StringMap<Value> values;
  int errors = 0;
};

} // namespace

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
  if (succeeded(inputs))
    addInputs(*inputs);
  for (int index : model.order) {
    importNode(index);
    if (errors >= options.limits.errors) {
      emitError(model.getLoc(context))
          << "expected a supported model, got " << errors << " errors and stopped";
      return failure();
    }
  }
  if (errors || failed(addOutputs()))
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

void GraphImporter::addInputs(ArrayRef<GraphInput> inputs) {
  Block &body = function.getBody().front();
  SmallVector<Type> types;
  for (const GraphInput &input : inputs) {
    types.push_back(input.type);
    Location loc = getOnnxLocation(context, input.name, input.name);
    Value &value = values[input.name];
    value = body.addArgument(input.type, loc);
    // A constant folds, and there is nothing else to read.
    if (input.type.getNumElements() == 0)
      value = ConstantOp::create(builder, loc, reference::Tensor(input.type).toAttr(input.name));
  }
  function.setFunctionType(builder.getFunctionType(types, {}));
  function.setAllArgAttrs(nameAll(
      builder, llvm::map_to_vector(inputs, [](const GraphInput &input) { return input.name; })));
}

// Initializers become constants when a node first asks for them.
Value GraphImporter::getValue(StringRef name) {
  auto known = values.find(name);
  if (known != values.end())
    return known->second;
  onnx::TensorProto *tensor = model.initializers.lookup(name);
  if (!tensor)
    return {};
  auto elements = loader.load(*tensor, name, [&]() -> InFlightDiagnostic {
    return error() << "initializer '" << name << "': ";
  });
  Value value;
  if (succeeded(elements))
    value = ConstantOp::create(builder, getOnnxLocation(context, name, name), *elements);
  values[name] = value;
  return value;
}

// Nodes that know no scales get what they can read in place of the integers of quantized
// tensors. The type that their results are to have is returned, if they keep it.
static quant::UniformQuantizedType takeIntegers(const OpRow &row, ArrayRef<Value> inputs,
                                                NodeReader &node, NodeBuilder &build) {
  if (row.integers == IntegerUse::Quantized || llvm::none_of(inputs, getQuantizedType))
    return {};
  quant::QuantizedType common;
  bool moves = row.integers == IntegerUse::Move;
  for (Value input : inputs) {
    quant::QuantizedType type = getQuantizedType(input);
    // Operands of a concat may have several scales, or none.
    bool isByte = input && getElementTypeOrSelf(input).isIntOrFloat() &&
                  getElementTypeOrSelf(input).getIntOrFloatBitWidth() == 8;
    moves &= !isByte && (!type || !common || type == common);
    common = type ? type : common;
  }
  SmallVector<Value> replaced(inputs);
  for (Value &input : replaced)
    if (getQuantizedType(input))
      input =
          moves ? build.dequantize(input) : createNumbers(build.getBuilder(), node.getLoc(), input);
  node.replaceInputs(replaced);
  return moves ? dyn_cast<quant::UniformQuantizedType>(common) : quant::UniformQuantizedType();
}

static void quantizeResults(quant::UniformQuantizedType type, NodeBuilder &build) {
  SmallVector<Value> results(build.getResults());
  // Indices beside the moved elements have no scale.
  for (Value &result : results)
    if (result && isa<FloatType>(getElementTypeOrSelf(result)))
      result = build.quantize(result, type);
  build.setResults(results);
}

void GraphImporter::importNode(int index) {
  onnx::NodeProto &proto = *model.proto.mutable_graph()->mutable_node(index);
  Location loc = model.getNodeLoc(context, index);
  StringRef domain = getDomain(proto);
  auto opset = model.opsets.find(domain);
  bool known = false;
  const OpRow *row = opset == model.opsets.end()
                         ? nullptr
                         : findRow(domain, proto.op_type(), opset->second, known);
  if (!row) {
    ++errors;
    std::string where = domain.empty() ? "" : " of domain '" + domain.str() + "'";
    if (opset == model.opsets.end())
      emitError(loc) << "expected the model to import domain '" << domain << "', got no opset";
    else
      emitError(loc) << "op " << proto.op_type() << where << " is not supported in opset "
                     << opset->second;
    return standIn(proto);
  }
  SmallVector<Value> inputs;
  bool complete = true;
  for (const std::string &name : proto.input()) {
    inputs.push_back(name.empty() ? Value() : getValue(name));
    complete &= name.empty() || inputs.back();
  }
  NodeReader reader(proto, loc, opset->second, inputs);
  reader.checkAttributes(row->attributes);
  NodeBuilder build(builder, reader, options.limits, budget, loader);
  if (complete && !reader.failed()) {
    auto moved = takeIntegers(*row, inputs, reader, build);
    row->importer(reader, build);
    if (!reader.failed())
      reader.checkInputs();
    if (moved)
      quantizeResults(moved, build);
  }
  if (reader.failed() || !complete) {
    errors += reader.failed();
    return standIn(proto);
  }
  for (auto [i, name] : llvm::enumerate(proto.output())) {
    Value result = i < build.getResults().size() ? build.getResults()[i] : Value();
    if (!result && !name.empty() && model.used.contains(name)) {
      emitError(loc) << "output " << i << " ('" << name << "') is not supported";
      ++errors;
    }
    if (!name.empty())
      values[name] = result;
  }
}

// After a failure, nodes behind this one are still looked at where the model says
// what type they would get.
void GraphImporter::standIn(const onnx::NodeProto &node) {
  for (const std::string &name : node.output()) {
    auto declared = model.declared.find(name);
    RankedTensorType type;
    if (declared != model.declared.end())
      type = getStaticType(context, *declared->second, options.limits);
    if (!name.empty())
      values[name] = type ? Value(function.getBody().front().addArgument(
                                type, getOnnxLocation(context, name, name)))
                          : Value();
  }
}

LogicalResult GraphImporter::addOutputs() {
  SmallVector<Value> results;
  SmallVector<Type> types;
  for (const onnx::ValueInfoProto &output : model.graph().output()) {
    Value value = getValue(output.name());
    if (!value)
      return failure();
    if (getQuantizedType(value))
      value = createNumbers(
          builder, getOnnxLocation(context, getNodeName(value.getLoc()), output.name()), value);
    auto type = cast<RankedTensorType>(value.getType());
    int declared = output.type().tensor_type().elem_type();
    if (declared && getElementType(context, declared) != type.getElementType())
      return error() << "output '" << output.name() << "': expected elements of "
                     << getDataTypeName(declared) << " as declared, got " << type;
    results.push_back(value);
    types.push_back(type);
  }
  func::ReturnOp::create(builder, model.getLoc(context), results);
  function.setFunctionType(builder.getFunctionType(function.getFunctionType().getInputs(), types));
  function.setAllResultAttrs(
      nameAll(builder, llvm::map_to_vector(model.graph().output(), [](const auto &output) {
                return StringRef(output.name());
              })));
  return success();
}

// Shape arithmetic leaves constants behind.
void GraphImporter::eraseUnused() {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(function.getBody().front())))
    if (isOpTriviallyDead(&op))
      op.erase();
}

FailureOr<OwningOpRef<ModuleOp>> importOnnx(MLIRContext &context, StringRef path,
                                            const ImportOptions &options) {
  context.loadDialect<OctetDialect, func::FuncDialect, quant::QuantDialect>();
  auto model = readModel(&context, path, options.limits);
  if (failed(model))
    return failure();
  return GraphImporter(&context, **model, options).run();
}

std::optional<ShapeOverride> parseShapeOverride(StringRef text) {
  // Names of tensors may hold '=', shapes do not.
  auto [name, shape] = text.rsplit('=');
  if (name.empty() || name.size() == text.size())
    return std::nullopt;
  ShapeOverride result{name.str(), {}};
  SmallVector<StringRef> parts;
  if (!shape.empty())
    shape.split(parts, 'x');
  for (StringRef part : parts) {
    int64_t extent;
    if (part.getAsInteger(10, extent) || extent < 1)
      return std::nullopt;
    result.shape.push_back(extent);
  }
  return result;
}

} // namespace octet

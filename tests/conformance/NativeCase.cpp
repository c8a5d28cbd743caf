#include "tests/conformance/NativeCase.h"

#include "codegen/object/JitModel.h"
#include "dialect/ExtentOps.h"
#include "dialect/reference/Evaluate.h"
#include "dialect/reference/Indexing.h"
#include "frontend/ElementTypes.h"
#include "frontend/Import.h"
#include "frontend/TensorLoader.h"
#include "octet/runtime.h"
#include "passes/Pipelines.h"
#include "passes/graph/Passes.h"
#include "passes/quantize/Pipeline.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/BitVector.h"

#include <cmath>
#include <fstream>

using namespace mlir;

namespace octet::conformance {

using reference::Tensor;

namespace {

class NativeCase {
public:
  NativeCase(MLIRContext &context, const StoredCase &stored, StringRef scratch)
      : context(context), stored(stored), scratch(scratch) {}

  Result run(const DataSet &data);
  /// The reason why a model without tensors to give it is refused.
  Result refuse();

private:
  Result attempt(const DataSet &data, const llvm::BitVector &constant);
  FailureOr<codegen::JitModel> compile(ModuleOp module);
  std::string runNative(codegen::JitModel &native, const DataSet &data,
                        const llvm::BitVector &constant);
  std::string runEvaluator(ModuleOp module, const DataSet &data, const llvm::BitVector &constant);
  Tensor load(onnx::TensorProto tensor);
  std::string compare(const onnx::TensorProto &stored, const Tensor &got);
  Result refusal() const { return {Outcome::Refused, diagnostic}; }

  MLIRContext &context;
  const StoredCase &stored;
  StringRef scratch;
  std::string diagnostic;
};

} // namespace

// Errors alone, the first one: "node 'x' (Op): " is the same in all cases of an operator.
static void keepFirstError(Diagnostic &diagnostic, std::string &text) {
  if (diagnostic.getSeverity() != DiagnosticSeverity::Error || !text.empty())
    return;
  text = diagnostic.str();
  StringRef rest = text;
  if (rest.consume_front("'octet."))
    text = rest.split("' op ").second.str();
}

// A case may store a tensor of another rank than its model declares: for an operand of which
// the type alone counts. The stored one is what there is to run with.
static void declareShape(onnx::GraphProto &graph, const onnx::TensorProto &tensor) {
  for (onnx::ValueInfoProto &input : *graph.mutable_input()) {
    auto *shape = input.mutable_type()->mutable_tensor_type()->mutable_shape();
    if (input.name() != tensor.name() || shape->dim_size() == tensor.dims_size())
      continue;
    shape->clear_dim();
    for (int64_t extent : tensor.dims())
      shape->add_dim()->set_dim_value(extent);
  }
}

static void bindInputs(onnx::ModelProto &model, const DataSet &data,
                       const llvm::BitVector &constant, ImportOptions &options) {
  for (auto [i, tensor] : llvm::enumerate(data.inputs)) {
    declareShape(*model.mutable_graph(), tensor);
    if (constant[i])
      *model.mutable_graph()->add_initializer() = tensor;
    else
      options.shapes.push_back({tensor.name(), {tensor.dims().begin(), tensor.dims().end()}});
  }
}

Result NativeCase::attempt(const DataSet &data, const llvm::BitVector &constant) {
  diagnostic.clear();
  ScopedDiagnosticHandler handler(&context,
                                  [&](Diagnostic &error) { keepFirstError(error, diagnostic); });
  onnx::ModelProto model = stored.model;
  ImportOptions options;
  bindInputs(model, data, constant, options);
  std::ofstream(scratch.str(), std::ios::binary) << model.SerializeAsString();
  auto module = importOnnx(context, scratch, options);
  if (failed(module))
    return refusal();
  std::string evaluated = runEvaluator(**module, data, constant);
  auto native = compile(**module);
  if (failed(native))
    return refusal();
  if (std::string problem = runNative(*native, data, constant); !problem.empty())
    return {Outcome::Wrong, problem};
  if (!evaluated.empty())
    return {Outcome::Wrong, "by the evaluator: " + evaluated};
  if (constant.none())
    return {Outcome::Passed, ""};
  return {constant.all() ? Outcome::PassedFolded : Outcome::PassedConstant, ""};
}

Result NativeCase::run(const DataSet &data) {
  llvm::BitVector constant(data.inputs.size());
  Result live = attempt(data, constant);
  if (live.outcome != Outcome::Refused || constant.empty())
    return live;
  // With all inputs constant, there may be nothing left that an operator can take.
  constant.set();
  Result best = attempt(data, constant);
  for (unsigned i = 0; i < constant.size() && best.outcome == Outcome::Refused; ++i) {
    constant.set().reset(i);
    best = attempt(data, constant);
  }
  // What is in the way when nothing has to be constant any more says more than that it had to.
  if (best.outcome == Outcome::Refused)
    return StringRef(live.text).contains("constant") ? best : live;
  for (int i = constant.find_first(); i >= 0; i = constant.find_next(i)) {
    constant.reset(i);
    Result result = attempt(data, constant);
    if (result.outcome == Outcome::Refused)
      constant.set(i);
    else
      best = result;
  }
  return best;
}

Result NativeCase::refuse() {
  diagnostic.clear();
  ScopedDiagnosticHandler handler(&context,
                                  [&](Diagnostic &error) { keepFirstError(error, diagnostic); });
  std::ofstream(scratch.str(), std::ios::binary) << stored.model.SerializeAsString();
  if (succeeded(importOnnx(context, scratch)))
    return {Outcome::Wrong, "imports, but there are no tensors to run it with"};
  return refusal();
}

// What octetc does in f32; models that come quantized keep their integers.
FailureOr<codegen::JitModel> NativeCase::compile(ModuleOp module) {
  QuantizeOptions precision;
  precision.precision = Precision::F32;
  PassManager pm(&context);
  buildGraphPipeline(pm, GraphOptions());
  buildAssignPrecisionPipeline(pm, precision);
  pm.addNestedPass<func::FuncOp>(createFuseEpilogues());
  buildQuantizePipeline(pm, precision);
  if (failed(pm.run(module)))
    return failure();
  return codegen::JitModel::compile(module, "native");
}

static std::string printIo(const octet_io &io) {
  return getDataTypeName(static_cast<int>(io.dtype)) +
         printShape(ArrayRef(io.dims, io.dims + io.rank));
}

/// The first `used` places of `x` along `axis`.
static Tensor takeUsed(const Tensor &x, int64_t axis, int64_t used) {
  SmallVector<int64_t> shape(x.getShape());
  shape[axis] = std::clamp<int64_t>(used, 0, shape[axis]);
  return reference::takeElements(
      x, RankedTensorType::get(shape, x.getType().getElementType()),
      reference::listIndices(shape, reference::getStrides(x.getShape())));
}

/// What differs between a tensor and what the model says of it. There may be more room
/// along `dynamicAxis`.
static std::string checkIo(const octet_io &io, const onnx::TensorProto &tensor, const Tensor &value,
                           int64_t dynamicAxis = -1) {
  // Cases of bfloat16 were stored by NumPy, which has uint16 for it.
  bool isStored = tensor.data_type() == static_cast<int>(io.dtype) ||
                  (tensor.data_type() == onnx::TensorProto::UINT16 && io.dtype == OCTET_BF16);
  bool fits = isStored && io.rank == value.getShape().size();
  for (uint32_t d = 0; fits && d < io.rank; ++d)
    fits =
        io.dims[d] == value.getShape()[d] || (dynamicAxis == d && io.dims[d] > value.getShape()[d]);
  if (fits && (dynamicAxis >= 0 || io.bytes == value.bytes().size()))
    return "";
  return "expected " + getDataTypeName(tensor.data_type()) + printShape(value.getShape()) +
         ", got " + printIo(io) + " of " + std::to_string(io.bytes) + " bytes as '" + io.name + "'";
}

std::string NativeCase::runNative(codegen::JitModel &native, const DataSet &data,
                                  const llvm::BitVector &constant) {
  const octet_model &model = native.getModel();
  if (model.abi_version != OCTET_ABI_VERSION || model.struct_bytes != sizeof(octet_model))
    return "the model is of another ABI";
  if (model.input_count != constant.size() - constant.count() ||
      model.output_count != data.outputs.size() + model.extent_count)
    return "expected other numbers of inputs and outputs, got " +
           std::to_string(model.input_count) + " and " + std::to_string(model.output_count);
  std::vector<Tensor> inputs, outputs;
  std::vector<octet_buffer> in, out;
  for (auto [i, tensor] : llvm::enumerate(data.inputs)) {
    if (constant[i])
      continue;
    inputs.push_back(load(tensor));
    if (std::string text = checkIo(model.inputs[in.size()], tensor, inputs.back()); !text.empty())
      return "input " + text;
    in.push_back({inputs.back().bytes().data(), inputs.back().bytes().size()});
  }
  SmallVector<int64_t> dynamicAxes(data.outputs.size(), -1);
  ArrayRef<octet_extent> extents(model.extents, model.extent_count);
  for (const octet_extent &extent : extents)
    dynamicAxes[extent.output] = extent.axis;
  for (auto [i, tensor] : llvm::enumerate(data.outputs))
    if (std::string text = checkIo(model.outputs[i], tensor, load(tensor), dynamicAxes[i]);
        !text.empty())
      return "output " + text;
  for (const octet_io &io : ArrayRef(model.outputs, model.output_count)) {
    outputs.emplace_back(RankedTensorType::get(ArrayRef(io.dims, io.dims + io.rank),
                                               getElementType(&context, io.dtype)));
    llvm::fill(outputs.back().bytes(), char(0xa5));
    out.push_back({outputs.back().bytes().data(), outputs.back().bytes().size()});
  }
  octet_context *runner = nullptr;
  octet_options options = {1, 0};
  octet_status status = model.api->create(&model, &options, &runner);
  // Twice, since a run must leave nothing behind that the next one trips over.
  for (int i = 0; i < 2 && status == OCTET_OK; ++i)
    status = model.api->run(runner, in.data(), in.size(), out.data(), out.size());
  model.api->destroy(runner);
  if (status != OCTET_OK)
    return model.api->status_message(status);
  for (const octet_extent &extent : extents)
    outputs[extent.output] =
        takeUsed(outputs[extent.output], extent.axis, outputs[extent.count].getInteger(0));
  for (auto [i, tensor] : llvm::enumerate(data.outputs))
    if (std::string problem = compare(tensor, outputs[i]); !problem.empty())
      return "output " + std::to_string(i) + ", " + problem;
  return "";
}

std::string NativeCase::runEvaluator(ModuleOp module, const DataSet &data,
                                     const llvm::BitVector &constant) {
  SmallVector<Tensor> inputs;
  for (auto [i, tensor] : llvm::enumerate(data.inputs))
    if (!constant[i])
      inputs.push_back(load(tensor));
  auto main = module.lookupSymbol<func::FuncOp>("main");
  for (auto [input, type] : llvm::zip_equal(inputs, main.getArgumentTypes()))
    input = input.withType(cast<RankedTensorType>(type));
  auto results = reference::evaluate(main, inputs);
  if (failed(results))
    return diagnostic;
  for (unsigned i = 0; i < results->size(); ++i)
    if (auto extent = main.getResultAttrOfType<DenseI64ArrayAttr>(i, kExtentAttr))
      (*results)[i] = takeUsed((*results)[i], extent[0], (*results)[extent[1]].getInteger(0));
  for (auto [i, tensor] : llvm::enumerate(data.outputs))
    if (std::string problem = compare(tensor, (*results)[i]); !problem.empty())
      return "output " + std::to_string(i) + ", " + problem;
  return "";
}

Tensor NativeCase::load(onnx::TensorProto tensor) {
  ImportLimits limits;
  auto elements = TensorLoader(&context, stored.folder, limits).load(tensor, "data", [&] {
    return emitError(UnknownLoc::get(&context));
  });
  if (failed(elements))
    return Tensor(RankedTensorType::get({}, Float32Type::get(&context)));
  return Tensor::fromAttr(elements->elements, elements->type);
}

// The tolerance of the ONNX project's own runner.
std::string NativeCase::compare(const onnx::TensorProto &tensor, const Tensor &got) {
  Tensor expected = load(tensor);
  if (expected.getShape() != got.getShape() || expected.bytes().size() != got.bytes().size())
    return "expected shape " + printShape(expected.getShape()) + ", got " +
           printShape(got.getShape());
  expected = expected.withType(got.getType());
  bool isReal = isa<FloatType>(got.getType().getElementType());
  for (int64_t i = 0; i < expected.size(); ++i) {
    double a = isReal ? expected.getDouble(i) : static_cast<double>(expected.getInteger(i));
    double b = isReal ? got.getDouble(i) : static_cast<double>(got.getInteger(i));
    bool isClose = isReal ? a == b || std::fabs(a - b) <= 1e-7 + 1e-3 * std::fabs(a)
                          : expected.getInteger(i) == got.getInteger(i);
    if (isClose || (std::isnan(a) && std::isnan(b)))
      continue;
    std::string text;
    llvm::raw_string_ostream(text) << "element " << i << ": expected " << a << ", got " << b;
    return text;
  }
  return "";
}

Result runCase(MLIRContext &context, const StoredCase &stored, StringRef scratch) {
  NativeCase runner(context, stored, scratch);
  if (stored.dataSets.empty())
    return runner.refuse();
  Result worst{Outcome::Passed, ""};
  for (const DataSet &data : stored.dataSets)
    if (Result result = runner.run(data); result.outcome > worst.outcome)
      worst = result;
  return worst;
}

} // namespace octet::conformance

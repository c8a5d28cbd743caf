#include "bench/kernels/OctetKernel.h"

#include "codegen/kernel/KernelBuilder.h"
#include "codegen/lower/Passes.h"
#include "codegen/lower/Pipeline.h"
#include "dialect/reference/Evaluate.h"
#include "octet/runtime.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/MemAlloc.h"

using namespace mlir;

namespace octet::bench {

using reference::Tensor;

constexpr size_t kAlignment = 64;

AlignedBytes::AlignedBytes(size_t size)
    : data(static_cast<char *>(llvm::allocate_buffer(size, kAlignment))), size(size) {
  std::memset(data, 0, size);
}

AlignedBytes::AlignedBytes(ArrayRef<char> content) : AlignedBytes(content.size()) {
  llvm::copy(content, data);
}

AlignedBytes::~AlignedBytes() {
  if (data)
    llvm::deallocate_buffer(data, size, kAlignment);
}

/// A module with the layer as one group in @main, all tensors row-major.
static OwningOpRef<ModuleOp> buildModule(MLIRContext &context, const Layer &layer) {
  ImplicitLocOpBuilder b(UnknownLoc::get(&context), &context);
  OwningOpRef<ModuleOp> module(ModuleOp::create(b.getLoc()));
  b.setInsertionPointToEnd(module->getBody());
  auto main = func::FuncOp::create(b, "main", b.getFunctionType(layer.x.getType(), layer.yType));
  b.setInsertionPointToStart(main.addEntryBlock());
  auto constant = [&](const Tensor &tensor, StringRef name) -> Value {
    return ConstantOp::create(b, tensor.getType(), tensor.toAttr(name));
  };
  SmallVector<Value> operands = {main.getArgument(0), constant(layer.weights, "weights"),
                                 constant(layer.bias, "bias")};
  auto group = FusedOp::create(b, layer.yType, operands);
  func::ReturnOp::create(b, group.getY());

  Block &body = group.getBody().emplaceBlock();
  for (Value operand : operands)
    body.addArgument(operand.getType(), operand.getLoc());
  b.setInsertionPointToStart(&body);
  const Shape &shape = layer.shape;
  Operation *root;
  if (shape.isMatMul)
    root = MatMulOp::create(b, body.getArgument(0), body.getArgument(1), body.getArgument(2));
  else
    root =
        ConvOp::create(b, body.getArgument(0), body.getArgument(1), body.getArgument(2),
                       ArrayRef<int64_t>{shape.stride, shape.stride},
                       SmallVector<int64_t>(4, shape.pad), ArrayRef<int64_t>{1, 1}, shape.groups);
  Value result = root->getResult(0);
  Type element = layer.yType.getElementType();
  if (isa<FloatType>(element)) {
    // Sums of bf16 are f32 until they are stored.
    auto sums = RankedTensorType::get(layer.yType.getShape(), b.getF32Type());
    result.setType(sums);
    result = ReluOp::create(b, sums, result);
    if (!element.isF32())
      result = CastOp::create(b, layer.yType, result);
  } else {
    result.setType(layer.yType);
  }
  YieldOp::create(b, result);
  return module;
}

/// Replaces relayouts at the borders of @main by arguments and results in the layout of
/// the group: in a network its neighbours write and read that.
static void exposeLayouts(func::FuncOp main) {
  FusedOp group = *main.getBody().getOps<FusedOp>().begin();
  BlockArgument argument = main.getArgument(0);
  Value x = group.getInputs()[0];
  argument.setType(x.getType());
  if (x != argument)
    x.replaceAllUsesWith(argument);
  Operation *end = main.getBody().front().getTerminator();
  end->setOperand(0, group.getY());
  for (auto relayout : llvm::make_early_inc_range(main.getBody().getOps<RelayoutOp>()))
    relayout.erase();
  main.setFunctionType(
      FunctionType::get(main.getContext(), argument.getType(), group.getY().getType()));
}

OctetKernel::OctetKernel(codegen::JitModel model, AlignedBytes x, RankedTensorType yType)
    : model(std::move(model)), x(std::move(x)), y(getBufferBytes(yType)), yType(yType) {}

FailureOr<OctetKernel> OctetKernel::compile(MLIRContext &context, const Layer &layer,
                                            StringRef target, unsigned threads) {
  OwningOpRef<ModuleOp> module = buildModule(context, layer);
  std::string error;
  auto machine = codegen::lookupTarget(target, error);
  if (failed(machine))
    return emitError(module->getLoc(), error), failure();
  PassManager layouts(&context);
  layouts.addNestedPass<func::FuncOp>(createAssignLayout());
  if (failed(layouts.run(*module)))
    return failure();
  auto main = module->lookupSymbol<func::FuncOp>("main");
  exposeLayouts(main);
  auto xType = cast<RankedTensorType>(main.getFunctionType().getInput(0));
  auto yType = cast<RankedTensorType>(main.getFunctionType().getResult(0));

  KernelsOptions options;
  options.target = target.str();
  PassManager kernels(&context);
  buildEmissionPipeline(kernels, options);
  if (failed(kernels.run(*module)))
    return failure();
  auto native = codegen::NativeModule::create(*module, *machine, "layer");
  if (failed(native))
    return failure();
  auto model = codegen::JitModel::load(std::move(*native), module->getLoc(), threads);
  if (failed(model))
    return failure();
  // Real zeros, in the halo and elsewhere, are stored as zeros in every precision here.
  AlignedBytes x(codegen::getPhysicalBytes(layer.x, xType));
  return OctetKernel(std::move(*model), std::move(x), yType);
}

void OctetKernel::run() {
  octet_buffer in = {x.get().data(), x.get().size()}, out = {y.get().data(), y.get().size()};
  octet_status status = octet_runtime_api.run(model.getContext(), &in, 1, &out, 1);
  if (status != OCTET_OK)
    llvm::report_fatal_error(octet_runtime_api.status_message(status));
}

Tensor OctetKernel::getResult() {
  Tensor result(RankedTensorType::get(yType.getShape(), yType.getElementType()));
  ChannelsLastAttr layout = getLayout(yType);
  ArrayRef<char> from = y.get();
  if (!layout) {
    llvm::copy(from, result.bytes().begin());
    return result;
  }
  SmallVector<int64_t, 4> physical = getPhysicalShape(yType);
  int64_t size = getElementBytes(yType.getElementType()), to = 0;
  for (int64_t c = 0; c < yType.getDimSize(1); ++c)
    for (int64_t h = 0; h < yType.getDimSize(2); ++h)
      for (int64_t w = 0; w < yType.getDimSize(3); ++w, to += size)
        std::memcpy(result.bytes().data() + to,
                    from.data() + ((h * physical[2] + w) * physical[3] + c) * size, size);
  return result;
}

FailureOr<Tensor> evaluate(MLIRContext &context, const Layer &layer) {
  OwningOpRef<ModuleOp> module = buildModule(context, layer);
  auto results = reference::evaluate(module->lookupSymbol<func::FuncOp>("main"), {layer.x});
  if (failed(results))
    return failure();
  return (*results)[0];
}

} // namespace octet::bench

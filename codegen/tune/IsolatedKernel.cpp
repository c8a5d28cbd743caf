#include "codegen/tune/IsolatedKernel.h"

#include "codegen/lower/Passes.h"
#include "codegen/lower/Pipeline.h"
#include "octet/runtime.h"
#include "passes/calibrate/CalibrationTable.h"
#include "passes/quantize/Pipeline.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/Pass/PassManager.h"

#include <chrono>

using namespace mlir;

namespace octet::codegen {

using Clock = std::chrono::steady_clock;

/// A module whose @main is `op` alone. Constants come along; weights are not copied, as
/// resources are shared within a context.
static OwningOpRef<ModuleOp> isolate(Operation *op) {
  MLIRContext *context = op->getContext();
  Location loc = op->getLoc();
  OwningOpRef<ModuleOp> module(ModuleOp::create(loc));
  OpBuilder b(module->getBodyRegion());
  auto function = func::FuncOp::create(b, loc, "main", FunctionType::get(context, {}, {}));
  Block *body = function.addEntryBlock();
  b.setInsertionPointToStart(body);
  IRMapping mapping;
  for (Value operand : op->getOperands()) {
    if (mapping.contains(operand))
      continue;
    if (auto constant = operand.getDefiningOp<ConstantOp>())
      b.clone(*constant, mapping);
    else
      mapping.map(operand, body->addArgument(operand.getType(), loc));
  }
  Operation *copy = b.clone(*op, mapping);
  func::ReturnOp::create(b, loc, copy->getResults());
  function.setFunctionType(b.getFunctionType(body->getArgumentTypes(), copy->getResultTypes()));
  return module;
}

/// Bytes of a buffer; small positive numbers where they stand for floats, since
/// denormals and NaN may be slow.
static reference::Tensor makeBuffer(const RankedTensorType &type) {
  MLIRContext *context = type.getContext();
  int64_t bytes = getBufferBytes(type);
  SmallVector<char> content(bytes);
  uint32_t state = 1;
  auto next = [&] { return (state = state * 1664525 + 1013904223) >> 16; };
  if (type.getElementType().isF32())
    for (int64_t i = 0; i + 4 <= bytes; i += 4) {
      float value = static_cast<float>(next() & 0xff) / 256;
      std::memcpy(content.data() + i, &value, sizeof(value));
    }
  else if (type.getElementType().isBF16())
    for (int64_t i = 0; i + 2 <= bytes; i += 2) {
      uint16_t value = 0x3f00 | (next() & 0x7f); // [0.5, 1)
      std::memcpy(content.data() + i, &value, sizeof(value));
    }
  else if (isa<quant::QuantizedType>(type.getElementType()))
    for (char &byte : content)
      byte = static_cast<char>(next());
  return reference::Tensor(RankedTensorType::get({bytes}, IntegerType::get(context, 8)), content);
}

IsolatedKernel::IsolatedKernel(JitModel jit) : model(std::move(jit)) {
  for (const IoInfo &io : model.getInfo().inputs)
    inputs.push_back(makeBuffer(io.type));
  for (const IoInfo &io : model.getInfo().outputs)
    outputs.push_back(makeBuffer(io.type));
}

FailureOr<IsolatedKernel> IsolatedKernel::load(ModuleOp kernels, Location loc, StringRef target,
                                               bool profile) {
  std::string error;
  auto machine = lookupTarget(target, error);
  if (failed(machine))
    return emitError(UnknownLoc::get(kernels.getContext()), error), failure();
  auto native = NativeModule::create(kernels, *machine, "kernel");
  if (failed(native))
    return failure();
  auto model = JitModel::load(std::move(*native), loc, /*threads=*/1, profile);
  if (failed(model))
    return failure();
  return IsolatedKernel(std::move(*model));
}

FailureOr<IsolatedKernel> IsolatedKernel::compile(Operation *op, StringRef target) {
  OwningOpRef<ModuleOp> module = isolate(op);
  PassManager pm(op->getContext());
  KernelsOptions options;
  options.target = target.str();
  buildEmissionPipeline(pm, options);
  if (failed(pm.run(*module)))
    return failure();
  return load(*module, op->getLoc(), target, /*profile=*/false);
}

/// A contraction of `value` to a single channel: a neighbour that wants integers.
static Operation *makeReader(OpBuilder &b, Location loc, Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  int64_t rank = type.getRank();
  auto makeWeights = [&](ArrayRef<int64_t> shape) -> Value {
    auto weights = RankedTensorType::get(shape, type.getElementType());
    return ConstantOp::create(b, loc, DenseElementsAttr::get(weights, b.getF32FloatAttr(1)));
  };
  if (rank != 4)
    return MatMulOp::create(b, loc, value, makeWeights({type.getDimSize(rank - 1), 1}), Value());
  SmallVector<int64_t> ones = {1, 1}, zeros(4, 0);
  return ConvOp::create(b, loc, value, makeWeights({1, type.getDimSize(1), 1, 1}), Value(), ones,
                        zeros, ones, /*group=*/1);
}

FailureOr<IsolatedKernel> IsolatedKernel::compile(FusedOp group, Precision precision,
                                                  StringRef target) {
  MLIRContext *context = group.getContext();
  OwningOpRef<ModuleOp> module = isolate(group);
  auto function = module->lookupSymbol<func::FuncOp>("main");
  Block &body = function.getBody().front();
  auto returnOp = cast<func::ReturnOp>(body.getTerminator());
  auto copy = returnOp.getOperand(0).getDefiningOp<FusedOp>();
  OpBuilder b(returnOp);
  Operation *reader = makeReader(b, getOnnxLocation(context, "reader", "z"), copy.getY());
  returnOp.setOperand(0, reader->getResult(0));
  function.setFunctionType(b.getFunctionType(body.getArgumentTypes(), reader->getResultTypes()));
  auto table = std::make_shared<CalibrationTable>();
  auto observe = [&](StringRef tensor) { table->observe(tensor, {-1, 1}); };
  observe("y");
  for (unsigned i = 0; i < body.getNumArguments(); ++i) {
    std::string name = "x" + std::to_string(i);
    function.setArgAttr(i, "octet.name", b.getStringAttr(name));
    observe(name);
  }
  constexpr StringLiteral kNode = "measured";
  copy->setLoc(getOnnxLocation(context, kNode, "y"));
  for (Operation *op : {copy.getOperation(), reader}) {
    op->setAttr("octet.precision", PrecisionAttr::get(context, precision));
    op->setAttr("octet.reason", b.getStringAttr("measured"));
  }

  PassManager pm(context);
  QuantizeOptions quantization;
  quantization.table = table;
  buildQuantizePipeline(pm, quantization);
  KernelsOptions options;
  options.target = target.str();
  buildKernelsPipeline(pm, options);
  if (failed(pm.run(*module)))
    return failure();
  auto kernel = load(*module, group.getLoc(), target, /*profile=*/true);
  if (failed(kernel))
    return failure();
  // Relayouts bear the name of the op that wants them.
  for (auto [i, launch] : llvm::enumerate(kernel->model.getInfo().launches))
    if (launch.node == kNode && !StringRef(launch.kernel).starts_with("relayout"))
      kernel->counted.push_back(i);
  return kernel;
}

/// Reads a byte of each line.
static void touch(ArrayRef<char> bytes) {
  constexpr size_t kLine = 64;
  unsigned sum = 0;
  for (size_t i = 0; i < bytes.size(); i += kLine)
    sum += static_cast<unsigned char>(bytes[i]);
  volatile unsigned sink = sum;
  (void)sink;
}

double IsolatedKernel::time() {
  // Twice the L2 of the CPUs in mind.
  static const SmallVector<char, 0> others(2 << 20, 1);
  touch(others);
  for (const reference::Tensor &tensor : inputs)
    touch(tensor.bytes());
  for (const reference::Tensor &tensor : outputs)
    touch(tensor.bytes());
  auto begin = Clock::now();
  model.run(inputs, outputs);
  std::chrono::duration<double> all = Clock::now() - begin;
  if (counted.empty())
    return all.count();
  SmallVector<uint64_t> nanoseconds(model.getInfo().launches.size());
  octet_runtime_api.profile(model.getContext(), nanoseconds.data(), nanoseconds.size(),
                            /*reset=*/1);
  double sum = 0;
  for (unsigned launch : counted)
    sum += nanoseconds[launch] * 1e-9;
  return sum;
}

SmallVector<double> measureMedians(MutableArrayRef<IsolatedKernel> kernels, double seconds) {
  constexpr size_t kLeastRounds = 7;
  SmallVector<SmallVector<double>> times(kernels.size());
  for (IsolatedKernel &kernel : kernels)
    kernel.time(); // the first run pays for pages and for frequency
  auto end = Clock::now() + std::chrono::duration<double>(seconds);
  do {
    for (auto [kernel, samples] : llvm::zip(kernels, times))
      samples.push_back(kernel.time());
  } while (times.front().size() < kLeastRounds || Clock::now() < end);
  SmallVector<double> medians;
  for (SmallVector<double> &samples : times) {
    auto middle = samples.begin() + samples.size() / 2;
    std::nth_element(samples.begin(), middle, samples.end());
    medians.push_back(*middle);
  }
  return medians;
}

} // namespace octet::codegen

#include "codegen/tune/IsolatedKernel.h"

#include "codegen/lower/Passes.h"
#include "codegen/lower/Pipeline.h"

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

FailureOr<IsolatedKernel> IsolatedKernel::compile(Operation *op, StringRef target) {
  std::string error;
  auto machine = lookupTarget(target, error);
  if (failed(machine))
    return emitError(UnknownLoc::get(op->getContext()), error), failure();
  OwningOpRef<ModuleOp> module = isolate(op);
  PassManager pm(op->getContext());
  KernelsOptions options;
  options.target = target.str();
  buildEmissionPipeline(pm, options);
  if (failed(pm.run(*module)))
    return failure();
  auto native = NativeModule::create(*module, *machine, "kernel");
  if (failed(native))
    return failure();
  auto model = JitModel::load(std::move(*native), op->getLoc());
  if (failed(model))
    return failure();
  IsolatedKernel kernel(std::move(*model));
  for (const IoInfo &io : kernel.model.getInfo().inputs)
    kernel.inputs.push_back(makeBuffer(io.type));
  for (const IoInfo &io : kernel.model.getInfo().outputs)
    kernel.outputs.push_back(makeBuffer(io.type));
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
  return std::chrono::duration<double>(Clock::now() - begin).count();
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

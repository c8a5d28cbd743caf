#include "codegen/object/JitModel.h"

#include "codegen/lower/Pipeline.h"
#include "octet/runtime.h"

#include "mlir/Pass/PassManager.h"
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;

namespace octet::codegen {

JitModel::JitModel() = default;

JitModel::JitModel(JitModel &&other)
    : info(std::move(other.info)), jit(std::move(other.jit)), model(other.model),
      context(std::exchange(other.context, nullptr)) {}

JitModel::~JitModel() {
  if (context)
    octet_runtime_api.destroy(context);
}

// The runtime is linked into this program, where the loader would not find its
// hidden symbols; memcpy and the like come from the process.
static llvm::Expected<const octet_model *> link(llvm::orc::LLJIT &jit, NativeModule &native,
                                                JitModel::LaunchFunction launch) {
  llvm::orc::JITDylib &library = jit.getMainJITDylib();
  llvm::orc::SymbolMap symbols;
  auto add = [&](StringRef name, auto *address) {
    symbols[jit.mangleAndIntern(name)] = {llvm::orc::ExecutorAddr::fromPtr(address),
                                          llvm::JITSymbolFlags::Exported};
  };
  add("octet_launch", launch ? launch : &octet_launch);
  add("octet_runtime_api", &octet_runtime_api);
  if (llvm::Error error = library.define(llvm::orc::absoluteSymbols(symbols)))
    return error;
  auto process = llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      jit.getDataLayout().getGlobalPrefix());
  if (!process)
    return process.takeError();
  library.addGenerator(std::move(*process));
  SmallVector<char, 0> object = native.emitObject();
  if (llvm::Error error = jit.addObjectFile(llvm::MemoryBuffer::getMemBufferCopy(
          StringRef(object.data(), object.size()), native.getInfo().name)))
    return error;
  auto getter = jit.lookup(native.getInfo().name + "_model");
  if (!getter)
    return getter.takeError();
  return getter->toPtr<const octet_model *()>()();
}

FailureOr<JitModel> JitModel::load(NativeModule native, Location loc, unsigned threads,
                                   bool profile, LaunchFunction launch) {
  JitModel result;
  result.info = native.getInfo();
  auto jit = llvm::orc::LLJITBuilder().create();
  if (!jit)
    return emitError(loc, llvm::toString(jit.takeError())), failure();
  result.jit = std::move(*jit);
  auto model = link(*result.jit, native, launch);
  if (!model)
    return emitError(loc, llvm::toString(model.takeError())), failure();
  result.model = *model;
  octet_options options = {threads, profile};
  octet_status status = octet_runtime_api.create(result.model, &options, &result.context);
  if (status == OCTET_UNSUPPORTED_CPU) {
    char missing[256];
    octet_runtime_api.missing_features(result.model, missing, sizeof(missing));
    return emitError(loc, "this CPU cannot run code for target '")
               << native.getInfo().target << "', it lacks " << missing,
           failure();
  }
  if (status != OCTET_OK)
    return emitError(loc, octet_runtime_api.status_message(status)), failure();
  return result;
}

FailureOr<JitModel> JitModel::compile(ModuleOp graph, StringRef target, unsigned threads) {
  std::string error;
  auto machine = lookupTarget(target, error);
  if (failed(machine))
    return graph.emitError(error), failure();
  PassManager pm(graph.getContext());
  KernelsOptions options;
  options.target = target.str();
  buildKernelsPipeline(pm, options);
  if (failed(pm.run(graph)))
    return failure();
  auto native = NativeModule::create(graph, *machine, "jit");
  if (failed(native))
    return failure();
  return load(std::move(*native), graph.getLoc(), threads);
}

SmallVector<reference::Tensor> JitModel::run(ArrayRef<reference::Tensor> inputs) {
  SmallVector<reference::Tensor> outputs;
  for (const IoInfo &io : info.outputs)
    outputs.emplace_back(io.type);
  run(inputs, outputs);
  return outputs;
}

void JitModel::run(ArrayRef<reference::Tensor> inputs, MutableArrayRef<reference::Tensor> outputs) {
  SmallVector<octet_buffer> in, out;
  for (const reference::Tensor &tensor : inputs)
    in.push_back({const_cast<char *>(tensor.bytes().data()), tensor.bytes().size()});
  for (reference::Tensor &tensor : outputs)
    out.push_back({tensor.bytes().data(), tensor.bytes().size()});
  octet_status status =
      octet_runtime_api.run(context, in.data(), in.size(), out.data(), out.size());
  (void)status;
  assert(status == OCTET_OK && "tensors are not those of the model");
}

} // namespace octet::codegen

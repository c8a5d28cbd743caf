#include "tests/fuzz/FuzzModel.h"

#include "passes/Pipelines.h"
#include "tests/fuzz/ModelMutator.h"
#include "tests/fuzz/ScratchFile.h"
#include "tools/RegisterEverything.h"

#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;

namespace octet::test {

static const DialectRegistry &getRegistry() {
  static const auto *registry = [] {
    auto *all = new DialectRegistry;
    registerAllDialects(*all);
    return all;
  }();
  return *registry;
}

FuzzContext::FuzzContext() : context(getRegistry(), MLIRContext::Threading::DISABLED) {
  context.getDiagEngine().registerHandler([this](Diagnostic &diagnostic) {
    errors += diagnostic.getSeverity() == DiagnosticSeverity::Error;
    return success();
  });
}

void FuzzContext::check(bool succeeded, const char *stage) const {
  if (succeeded == (errors == 0))
    return;
  std::fprintf(stderr, "%s: %s with %d errors reported\n", stage, succeeded ? "success" : "failure",
               errors);
  std::abort();
}

OwningOpRef<ModuleOp> importBytes(FuzzContext &context, ArrayRef<uint8_t> bytes,
                                  const ImportOptions &options) {
  static ScratchFile file("model.onnx");
  file.write(bytes);
  auto module = importOnnx(context.get(), file.getPath(), options);
  context.check(succeeded(module), "import");
  return succeeded(module) ? std::move(*module) : OwningOpRef<ModuleOp>();
}

bool runGraphPasses(FuzzContext &context, ModuleOp module) {
  PassManager pm(&context.get());
  buildGraphPipeline(pm, GraphOptions());
  bool done = succeeded(pm.run(module)) && succeeded(verify(module));
  context.check(done, "graph passes");
  return done;
}

} // namespace octet::test

// libFuzzer finds these by name.
extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t maxSize);

static size_t store(const onnx::ModelProto &model, uint8_t *data, size_t maxSize) {
  size_t size = model.ByteSizeLong();
  if (size > maxSize || !model.SerializeToArray(data, static_cast<int>(size)))
    return 0;
  return size;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t maxSize,
                                          unsigned seed) {
  onnx::ModelProto model;
  // Bytes as such now and then: files come truncated, too.
  if (seed % 16 == 0 || !model.ParseFromArray(data, static_cast<int>(size)))
    return LLVMFuzzerMutate(data, size, maxSize);
  octet::test::ModelMutator(seed).mutate(model);
  size_t stored = store(model, data, maxSize);
  return stored ? stored : LLVMFuzzerMutate(data, size, maxSize);
}

extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1,
                                            const uint8_t *data2, size_t size2, uint8_t *out,
                                            size_t maxSize, unsigned seed) {
  onnx::ModelProto model, other;
  if (!model.ParseFromArray(data1, static_cast<int>(size1)) ||
      !other.ParseFromArray(data2, static_cast<int>(size2)))
    return 0;
  octet::test::ModelMutator(seed).cross(model, other);
  return store(model, out, maxSize);
}

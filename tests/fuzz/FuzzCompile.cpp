// Small models the whole way to kernels: fused, in f32, bf16 or integers, laid out, planned,
// emitted, lowered to LLVM IR. LLVM's own optimizer and code generator are left out: they cost
// most of the time and are not what hostile models attack.

#include "codegen/lower/Passes.h"
#include "passes/calibrate/CalibrationTable.h"
#include "passes/quantize/Pipeline.h"
#include "tests/fuzz/FuzzModel.h"
#include "tools/RegisterEverything.h"

#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace octet;
using namespace octet::test;

// A range for every f32 tensor, as if calibrated.
static std::shared_ptr<CalibrationTable> makeTable(ModuleOp module) {
  auto table = std::make_shared<CalibrationTable>();
  module.walk([&](Operation *op) {
    for (Value result : op->getResults())
      if (auto type = dyn_cast<RankedTensorType>(result.getType());
          type && type.getElementType().isF32())
        if (StringRef name = getTensorName(op->getLoc()); !name.empty())
          table->observe(name, {-1.0f, 0.0f, 3.0f});
  });
  auto main = module.lookupSymbol<func::FuncOp>("main");
  for (unsigned i = 0; i < main.getNumArguments(); ++i)
    if (auto name = main.getArgAttrOfType<StringAttr>(i, "octet.name"))
      table->observe(name.getValue(), {-1.0f, 0.0f, 3.0f});
  return table;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ImportOptions import;
  import.limits.nodes = 24;
  import.limits.elements = 1 << 14;
  import.limits.generatedElements = 1 << 14;
  FuzzContext context;
  OwningOpRef<ModuleOp> module = importBytes(context, {data, size}, import);
  if (!module || !runGraphPasses(context, *module))
    return 0;
  QuantizeOptions quantization;
  KernelsOptions kernels;
  // Bits of the input's checksum choose, so that an input always goes the same way.
  uint32_t choice = 0;
  for (size_t i = 0; i < size; ++i)
    choice = choice * 31 + data[i];
  kernels.target = choice & 4 ? "x86-64-v3" : "x86-64-v4";
  bool quantized = false;
  module->walk([&](QuantizeOp) { quantized = true; });
  switch (quantized ? 3 : choice & 3) {
  case 0:
    quantization.precision = Precision::Int8;
    quantization.table = makeTable(*module);
    break;
  case 1:
    quantization.precision = Precision::Int8;
    quantization.dynamic = true;
    break;
  case 2:
    quantization.precision = Precision::BF16;
    break;
  case 3:
    quantization.precision = Precision::F32;
    break;
  }
  PassManager pm(&context.get());
  buildAssignPrecisionPipeline(pm, quantization);
  pm.addNestedPass<func::FuncOp>(createFuseEpilogues());
  buildQuantizePipeline(pm, quantization);
  buildKernelsPipeline(pm, kernels);
  buildLLVMPipeline(pm);
  context.check(succeeded(pm.run(*module)), "compilation");
  return 0;
}

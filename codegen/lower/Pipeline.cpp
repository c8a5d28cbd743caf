#include "codegen/lower/Pipeline.h"

#include "codegen/emit/Register.h"
#include "codegen/lower/Passes.h"
#include "codegen/microkernel/Register.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace octet {

void buildKernelsPipeline(OpPassManager &pm, const KernelsOptions &options) {
  buildLayoutPipeline(pm);
  buildEmissionPipeline(pm, options);
}

void buildLayoutPipeline(OpPassManager &pm) {
  pm.addNestedPass<func::FuncOp>(createAssignLayout());
  pm.addNestedPass<func::FuncOp>(createAssignSlices());
}

void buildEmissionPipeline(OpPassManager &pm, const KernelsOptions &options) {
  pm.addNestedPass<func::FuncOp>(createAssignWinograd(AssignWinogradOptions{options.target}));
  pm.addNestedPass<func::FuncOp>(createAssignTiling(AssignTilingOptions{options.target}));
  pm.addPass(createShareTilings(ShareTilingsOptions{options.target}));
  pm.addNestedPass<func::FuncOp>(createAssignScratch());
  pm.addNestedPass<func::FuncOp>(createPlanMemory());
  pm.addPass(createEmitKernels(EmitKernelsOptions{options.target}));
  pm.addPass(createCSEPass());
  pm.addPass(createCanonicalizerPass());
}

void buildLLVMPipeline(OpPassManager &pm) {
  pm.addPass(createSplitEntries());
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createConvertVectorToLLVMPass());
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createConvertIndexToLLVMPass());
  ConvertFuncToLLVMPassOptions bare;
  bare.useBarePtrCallConv = true;
  pm.addPass(createConvertFuncToLLVMPass(bare));
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createLowerLaunch());
  pm.addPass(createReconcileUnrealizedCastsPass());
}

void registerCodegenPasses() {
  registerCodegenLowerPasses();
  PassPipelineRegistration<KernelsOptions>("octet-kernels",
                                           "A graph of fused groups to kernels and their launches",
                                           buildKernelsPipeline);
  PassPipelineRegistration<>("octet-llvm", "Kernels to the LLVM dialect", buildLLVMPipeline);
}

void registerCodegenDialects(DialectRegistry &registry) {
  registry.insert<arith::ArithDialect, math::MathDialect, memref::MemRefDialect, scf::SCFDialect,
                  vector::VectorDialect, LLVM::LLVMDialect>();
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  codegen::registerEmission(registry);
  codegen::registerContractionEmission(registry);
}

} // namespace octet

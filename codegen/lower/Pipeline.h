// The stages of code generation as pipelines.

#ifndef OCTET_CODEGEN_LOWER_PIPELINE_H
#define OCTET_CODEGEN_LOWER_PIPELINE_H

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace octet {

struct KernelsOptions : public mlir::PassPipelineOptions<KernelsOptions> {
  Option<std::string> target{*this, "target", llvm::cl::desc("CPU as LLVM names it, or native"),
                             llvm::cl::init("native")};
};

/// A graph of fused groups -> kernels and an entry function of launches.
void buildKernelsPipeline(mlir::OpPassManager &pm, const KernelsOptions &options);

/// The first part of it: types say where elements lie.
void buildLayoutPipeline(mlir::OpPassManager &pm);

/// The other part.
void buildEmissionPipeline(mlir::OpPassManager &pm, const KernelsOptions &options);

/// Kernels -> LLVM dialect.
void buildLLVMPipeline(mlir::OpPassManager &pm);

/// Registers both as `octet-kernels` and `octet-llvm`, and the passes in them.
void registerCodegenPasses();

/// Dialects and interfaces that code generation needs.
void registerCodegenDialects(mlir::DialectRegistry &registry);

} // namespace octet

#endif // OCTET_CODEGEN_LOWER_PIPELINE_H

// From kernels to machine code: the LLVM dialect, LLVM IR with the model's
// descriptor, LLVM's O3 pipeline for the target, and an object file. In one
// process, without temporary files, and reproducible to the byte.

#ifndef OCTET_CODEGEN_OBJECT_NATIVEMODULE_H
#define OCTET_CODEGEN_OBJECT_NATIVEMODULE_H

#include "codegen/object/ModelInfo.h"
#include "codegen/target/Target.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

namespace octet::codegen {

class NativeModule {
public:
  /// Lowers a module of kernels (which is consumed), translates and optimizes it.
  /// Diagnostics go to the module's context.
  static mlir::FailureOr<NativeModule> create(mlir::ModuleOp kernels, const Target &target,
                                              llvm::StringRef name);

  const ModelInfo &getInfo() const { return info; }
  llvm::Module &getModule() { return *module; }

  /// Adds octet_get_model(), the name under which any shared library's model is found, and
  /// the text octet_layers where the model returns layers.
  void addGenericGetter();

  llvm::SmallVector<char, 0> emitObject() { return emit(llvm::CodeGenFileType::ObjectFile); }
  llvm::SmallVector<char, 0> emitAssembly() { return emit(llvm::CodeGenFileType::AssemblyFile); }

private:
  NativeModule() = default;
  llvm::SmallVector<char, 0> emit(llvm::CodeGenFileType type);

  ModelInfo info;
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::TargetMachine> machine;
  std::unique_ptr<llvm::Module> module;
};

} // namespace octet::codegen

#endif // OCTET_CODEGEN_OBJECT_NATIVEMODULE_H

// A model in this process: calibration and the tests of generated code run the very
// machine code that would be written to disk.

#ifndef OCTET_CODEGEN_OBJECT_JITMODEL_H
#define OCTET_CODEGEN_OBJECT_JITMODEL_H

#include "codegen/object/NativeModule.h"
#include "dialect/reference/Tensor.h"

struct octet_context;
struct octet_model;

namespace llvm::orc {
class LLJIT;
}

namespace octet::codegen {

class JitModel {
public:
  /// What the code calls as octet_launch of runtime.h.
  using LaunchFunction = void (*)(octet_context *, void (*)(void *const *, int64_t, int64_t),
                                  void *const *, int64_t, uint32_t);

  /// Loads compiled code. Fails with a diagnostic at `loc` if this CPU cannot run it.
  /// `launch` stands between the model and the runtime's own, which null means.
  static mlir::FailureOr<JitModel> load(NativeModule native, mlir::Location loc,
                                        unsigned threads = 1, bool profile = false,
                                        LaunchFunction launch = nullptr);
  /// Compiles a module with a graph @main (fused, every decision made) and loads it.
  /// The module is consumed.
  static mlir::FailureOr<JitModel> compile(mlir::ModuleOp graph, llvm::StringRef target,
                                           unsigned threads = 1);
  JitModel(JitModel &&);
  ~JitModel();

  const ModelInfo &getInfo() const { return info; }
  /// For the runtime's own functions (octet_runtime_api).
  octet_context *getContext() const { return context; }
  /// What a library of this code would export.
  const octet_model &getModel() const { return *model; }

  /// Outputs for inputs in the model's order and types.
  llvm::SmallVector<reference::Tensor> run(llvm::ArrayRef<reference::Tensor> inputs);
  /// The same into tensors that exist.
  void run(llvm::ArrayRef<reference::Tensor> inputs,
           llvm::MutableArrayRef<reference::Tensor> outputs);

private:
  JitModel();
  ModelInfo info;
  std::unique_ptr<llvm::orc::LLJIT> jit;
  const octet_model *model = nullptr;
  octet_context *context = nullptr;
};

} // namespace octet::codegen

#endif // OCTET_CODEGEN_OBJECT_JITMODEL_H

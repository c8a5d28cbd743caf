// One op of a model as machine code in this process, to be timed: the kernel that the
// model would get, on operands of its own.

#ifndef OCTET_CODEGEN_TUNE_ISOLATEDKERNEL_H
#define OCTET_CODEGEN_TUNE_ISOLATEDKERNEL_H

#include "codegen/object/JitModel.h"

namespace octet::codegen {

class IsolatedKernel {
public:
  /// For `op`, laid out, with attributes that decide on its kernel. `op` stays.
  static mlir::FailureOr<IsolatedKernel> compile(mlir::Operation *op, llvm::StringRef target);

  /// Seconds of one run on one thread. Caches hold operands before it, as they would
  /// behind the op that made them, but neither weights nor code.
  double time();

private:
  explicit IsolatedKernel(JitModel model) : model(std::move(model)) {}

  JitModel model;
  llvm::SmallVector<reference::Tensor> inputs, outputs;
};

/// The median time of each kernel, which take turns until `seconds` are over.
llvm::SmallVector<double> measureMedians(llvm::MutableArrayRef<IsolatedKernel> kernels,
                                         double seconds);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_TUNE_ISOLATEDKERNEL_H

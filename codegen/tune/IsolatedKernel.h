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

  /// For `group` with a contraction as root, in f32 and not yet laid out: the kernel that it
  /// would have in `precision` between neighbours of the same precision.
  static mlir::FailureOr<IsolatedKernel> compile(FusedOp group, Precision precision,
                                                 llvm::StringRef target);

  /// Seconds of one run on one thread. Caches hold operands before it, as they would
  /// behind the op that made them, but neither weights nor code.
  double time();

private:
  explicit IsolatedKernel(JitModel model);
  static mlir::FailureOr<IsolatedKernel> load(mlir::ModuleOp kernels, mlir::Location loc,
                                              llvm::StringRef target, bool profile);

  JitModel model;
  llvm::SmallVector<reference::Tensor> inputs, outputs;
  /// The launches whose time counts; empty: everything, by the clock.
  llvm::SmallVector<unsigned> counted;
};

/// The median time of each kernel, which take turns until `seconds` are over.
llvm::SmallVector<double> measureMedians(llvm::MutableArrayRef<IsolatedKernel> kernels,
                                         double seconds);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_TUNE_ISOLATEDKERNEL_H

// A compiled model whose kernels see nothing but their own buffers: for each launch the
// buffers are copied to memory of their own that ends where an unmapped page begins, and in a
// second run, on three threads, begins where one ends. A kernel that reads or writes one byte
// outside of any of them dies, and says which one it was. This is how tests run machine code; the
// arena as a whole between two guard pages would hide accesses to the neighbours in it.

#ifndef OCTET_TESTS_NUMERICS_GUARDEDMODEL_H
#define OCTET_TESTS_NUMERICS_GUARDEDMODEL_H

#include "codegen/object/JitModel.h"

#include <string>
#include <vector>

namespace octet::test {

/// The buffers of a launch.
struct LaunchInfo {
  std::string node;
  std::vector<int64_t> bytes;
};

class GuardedModel {
public:
  /// From a graph @main, as JitModel::compile. The module is consumed.
  static mlir::FailureOr<GuardedModel> compile(mlir::ModuleOp graph, llvm::StringRef target);
  /// From kernels (octet-emit-kernels). The module is consumed.
  static mlir::FailureOr<GuardedModel> load(mlir::ModuleOp kernels, const codegen::Target &target);
  GuardedModel(GuardedModel &&) = default;

  /// Outputs for inputs in the model's order. Runs twice; results that differ (between
  /// the numbers of threads, or by what memory held before), inputs or constants that are written
  /// to, and bytes written beside a buffer are test failures.
  llvm::SmallVector<reference::Tensor> run(llvm::ArrayRef<reference::Tensor> inputs);

private:
  GuardedModel(codegen::JitModel model, octet_context *team, std::vector<LaunchInfo> launches)
      : model(std::move(model)), team(team), launches(std::move(launches)) {}
  llvm::SmallVector<reference::Tensor> runOnce(llvm::ArrayRef<reference::Tensor> inputs,
                                               bool atEnd);

  struct Destroy {
    void operator()(octet_context *context) const;
  };

  codegen::JitModel model;
  std::unique_ptr<octet_context, Destroy> team; ///< of several threads
  std::vector<LaunchInfo> launches;
};

} // namespace octet::test

#endif // OCTET_TESTS_NUMERICS_GUARDEDMODEL_H

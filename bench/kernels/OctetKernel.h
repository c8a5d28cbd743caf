// A layer compiled by Octet and loaded into this process.

#ifndef OCTET_BENCH_KERNELS_OCTETKERNEL_H
#define OCTET_BENCH_KERNELS_OCTETKERNEL_H

#include "bench/kernels/Layer.h"
#include "codegen/object/JitModel.h"

namespace octet::bench {

/// Memory as the arena of a model has it: elements start on cache lines.
class AlignedBytes {
public:
  explicit AlignedBytes(llvm::ArrayRef<char> content);
  explicit AlignedBytes(size_t size);
  ~AlignedBytes();
  AlignedBytes(AlignedBytes &&other) : data(std::exchange(other.data, nullptr)), size(other.size) {}
  llvm::MutableArrayRef<char> get() { return {data, size}; }

private:
  char *data;
  size_t size;
};

class OctetKernel {
public:
  /// Compiles `layer` as a network would: layouts by the pass that assigns them, the
  /// halo of the input filled by whoever made it. Diagnostics go to the context.
  static mlir::FailureOr<OctetKernel> compile(mlir::MLIRContext &context, const Layer &layer,
                                              llvm::StringRef target, unsigned threads);
  void run();
  /// The last result in logical order.
  reference::Tensor getResult();

private:
  OctetKernel(codegen::JitModel model, AlignedBytes x, mlir::RankedTensorType yType);

  codegen::JitModel model;
  AlignedBytes x, y;
  mlir::RankedTensorType yType;
};

/// What the reference evaluator says.
mlir::FailureOr<reference::Tensor> evaluate(mlir::MLIRContext &context, const Layer &layer);

} // namespace octet::bench

#endif // OCTET_BENCH_KERNELS_OCTETKERNEL_H

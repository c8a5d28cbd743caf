// Whether a measured kernel computes what it should.

#ifndef OCTET_BENCH_KERNELS_VERIFY_H
#define OCTET_BENCH_KERNELS_VERIFY_H

#include "bench/kernels/OctetKernel.h"

namespace octet::bench {

/// Compares the last result of a kernel for `target` with the reference evaluator, or
/// where that would take long with a kernel of another row. Returns what is wrong.
std::string verify(mlir::MLIRContext &context, const Layer &layer, llvm::StringRef target,
                   const reference::Tensor &result);

/// The largest difference between two results: units of an integer, or relative to
/// the largest float.
double getDifference(const reference::Tensor &a, const reference::Tensor &b);

} // namespace octet::bench

#endif // OCTET_BENCH_KERNELS_VERIFY_H

// Two builds of a model side by side: what they compute, and what their kernels take.

#ifndef OCTET_TOOLS_RUN_DIFF_H
#define OCTET_TOOLS_RUN_DIFF_H

#include "tools/run/Run.h"

namespace octet::run {

/// Compares the library `options.library` with `options.diff` on `options.input`.
llvm::Error printDifference(const RunOptions &options, llvm::raw_ostream &os);

} // namespace octet::run

#endif // OCTET_TOOLS_RUN_DIFF_H

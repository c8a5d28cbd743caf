// Samples for the inputs (or expected outputs) of a compiled model.

#ifndef OCTET_TOOLS_RUN_MODELSAMPLES_H
#define OCTET_TOOLS_RUN_MODELSAMPLES_H

#include "octet/runtime.h"
#include "tools/npz/Samples.h"

namespace octet::run {

llvm::Error fail(const llvm::Twine &message);

/// Finds the arrays for inputs or outputs of a model.
llvm::Expected<npz::Samples> openSamples(llvm::StringRef path, llvm::ArrayRef<octet_io> ios,
                                         llvm::StringRef prefix = "", bool prefixOptional = false);

llvm::Error readRun(npz::Samples &samples, int64_t run, llvm::ArrayRef<octet_buffer> buffers);

int64_t getElementCount(const octet_io &io);

} // namespace octet::run

#endif // OCTET_TOOLS_RUN_MODELSAMPLES_H

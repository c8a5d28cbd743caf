// Element types of models and of .npz files.

#ifndef OCTET_TOOLS_RUN_ELEMENTS_H
#define OCTET_TOOLS_RUN_ELEMENTS_H

#include "octet/runtime.h"
#include "tools/npz/NpyHeader.h"

#include <optional>

namespace octet::run {

/// The .npz type of an octet_dtype; none for bfloat16, which NumPy lacks.
std::optional<npz::DType> toNpz(uint32_t dtype);

/// `float32`, ...; `unknown` for a number that is no octet_dtype.
llvm::StringRef getTypeName(uint32_t dtype);

/// Converts `count` elements to doubles.
void toDoubles(npz::DType dtype, const void *data, int64_t count, double *result);

} // namespace octet::run

#endif // OCTET_TOOLS_RUN_ELEMENTS_H

// What octetc tells about a compilation on standard output.

#ifndef OCTET_TOOLS_OCTETC_REPORT_H
#define OCTET_TOOLS_OCTETC_REPORT_H

#include "codegen/object/ModelInfo.h"
#include "llvm/Support/raw_ostream.h"

namespace octet {

/// A line for each op or group: node, op, precision, reason.
void printPrecisions(mlir::ModuleOp module, llvm::raw_ostream &out);

/// A line for each contraction that is tiled: node, op, tile.
void printTilings(mlir::ModuleOp module, llvm::raw_ostream &out);

/// One line: file, kernels, bytes of weights and of the arena (the peak of memory).
void printSummary(const codegen::ModelInfo &info, llvm::StringRef output, llvm::raw_ostream &out);

} // namespace octet

#endif // OCTET_TOOLS_OCTETC_REPORT_H

// Bytes as a model file on disk, and its import as octetc does it: what the fuzz targets
// for models share.

#ifndef OCTET_TESTS_FUZZ_FUZZMODEL_H
#define OCTET_TESTS_FUZZ_FUZZMODEL_H

#include "frontend/Import.h"
#include "llvm/ADT/ArrayRef.h"

namespace octet::test {

/// A context with all dialects that counts errors; they go nowhere.
class FuzzContext {
public:
  FuzzContext();
  mlir::MLIRContext &get() { return context; }

  /// A failure without a report leaves a user alone, and a report without a failure scares:
  /// both end the process.
  void check(bool succeeded, const char *stage) const;

private:
  mlir::MLIRContext context;
  int errors = 0;
};

/// The module, or null where the model was refused.
mlir::OwningOpRef<mlir::ModuleOp> importBytes(FuzzContext &context, llvm::ArrayRef<uint8_t> bytes,
                                              const ImportOptions &options);

/// Cleans the graph up. False where the graph was refused.
bool runGraphPasses(FuzzContext &context, mlir::ModuleOp module);

} // namespace octet::test

#endif // OCTET_TESTS_FUZZ_FUZZMODEL_H

// Bytes -> importer -> graph passes, with the limits that users get.

#include "tests/fuzz/FuzzModel.h"

using namespace octet;
using namespace octet::test;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  FuzzContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module = importBytes(context, {data, size}, {});
  if (module)
    runGraphPasses(context, *module);
  return 0;
}

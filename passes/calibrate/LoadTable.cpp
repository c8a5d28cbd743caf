#include "passes/calibrate/CalibrationTable.h"
#include "passes/calibrate/Passes.h"

using namespace mlir;

namespace octet {

LogicalResult loadTable(MLIRContext *context, StringRef path,
                        std::shared_ptr<const CalibrationTable> &table) {
  if (path.empty())
    return success();
  llvm::Expected<CalibrationTable> loaded = CalibrationTable::load(path);
  if (!loaded)
    return emitError(UnknownLoc::get(context)) << llvm::toString(loaded.takeError());
  table = std::make_shared<const CalibrationTable>(std::move(*loaded));
  return success();
}

} // namespace octet

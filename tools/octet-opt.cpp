// Runs any pass or named pipeline over MLIR, with the conventions of mlir-opt.

#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "tools/RegisterEverything.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  octet::registerAllDialects(registry);
  octet::registerAllPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "octet pass driver\n", registry));
}

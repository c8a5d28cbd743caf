// Runs any pass or named pipeline over MLIR, with the conventions of mlir-opt.

#include "dialect/Octet.h"
#include "mlir/InitAllDialects.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry.insert<octet::OctetDialect, mlir::quant::QuantDialect, mlir::func::FuncDialect>();
  mlir::registerTransformsPasses();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "octet pass driver\n", registry));
}

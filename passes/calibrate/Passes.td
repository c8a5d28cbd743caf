// Passes that learn the ranges of tensors.

#ifndef OCTET_PASSES_CALIBRATE_PASSES_TD
#define OCTET_PASSES_CALIBRATE_PASSES_TD

include "mlir/Pass/PassBase.td"

def InsertObservers : Pass<"octet-insert-observers", "::mlir::func::FuncOp"> {
  let summary = "Return every tensor that quantization may ask about";
  let description = [{
    Replaces the results of a function by all its f32 tensors: arguments and results
    of octet ops, constants excepted. Each new result has the attribute
    `octet.observed`, the ONNX name of the tensor. Running the function over samples
    and feeding the results to CalibrationTable::observe is calibration.

    Precondition: every argument has `octet.name`; ops without a tensor name are
    skipped. Postcondition: all results of the function are observed.

    Example: tests/passes/calibrate/insert-observers.mlir
  }];
  let dependentDialects = ["::octet::OctetDialect"];
}

#endif // OCTET_PASSES_CALIBRATE_PASSES_TD

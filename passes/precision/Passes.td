// Precision decided by time.

#ifndef OCTET_PASSES_PRECISION_PASSES_TD
#define OCTET_PASSES_PRECISION_PASSES_TD

include "mlir/Pass/PassBase.td"

def PreferFasterDynamic : Pass<"octet-prefer-faster-dynamic", "::mlir::func::FuncOp"> {
  let summary = "Keep in f32 what scales at run time would make slower";
  let description = [{
    Gives f32, with the estimate as the reason, to the int8 contractions that read an activation
    where integers save them less time than it takes to find the activation's scale and to
    quantize it. What the configuration asked for stays.

    Precondition: `octet.precision` is set, no groups, QuantizeDynamically has not run.

    Example: tests/passes/precision/prefer-faster-dynamic.mlir
  }];
  // Needs a model: codegen registers it.
  let constructor = "::octet::createPreferFasterDynamic(\"native\", {})";
  let options = [Option<"target", "target", "std::string", "\"native\"",
                        "CPU as LLVM names it, or native">];
  let dependentDialects = ["::octet::OctetDialect"];
}

def PreferFasterPrecision : Pass<"octet-prefer-faster-precision", "::mlir::func::FuncOp"> {
  let summary = "Keep in f32 what int8 would make slower";
  let description = [{
    Gives f32, with the estimate as the reason, to int8 kernels whose time in int8 with
    the borders around them is more than in f32. What the configuration asked for
    stays, and so does what the model brings as integers. Times are those of a TimeModel that codegen provides for the target; the
    choice is the exact minimum of their sum (a minimum cut), so that regions of several
    kernels move together.

    Precondition: `octet.precision` is set; groups are formed; nothing is quantized yet.

    Example: tests/passes/precision/prefer-faster-precision.mlir
  }];
  // Needs a model: codegen registers it.
  let constructor = "::octet::createPreferFasterPrecision(\"native\", {})";
  let options = [Option<"target", "target", "std::string", "\"native\"",
                        "CPU as LLVM names it, or native">];
  let dependentDialects = ["::octet::OctetDialect"];
}

def SharePrecisions : Pass<"octet-share-precisions", "::mlir::ModuleOp"> {
  let summary = "Let entries of other shapes compute as @main does";
  let description = [{
    Gives groups and ops of @main.1, @main.2 ... the precision and reason of the op of @main that
    makes the tensor of the same name. An op without such a counterpart stays as it is.

    Precondition: precisions are decided in all of them, groups are formed.

    Example: tests/passes/precision/share-precisions.mlir
  }];
}

#endif // OCTET_PASSES_PRECISION_PASSES_TD

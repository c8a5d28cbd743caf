// Passes that make a graph lose less accuracy in integers, without changing what it
// computes in f32. Rules Q1.. and R1.. are those of docs/quantization.md. Alphabetical.

#ifndef OCTET_PASSES_REPAIR_PASSES_TD
#define OCTET_PASSES_REPAIR_PASSES_TD

include "mlir/Pass/PassBase.td"

def CorrectBias : Pass<"octet-correct-bias", "::mlir::func::FuncOp"> {
  let summary = "Add to biases what rounding takes from sums on the average";
  let description = [{
    Decides the integer weights of int8 contractions (Q14) where no pass has done so,
    writes them down as `octet.integer_weights` and `octet.weight_scales`, and adds to
    the bias the mean of exact minus rounded sums (R2), as the means of the channels of
    the input foretell it. A contraction without such statistics stays as it is.

    Precondition: values are quantized, weights are not (it runs right before
    QuantizeContractions).

    Example: tests/passes/repair/correct-bias.mlir
  }];
  let options = [
    Option<"calibrationPath", "calibration", "std::string", "\"\"", "Calibration table (JSON)">
  ];
  let dependentDialects = ["::octet::OctetDialect"];
}

def CorrectBiasBySamples : Pass<"octet-correct-bias-by-samples", "::mlir::func::FuncOp"> {
  let summary = "Add to biases what quantization takes from sums on the average";
  let description = [{
    As octet-correct-bias, but the mean of exact minus quantized results is measured: the
    function is simulated in f32 over samples, and contractions are corrected after all that
    they read (R2, full). What a contraction lost by its inputs is made up for as well.

    Precondition: as for octet-correct-bias, which may have run before. The pass needs a
    `SampleRunner` and the graph in f32, so that only a driver that has samples can make it.

    Example: tests/passes/repair/CorrectBiasBySamplesTest.cpp
  }];
  let dependentDialects = ["::octet::OctetDialect"];
}

def EqualizeLayers : Pass<"octet-equalize-layers", "::mlir::func::FuncOp"> {
  let summary = "Move scales of channels between contractions";
  let description = [{
    Where all that reads the result of a contraction, through ops that commute with a
    positive factor for each channel, are contractions, channels are divided by
    factors in the first and multiplied by them in the others (R1), so that each
    channel makes about the same use of the range of a tensor's weights. The bounds of
    a clip between them become bounds for each channel.

    Values with another scale get names of their own ("NAME:equalized"), so that a
    calibration table of the unchanged graph is not mistaken for one of this.

    Precondition: the graph is cleaned up. Weights and biases that are not constant
    end a chain.

    Example: tests/passes/repair/equalize-layers.mlir
  }];
  let dependentDialects = ["::octet::OctetDialect"];
}

def SmoothQuant : Pass<"octet-smooth-quant", "::mlir::func::FuncOp"> {
  let summary = "Move the spread of channels from activations to weights";
  let description = [{
    The channels of an activation that matrix products read are divided by factors, and the
    rows of their weights multiplied by them (R4): s = max|x|^alpha / max|w|^(1 - alpha), by the
    extremes of channels in the calibration table. The division goes into what gives the
    activation: the scale and shift of a norm, or the weights of the product before it; behind a norm
    that others read as well, into a product of its own. Other activations stay what they are.

    Values with another scale get names of their own ("NAME:smoothed"), and contractions the
    attribute `octet.smoothed`. The table that the pass is given gets the new ranges.

    Precondition: the graph is cleaned up, and the table is its own.

    Example: tests/passes/repair/smooth-quant.mlir
  }];
  let options = [
    Option<"calibrationPath", "calibration", "std::string", "\"\"", "Calibration table (JSON)">,
    Option<"alpha", "alpha", "double", "0.5", "Share of the spread that weights take, 0 to 1">
  ];
  let dependentDialects = ["::octet::OctetDialect"];
}

#endif // OCTET_PASSES_REPAIR_PASSES_TD

// What passes ask of an op instead of its name.

#ifndef OCTET_INTERFACES_TD
#define OCTET_INTERFACES_TD

include "mlir/IR/OpBase.td"

def Octet_ElementwiseOpInterface : OpInterface<"ElementwiseOpInterface"> {
  let cppNamespace = "::octet";
  let description = [{
    Each result element depends on the elements of the operands at the same
    place (operands broadcast as in numpy). One result. The scalar meaning given
    here serves the evaluator and the building of 256-entry tables.
  }];
  let methods = [
    InterfaceMethod<"The result element for the given operand elements, in f32 "
                    "with one rounding for each operation",
      "float", "evaluateScalar", (ins "::llvm::ArrayRef<float>":$operands)>,
    InterfaceMethod<"The result element on integers (wrapped to the element type by "
                    "the caller), or nullopt where the op has no integer meaning",
      "std::optional<int64_t>", "evaluateInteger",
      (ins "::llvm::ArrayRef<int64_t>":$operands), "", "return std::nullopt;">,
    InterfaceMethod<"Instructions for an element (a register of them) in f32, roughly",
      "int64_t", "getInstructionCount", (ins), "", "return 1;">
  ];
}

def Octet_QuantizableOpInterface : OpInterface<"QuantizableOpInterface"> {
  let cppNamespace = "::octet";
  let description = [{
    How an op can run on integers. Ops without this interface stay in f32.
  }];
  let methods = [
    InterfaceMethod<"What the op does to quantized values",
      "::octet::QuantizationRole", "getQuantizationRole">,
    InterfaceMethod<"For Contraction: the axis of operand 1 that counts output "
                    "channels, along which weight scales may differ",
      "int64_t", "getWeightChannelAxis", (ins), "", "return 0;">,
    InterfaceMethod<"Whether the op can read and give bf16, other than through casts "
                    "in its group",
      "bool", "takesBF16", (ins), "",
      "return $_op.getQuantizationRole() != ::octet::QuantizationRole::Float;">
  ];
}

def Octet_LayoutOpInterface : OpInterface<"LayoutOpInterface"> {
  let cppNamespace = "::octet";
  let description = [{
    Which memory order an op wants for its rank-4 operands and results. Ops
    without this interface want row-major.
  }];
  let methods = [
    InterfaceMethod<"The wanted order", "::octet::LayoutPreference", "getLayoutPreference">,
    InterfaceMethod<"Border (top, left, bottom, right) the op reads around its "
                    "operand 0; zeros where it reads none",
      "::llvm::SmallVector<int64_t, 4>", "getReadHalo", (ins), "",
      "return {0, 0, 0, 0};">
  ];
}

#endif // OCTET_INTERFACES_TD

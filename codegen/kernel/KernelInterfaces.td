// How ops become code. Attached to the ops of the dialect from outside, so that
// the dialect knows nothing of code generation.

#ifndef OCTET_KERNEL_INTERFACES_TD
#define OCTET_KERNEL_INTERFACES_TD

include "mlir/IR/OpBase.td"

def Octet_KernelOpInterface : OpInterface<"KernelOpInterface"> {
  let cppNamespace = "::octet::codegen";
  let description = [{
    An op that can be the root of a kernel (alone, or in an octet.fused).
  }];
  let methods = [
    InterfaceMethod<"Emits the kernel's body: one KernelBuilder::parallelLoop whose "
                    "body stores every element of the result. Fails with a "
                    "diagnostic for a case that has no emission",
      "::llvm::LogicalResult", "emitKernel",
      (ins "::octet::codegen::KernelBuilder &":$kernel)>
  ];
}

def Octet_ElementwiseEmissionInterface : OpInterface<"ElementwiseEmissionInterface"> {
  let cppNamespace = "::octet::codegen";
  let description = [{
    Emits an elementwise op on f32 or integer scalars, or vectors of them.
  }];
  let methods = [
    InterfaceMethod<"The result value for operand values of one scalar or vector type",
      "::mlir::Value", "emitElement",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc,
           "::mlir::ValueRange":$operands)>
  ];
}

#endif // OCTET_KERNEL_INTERFACES_TD

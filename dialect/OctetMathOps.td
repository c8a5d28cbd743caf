// Functions of one f32 element beyond those that nearly every network has.

#ifndef OCTET_MATH_OPS_TD
#define OCTET_MATH_OPS_TD

include "dialect/OctetOpBase.td"

class Octet_MathOp<string mnemonic, string formula, int instructions, string role = "Real",
                   string domain = "">
    : Octet_TensorOp<mnemonic, role, "Follow", [
          DeclareOpInterfaceMethods<Octet_ElementwiseOpInterface, ["evaluateScalar"]>]> {
  let summary = "Compute " # formula # " for each element";
  let description = "y = " # formula # ", on f32 elements." # domain #
                    " The result has the shape of `x`.";
  let arguments = (ins Octet_F32Tensor:$x);
  let results = (outs Octet_F32Tensor:$y);
  let assemblyFormat = "$x attr-dict `:` functional-type($x, $y)";
  let extraClassDeclaration =
      roleAndLayout # "int64_t getInstructionCount() { return " # instructions # "; }";
}

// An angle may have any size and counts modulo a turn: rounding it to 8 bits leaves nothing.
class Octet_PeriodicOp<string mnemonic, string formula, int instructions>
    : Octet_MathOp<mnemonic, formula, instructions, "Float",
                   " Above 2^52, where neighbours lie thousands of turns apart, x counts as 0.">;

def Octet_SinOp : Octet_PeriodicOp<"sin", "sin(x)", 40>;
def Octet_CosOp : Octet_PeriodicOp<"cos", "cos(x)", 40>;
def Octet_TanOp : Octet_PeriodicOp<"tan", "tan(x)", 50>;
def Octet_AsinOp : Octet_MathOp<"asin", "arcsin(x)", 25>;
def Octet_AcosOp : Octet_MathOp<"acos", "arccos(x)", 28>;
def Octet_AtanOp : Octet_MathOp<"atan", "arctan(x)", 25>;
def Octet_SinhOp : Octet_MathOp<"sinh", "sinh(x)", 30>;
def Octet_CoshOp : Octet_MathOp<"cosh", "cosh(x)", 25>;
def Octet_AsinhOp : Octet_MathOp<"asinh", "arsinh(x)", 45>;
def Octet_AcoshOp : Octet_MathOp<"acosh", "arcosh(x)", 45>;
def Octet_AtanhOp : Octet_MathOp<"atanh", "artanh(x)", 40>;
def Octet_SoftplusOp : Octet_MathOp<"softplus", "ln(1 + exp(x))", 45>;

#endif // OCTET_MATH_OPS_TD

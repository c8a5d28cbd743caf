// Ops whose result elements depend on one element of each operand.

#ifndef OCTET_ELEMENTWISE_OPS_TD
#define OCTET_ELEMENTWISE_OPS_TD

include "dialect/OctetOpBase.td"

class Octet_ElementwiseOp<string mnemonic, list<Trait> traits = []>
    : Octet_TensorOp<mnemonic, "Real", "Follow", !listconcat([
          DeclareOpInterfaceMethods<Octet_ElementwiseOpInterface, ["evaluateScalar"]>], traits)>;

class Octet_UnaryOp<string mnemonic, string formula, list<Trait> traits = [], int instructions = 1>
    : Octet_ElementwiseOp<mnemonic, traits> {
  let summary = "Compute " # formula # " for each element";
  let description = "y = " # formula # ", on f32 elements. The result has the shape of `x`.";
  let arguments = (ins Octet_F32Tensor:$x);
  let results = (outs Octet_F32Tensor:$y);
  let assemblyFormat = "$x attr-dict `:` functional-type($x, $y)";
  let extraClassDeclaration = roleAndLayout # "int64_t getInstructionCount() { return " # instructions # "; }";
}

// Unary ops that also act on integers.
class Octet_UnaryNumberOp<string mnemonic, string formula>
    : Octet_UnaryOp<mnemonic, formula, [
          DeclareOpInterfaceMethods<Octet_ElementwiseOpInterface,
                                    ["evaluateScalar", "evaluateInteger"]>]> {
  let description = "y = " # formula # ", on f32 or integers. The result has the shape of `x`.";
  let arguments = (ins Octet_NumberTensor:$x);
  let results = (outs Octet_NumberTensor:$y);
}

def Octet_ReluOp : Octet_UnaryNumberOp<"relu", "max(x, 0)">;
def Octet_NegOp : Octet_UnaryNumberOp<"neg", "-x">;
def Octet_AbsOp : Octet_UnaryNumberOp<"abs", "|x|">;
def Octet_SigmoidOp : Octet_UnaryOp<"sigmoid", "1 / (1 + exp(-x))", [], 20>;
def Octet_HardSwishOp : Octet_UnaryOp<"hard_swish", "x * clip(x / 6 + 1/2, 0, 1)", [], 6>;
def Octet_SiluOp : Octet_UnaryOp<"silu", "x / (1 + exp(-x))", [], 21>;
def Octet_TanhOp : Octet_UnaryOp<"tanh", "tanh(x)", [], 20>;
def Octet_ExpOp : Octet_UnaryOp<"exp", "exp(x)", [], 14>;
def Octet_LogOp : Octet_UnaryOp<"log", "ln(x)", [], 18>;
def Octet_SqrtOp : Octet_UnaryOp<"sqrt", "sqrt(x)", [], 8>;
def Octet_ErfOp : Octet_UnaryOp<"erf", "erf(x)", [], 20>;
def Octet_ReciprocalOp : Octet_UnaryOp<"reciprocal", "1 / x", [], 8>;
def Octet_FloorOp : Octet_UnaryOp<"floor", "floor(x)">;
def Octet_CeilOp : Octet_UnaryOp<"ceil", "ceil(x)">;
def Octet_RoundOp : Octet_UnaryOp<"round", "x rounded to the nearest integer, half to even">;

class Octet_ParametricUnaryOp<string mnemonic, string formula, dag attributes, int instructions>
    : Octet_UnaryOp<mnemonic, formula, [], instructions> {
  let arguments = !con((ins Octet_F32Tensor:$x), attributes);
}

def Octet_ClipOp : Octet_ParametricUnaryOp<"clip", "min(max(x, low), high)",
    (ins F32Attr:$low, F32Attr:$high), 2> {
  let hasVerifier = 1;
}
def Octet_LeakyReluOp : Octet_ParametricUnaryOp<"leaky_relu", "x < 0 ? alpha * x : x",
    (ins F32Attr:$alpha), 3>;
def Octet_HardSigmoidOp
    : Octet_ParametricUnaryOp<"hard_sigmoid", "clip(alpha * x + beta, 0, 1)",
    (ins F32Attr:$alpha, F32Attr:$beta), 4>;
def Octet_EluOp : Octet_ParametricUnaryOp<"elu", "x < 0 ? alpha * (exp(x) - 1) : x",
    (ins F32Attr:$alpha), 18>;

class Octet_BinaryOp<string mnemonic, string formula, int instructions = 1>
    : Octet_ElementwiseOp<mnemonic, [
          DeclareOpInterfaceMethods<Octet_ElementwiseOpInterface,
                                    ["evaluateScalar", "evaluateInteger"]>]> {
  let summary = "Compute " # formula # " with broadcasting";
  let description = "y = " # formula # [{, on f32 or integers of one type. Shapes
    broadcast as in numpy; the result has the broadcast shape.}];
  let arguments = (ins Octet_NumberTensor:$a, Octet_NumberTensor:$b);
  let results = (outs Octet_NumberTensor:$y);
  let assemblyFormat = "$a `,` $b attr-dict `:` functional-type(operands, $y)";
  let extraClassDeclaration = roleAndLayout # "int64_t getInstructionCount() { return " # instructions # "; }";
}

def Octet_AddOp : Octet_BinaryOp<"add", "a + b">;
def Octet_SubOp : Octet_BinaryOp<"sub", "a - b">;
def Octet_MulOp : Octet_BinaryOp<"mul", "a * b">;
def Octet_DivOp : Octet_BinaryOp<"div", "a / b (toward zero on integers)", 8>;
def Octet_PowOp : Octet_BinaryOp<"pow", "a to the power b", 40>;
def Octet_MinOp : Octet_BinaryOp<"min", "min(a, b)">;
def Octet_MaxOp : Octet_BinaryOp<"max", "max(a, b)">;
def Octet_PReluOp : Octet_BinaryOp<"prelu", "a < 0 ? b * a : a", 3>;

def Octet_CastOp : Octet_PureOp<"cast", [Octet_LayoutOpInterface]> {
  let summary = "Convert elements to another type";
  let description = [{
    Float to integer truncates toward zero and saturates, NaN gives 0; integer to
    integer wraps; to i1 tests for nonzero (ONNX Cast-13, with what ONNX leaves
    undefined, saturation and NaN, defined). Shapes are equal.
  }];
  let arguments = (ins Octet_NumberTensor:$x);
  let results = (outs Octet_NumberTensor:$y);
  let assemblyFormat = "$x attr-dict `:` functional-type($x, $y)";
  let hasVerifier = 1;
  let hasFolder = 1;
  let extraClassDeclaration = [{
    ::octet::LayoutPreference getLayoutPreference() {
      return ::octet::LayoutPreference::Follow;
    }
  }];
}

#endif // OCTET_ELEMENTWISE_OPS_TD

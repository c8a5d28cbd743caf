// Ops that compare, choose and act on bits. Booleans are i1, held in memory as a byte of
// 0 or 1.

#ifndef OCTET_LOGIC_OPS_TD
#define OCTET_LOGIC_OPS_TD

include "dialect/OctetLogicEnums.td"
include "dialect/OctetOpBase.td"

// Never quantized: a predicate changes at a threshold that rounding moves, and what a
// choice keeps away (-infinity in a mask) would ruin a common scale.
class Octet_LogicOp<string mnemonic>
    : Octet_TensorOp<mnemonic, "Float", "Follow", [
          DeclareOpInterfaceMethods<Octet_ElementwiseOpInterface,
                                    ["evaluateScalar", "evaluateInteger"]>]> {
  let results = (outs Octet_NumberTensor:$y);
}

class Octet_BinaryLogicOp<string mnemonic, dag kind> : Octet_LogicOp<mnemonic> {
  let arguments = !con((ins Octet_NumberTensor:$a, Octet_NumberTensor:$b), kind);
  let assemblyFormat = "$kind $a `,` $b attr-dict `:` functional-type(operands, $y)";
}

def Octet_CompareOp
    : Octet_BinaryLogicOp<"compare", (ins Octet_ComparePredicate:$kind)> {
  let summary = "Compare two elements with broadcasting";
  let description = [{
    y = 1 where `a` stands in the relation `kind` to `b`, else 0, as i1. Operands have one
    type. A NaN is unequal to all, and in no other relation. f64 is compared in f64, other
    floats in f32. Shapes broadcast as in numpy.
  }];
}

def Octet_BitwiseOp : Octet_BinaryLogicOp<"bitwise", (ins Octet_BitwiseKind:$kind)> {
  let summary = "Combine the bits of two elements with broadcasting";
  let description = [{
    y = a and/or/xor b, bit by bit, on integers or booleans of one type. Shapes broadcast
    as in numpy.
  }];
}

def Octet_ShiftOp : Octet_BinaryLogicOp<"shift", (ins Octet_ShiftDirection:$kind)> {
  let summary = "Move the bits of unsigned integers with broadcasting";
  let description = [{
    y = the bits of `a` moved by `b` places, zeros moved in; so 0 where `b` is as large as
    the width. Unsigned integers of one type. Shapes broadcast as in numpy.
  }];
}

def Octet_ModOp : Octet_BinaryLogicOp<"mod", (ins Octet_ModKind:$kind)> {
  let summary = "Compute the remainder of a division with broadcasting";
  let description = [{
    y = a - q * b, where q is a / b rounded down (`floor`, so that y has the sign of `b`,
    on integers) or toward zero (`trunc`, so that y has the sign of `a`), exactly. A
    divisor of 0 gives 0 on integers, NaN on floats. f64 is computed in f64, other floats in
    f32. Shapes broadcast as in numpy.
  }];
  let hasVerifier = 1;
}

def Octet_SelectOp : Octet_LogicOp<"select"> {
  let summary = "Choose between two elements with broadcasting";
  let description = [{
    y = condition ? a : b. `condition` is i1; `a` and `b` have one type, which is that of
    the result. All three shapes broadcast as in numpy.
  }];
  let arguments = (ins Octet_NumberTensor:$condition, Octet_NumberTensor:$a,
                       Octet_NumberTensor:$b);
  let assemblyFormat = [{
    $condition `,` $a `,` $b attr-dict `:` functional-type(operands, $y)
  }];
}

#endif // OCTET_LOGIC_OPS_TD

// Algebra on elementwise ops, one formula a pattern. c is a constant of one value; the
// other operand has the shape of the result.

#ifndef OCTET_PASSES_GRAPH_ARITHMETIC_TD
#define OCTET_PASSES_GRAPH_ARITHMETIC_TD

include "mlir/IR/PatternBase.td"
include "dialect/OctetOps.td"

class Splat<string value>
    : Constraint<CPred<"::octet::getSplat($0) == std::optional<float>(" # value # ")">,
                 "splat of " # value>;
def SameType : Constraint<CPred<"$0.getType() == $1.getType()">, "same type">;

class Neutral<Op op, string value>
    : Pat<(op:$y $x, $c), (replaceWithValue $x), [(Splat<value> $c), (SameType $x, $y)]>;
class NeutralFirst<Op op, string value>
    : Pat<(op:$y $c, $x), (replaceWithValue $x), [(Splat<value> $c), (SameType $x, $y)]>;

// x + 0, 0 + x, x - 0, x * 1, 1 * x, x / 1, x ^ 1  ->  x
def : Neutral<Octet_AddOp, "0.0f">;
def : NeutralFirst<Octet_AddOp, "0.0f">;
def : Neutral<Octet_SubOp, "0.0f">;
def : Neutral<Octet_MulOp, "1.0f">;
def : NeutralFirst<Octet_MulOp, "1.0f">;
def : Neutral<Octet_DivOp, "1.0f">;
def : Neutral<Octet_PowOp, "1.0f">;

// x ^ 2  ->  x * x
def : Pat<(Octet_PowOp:$y $x, $c), (Octet_MulOp $x, $x, (location $y)),
          [(Splat<"2.0f"> $c), (SameType $x, $y)]>;
// x ^ 1/2  ->  sqrt(x)
def : Pat<(Octet_PowOp:$y $x, $c), (Octet_SqrtOp $x, (location $y)),
          [(Splat<"0.5f"> $c), (SameType $x, $y)]>;
// x ^ -1  ->  1 / x
def : Pat<(Octet_PowOp:$y $x, $c), (Octet_ReciprocalOp $x, (location $y)),
          [(Splat<"-1.0f"> $c), (SameType $x, $y)]>;

#endif // OCTET_PASSES_GRAPH_ARITHMETIC_TD

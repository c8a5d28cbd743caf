// Kinds of the ops that compare, choose and act on bits. Attributes of their own and not of
// the dialect, so that an op prints a keyword (`octet.compare lt`), and in a file of
// their own because enums are generated for all that a file includes.

#ifndef OCTET_LOGIC_ENUMS_TD
#define OCTET_LOGIC_ENUMS_TD

include "mlir/IR/EnumAttr.td"

def Octet_ComparePredicate
    : I32EnumAttr<"ComparePredicate", "relation between two elements", [
    I32EnumAttrCase<"Equal", 0, "eq">, I32EnumAttrCase<"NotEqual", 1, "ne">,
    I32EnumAttrCase<"Less", 2, "lt">, I32EnumAttrCase<"LessOrEqual", 3, "le">,
    I32EnumAttrCase<"Greater", 4, "gt">, I32EnumAttrCase<"GreaterOrEqual", 5, "ge">]> {
  let cppNamespace = "::octet";
}
def Octet_BitwiseKind : I32EnumAttr<"BitwiseKind", "function of two bits", [
    I32EnumAttrCase<"And", 0, "and">, I32EnumAttrCase<"Or", 1, "or">,
    I32EnumAttrCase<"Xor", 2, "xor">]> {
  let cppNamespace = "::octet";
}
def Octet_ShiftDirection : I32EnumAttr<"ShiftDirection", "where bits move", [
    I32EnumAttrCase<"Left", 0, "left">, I32EnumAttrCase<"Right", 1, "right">]> {
  let cppNamespace = "::octet";
}
def Octet_ModKind : I32EnumAttr<"ModKind", "quotient whose remainder is taken", [
    I32EnumAttrCase<"Floor", 0, "floor">, I32EnumAttrCase<"Trunc", 1, "trunc">]> {
  let cppNamespace = "::octet";
}

#endif // OCTET_LOGIC_ENUMS_TD

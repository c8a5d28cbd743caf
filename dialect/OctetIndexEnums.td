// Enums of the ops of OctetIndexOps.td. Integer attributes, so that the dialect's own
// attributes, which every file sees, stay as they are.

#ifndef OCTET_INDEX_ENUMS_TD
#define OCTET_INDEX_ENUMS_TD

include "mlir/IR/EnumAttr.td"

class Octet_IndexEnum<string name, string summary, list<I64EnumAttrCase> cases>
    : I64EnumAttr<name, summary, cases> {
  let cppNamespace = "::octet";
}
def Octet_Extremum : Octet_IndexEnum<"Extremum", "which end of an order", [
    I64EnumAttrCase<"Largest", 0, "largest">, I64EnumAttrCase<"Smallest", 1, "smallest">]>;
def Octet_ScatterKind
    : Octet_IndexEnum<"ScatterKind", "what an update does to the element it meets", [
    I64EnumAttrCase<"Assign", 0, "assign">, I64EnumAttrCase<"Add", 1, "add">,
    I64EnumAttrCase<"Mul", 2, "mul">, I64EnumAttrCase<"Min", 3, "min">,
    I64EnumAttrCase<"Max", 4, "max">]>;

#endif // OCTET_INDEX_ENUMS_TD

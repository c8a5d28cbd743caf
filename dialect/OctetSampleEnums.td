// Enums of the ops of OctetSampleOps.td; see OctetIndexEnums.td.

#ifndef OCTET_SAMPLE_ENUMS_TD
#define OCTET_SAMPLE_ENUMS_TD

include "mlir/IR/EnumAttr.td"

class Octet_SampleEnum<string name, string summary, list<I64EnumAttrCase> cases>
    : I64EnumAttr<name, summary, cases> {
  let cppNamespace = "::octet";
}
def Octet_GridMode : Octet_SampleEnum<"GridMode", "interpolation at a point", [
    I64EnumAttrCase<"Nearest", 0, "nearest">, I64EnumAttrCase<"Linear", 1, "linear">,
    I64EnumAttrCase<"Cubic", 2, "cubic">]>;
def Octet_GridPadding : Octet_SampleEnum<"GridPadding", "what lies outside of a plane", [
    I64EnumAttrCase<"Zeros", 0, "zeros">, I64EnumAttrCase<"Border", 1, "border">,
    I64EnumAttrCase<"Reflection", 2, "reflection">]>;
def Octet_RoiMode : Octet_SampleEnum<"RoiMode", "how samples of a bin are joined", [
    I64EnumAttrCase<"Average", 0, "avg">, I64EnumAttrCase<"Maximum", 1, "max">]>;

#endif // OCTET_SAMPLE_ENUMS_TD

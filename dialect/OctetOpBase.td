// Base classes and type constraints shared by the op files.

#ifndef OCTET_OP_BASE_TD
#define OCTET_OP_BASE_TD

include "dialect/OctetAttrs.td"
include "dialect/OctetInterfaces.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"

def Octet_Quantized
    : Type<CPred<"::octet::isUniformQuantized($_self)">,
           "uniform quantized type of f32 with 8, 16 or 32 stored bits">;
// f16 and f64 are storage only: they may be cast, moved and held. So is bf16 but for the
// ops that take an Octet_RealTensor or Octet_FloatTensor, which compute with it in f32.
def Octet_Number : AnyTypeOf<[F16, BF16, F32, F64, I1, I<8>, I<16>, I<32>, I<64>,
                              UI<8>, UI<16>, UI<32>, UI<64>]>;

// Tensors of static shape; scales per channel are as many as there are channels.
class Octet_TensorOf<list<Type> elements>
    : ConfinedType<StaticShapeTensorOf<elements>,
                   [CPred<"::octet::hasScalePerChannel($_self)">],
                   StaticShapeTensorOf<elements>.summary # " with a scale for each channel",
                   "::mlir::RankedTensorType">;
def Octet_Tensor : Octet_TensorOf<[Octet_Number, Octet_Quantized]>;
def Octet_NumberTensor : StaticShapeTensorOf<[Octet_Number]>;
def Octet_F32Tensor : StaticShapeTensorOf<[F32]>;
def Octet_F32OrQuantizedTensor : Octet_TensorOf<[F32, Octet_Quantized]>;
def Octet_FloatTensor : StaticShapeTensorOf<[F32, BF16]>;
def Octet_RealTensor : Octet_TensorOf<[F32, BF16, Octet_Quantized]>;
def Octet_QuantizedTensor : Octet_TensorOf<[Octet_Quantized]>;
def Octet_BiasTensor : StaticShapeTensorOf<[F32, I<32>]>;
def Octet_IndexTensor : StaticShapeTensorOf<[I<32>, I<64>]>;

// Result types follow from operands and attributes. A result may differ from the
// inferred type in its layout, and may be quantized where f32 was inferred.
def Octet_InferTypes : InferTypeOpAdaptorBase<[{
    static bool isCompatibleReturnTypes(::mlir::TypeRange inferred, ::mlir::TypeRange actual) {
      return ::octet::areCompatibleResultTypes(inferred, actual);
    }
  }]>;


class Octet_Op<string mnemonic, list<Trait> traits = []>
    : Op<Octet_Dialect, mnemonic, traits>;

class Octet_PureOp<string mnemonic, list<Trait> traits = []>
    : Octet_Op<mnemonic, !listconcat([Pure], traits)>;

// `role` and `layout` name enumerators of QuantizationRole and LayoutPreference.
class Octet_TensorOp<string mnemonic, string role, string layout, list<Trait> traits = []>
    : Octet_PureOp<mnemonic, !listconcat([Octet_InferTypes,
                                          Octet_QuantizableOpInterface,
                                          Octet_LayoutOpInterface], traits)> {
  code roleAndLayout = [{
    ::octet::QuantizationRole getQuantizationRole() {
      return ::octet::QuantizationRole::}] # role # [{;
    }
    ::octet::LayoutPreference getLayoutPreference() {
      return ::octet::LayoutPreference::}] # layout # [{;
    }
  }];
  let extraClassDeclaration = roleAndLayout;
}

#endif // OCTET_OP_BASE_TD

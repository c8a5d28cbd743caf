// Attributes and enums. Decisions of passes (precision, layout) are attributes
// so that they can be read, tested and reported.

#ifndef OCTET_ATTRS_TD
#define OCTET_ATTRS_TD

include "dialect/OctetDialect.td"

class Octet_Attr<string name, string attrMnemonic, list<Trait> traits = []>
    : AttrDef<Octet_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

class Octet_Enum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::octet";
  let genSpecializedAttr = 0;
}

def Octet_Precision : Octet_Enum<"Precision", "arithmetic an op runs in", [
    I32EnumAttrCase<"Int8", 0, "int8">,
    I32EnumAttrCase<"BF16", 1, "bf16">,
    I32EnumAttrCase<"F32", 2, "f32">]>;
def Octet_PrecisionAttr : EnumAttr<Octet_Dialect, Octet_Precision, "precision"> {
  let assemblyFormat = "`<` $value `>`";
}

def Octet_ReduceKind : Octet_Enum<"ReduceKind", "how a reduction combines elements", [
    I32EnumAttrCase<"Mean", 0, "mean">, I32EnumAttrCase<"Sum", 1, "sum">,
    I32EnumAttrCase<"Max", 2, "max">, I32EnumAttrCase<"Min", 3, "min">,
    I32EnumAttrCase<"Prod", 4, "prod">]>;
def Octet_ReduceKindAttr : EnumAttr<Octet_Dialect, Octet_ReduceKind, "reduce_kind">;

def Octet_PadMode : Octet_Enum<"PadMode", "what fills the border", [
    I32EnumAttrCase<"Constant", 0, "constant">, I32EnumAttrCase<"Reflect", 1, "reflect">,
    I32EnumAttrCase<"Edge", 2, "edge">]>;
def Octet_PadModeAttr : EnumAttr<Octet_Dialect, Octet_PadMode, "pad_mode">;

def Octet_ResizeMode : Octet_Enum<"ResizeMode", "interpolation of a resize", [
    I32EnumAttrCase<"Nearest", 0, "nearest">, I32EnumAttrCase<"Linear", 1, "linear">]>;
def Octet_ResizeModeAttr : EnumAttr<Octet_Dialect, Octet_ResizeMode, "resize_mode">;

def Octet_ResizeCoordinates
    : Octet_Enum<"ResizeCoordinates",
                 "map of an output coordinate to an input coordinate, as in ONNX Resize-19", [
    I32EnumAttrCase<"HalfPixel", 0, "half_pixel">,
    I32EnumAttrCase<"PytorchHalfPixel", 1, "pytorch_half_pixel">,
    I32EnumAttrCase<"AlignCorners", 2, "align_corners">,
    I32EnumAttrCase<"Asymmetric", 3, "asymmetric">]>;
def Octet_ResizeCoordinatesAttr
    : EnumAttr<Octet_Dialect, Octet_ResizeCoordinates, "resize_coordinates">;

def Octet_ResizeRounding : Octet_Enum<"ResizeRounding", "ONNX nearest_mode", [
    I32EnumAttrCase<"RoundPreferFloor", 0, "round_prefer_floor">,
    I32EnumAttrCase<"RoundPreferCeil", 1, "round_prefer_ceil">,
    I32EnumAttrCase<"Floor", 2, "floor">, I32EnumAttrCase<"Ceil", 3, "ceil">]>;
def Octet_ResizeRoundingAttr
    : EnumAttr<Octet_Dialect, Octet_ResizeRounding, "resize_rounding">;

def Octet_DepthToSpaceMode
    : Octet_Enum<"DepthToSpaceMode", "order of block and depth in the channel", [
    I32EnumAttrCase<"DCR", 0, "dcr">, I32EnumAttrCase<"CRD", 1, "crd">]>;
def Octet_DepthToSpaceModeAttr
    : EnumAttr<Octet_Dialect, Octet_DepthToSpaceMode, "depth_to_space_mode">;

def Octet_ChannelsLastAttr : Octet_Attr<"ChannelsLast", "channels_last", [
    DeclareAttrInterfaceMethods<VerifiableTensorEncoding>]> {
  let summary = "Lay a tensor N, C, H, W out in memory as N, H, W, C";
  let description = [{
    Encoding of a rank-4 tensor type. A pixel takes `pitch` elements, of which
    the first C hold data. `halo` (top, left, bottom, right; pixels) is a border
    around the plane that the buffer holds besides the data: a convolution that
    pads reads it instead of testing for the edge. The physical shape is
    [N, top + H + bottom, left + W + right, pitch]; C <= pitch. A pitch beyond C
    either pads channels to the width of a dot product or makes the tensor a
    slice of a wider buffer.

    Example: `tensor<1x3x8x8xf32, #octet.channels_last<pitch = 4, halo = [1, 1, 1, 1]>>`
  }];
  let parameters = (ins "int64_t":$pitch, ArrayRefParameter<"int64_t">:$halo);
  let assemblyFormat = "`<` `pitch` `=` $pitch `,` `halo` `=` `[` $halo `]` `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    int64_t top() const { return getHalo()[0]; }
    int64_t left() const { return getHalo()[1]; }
    int64_t bottom() const { return getHalo()[2]; }
    int64_t right() const { return getHalo()[3]; }
  }];
}

def Octet_LoopOrder : Octet_Enum<"LoopOrder", "what the outer loop of a contraction counts", [
    I32EnumAttrCase<"Channels", 0, "channels">, I32EnumAttrCase<"Rows", 1, "rows">]>;

def Octet_TilingAttr : Octet_Attr<"Tiling", "tiling"> {
  let summary = "Cut a contraction into register tiles";
  let description = [{
    Of the matrix product that a contraction is, one tile holds `rows` (a box of
    images, lines and pixels, or of the leading dimensions and rows of a matrix) by
    `vectors` vectors of output channels, all of whose sums stay in registers.
    `outer` is the outer loop of the units of work: with `channels` neighbouring
    units share a block of weights, with `rows` they share activations.

    Example: `#octet.tiling<rows = [1, 1, 14], vectors = 2, outer = channels>`
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$rows, "int64_t":$vectors,
                        EnumParameter<Octet_LoopOrder>:$outer);
  let assemblyFormat = [{
    `<` `rows` `=` `[` $rows `]` `,` `vectors` `=` $vectors `,` `outer` `=` $outer `>`
  }];
  let genVerifyDecl = 1;
}

def Octet_WinogradAttr : Octet_Attr<"Winograd", "winograd"> {
  let summary = "Compute a 3x3 convolution on transformed tiles";
  let description = [{
    A tile of `outputs` by `outputs` results takes `(outputs + 2)^2` products for each pair of
    channels instead of `9 * outputs^2` (Winograd's minimal filtering). A unit of work
    holds the transformed pixels of `tiles` tiles and computes `channels` output
    channels of them.

    Example: `#octet.winograd<outputs = 4, tiles = 28, channels = 64>`
  }];
  let parameters = (ins "int64_t":$outputs, "int64_t":$tiles, "int64_t":$channels);
  let assemblyFormat = [{
    `<` `outputs` `=` $outputs `,` `tiles` `=` $tiles `,` `channels` `=` $channels `>`
  }];
  let genVerifyDecl = 1;
}

#endif // OCTET_ATTRS_TD

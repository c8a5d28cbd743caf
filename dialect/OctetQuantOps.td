// Borders between real and quantized values.

#ifndef OCTET_QUANT_OPS_TD
#define OCTET_QUANT_OPS_TD

include "dialect/OctetOpBase.td"

class Octet_BorderOp<string mnemonic> : Octet_PureOp<mnemonic, [Octet_LayoutOpInterface]> {
  let assemblyFormat = "$x attr-dict `:` functional-type($x, $y)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::octet::LayoutPreference getLayoutPreference() {
      return ::octet::LayoutPreference::Follow;
    }
  }];
}

def Octet_QuantizeOp : Octet_BorderOp<"quantize"> {
  let summary = "Turn real values into stored integers";
  let description = [{
    Rule Q2 of docs/quantization.md: q = saturate(round_half_even(x * (1 / scale)) +
    zero_point), 1 / scale rounded to f32 once; NaN becomes the lowest value. The
    scale is per tensor, or per channel along the type's axis.
  }];
  let arguments = (ins Octet_F32Tensor:$x);
  let results = (outs Octet_QuantizedTensor:$y);
  let hasFolder = 1;
}

def Octet_DequantizeOp : Octet_BorderOp<"dequantize"> {
  let summary = "Turn stored integers into real values";
  let description = "Rule Q3: x = f32(q - zero_point) * scale.";
  let arguments = (ins Octet_QuantizedTensor:$x);
  let results = (outs Octet_F32Tensor:$y);
}

def Octet_RequantizeOp : Octet_BorderOp<"requantize"> {
  let summary = "Change scale and zero point";
  let description = [{
    Rule Q7: q' = saturate(round_half_even(f32(q - zero_point) * (scale / scale')) +
    zero_point'), the ratio rounded to f32 once.
  }];
  let arguments = (ins Octet_QuantizedTensor:$x);
  let results = (outs Octet_QuantizedTensor:$y);
  let hasFolder = 1;
}

def Octet_LookupOp : Octet_BorderOp<"lookup"> {
  let summary = "Map 8-bit integers through a table";
  let description = [{
    Rule Q8: y = table[q], q the stored integer of `x` as an unsigned number.
    `table` holds the 256 stored integers of the result.
  }];
  let arguments = (ins Octet_QuantizedTensor:$x, DenseI8ArrayAttr:$table);
  let results = (outs Octet_QuantizedTensor:$y);
}

#endif // OCTET_QUANT_OPS_TD

#include "frontend/OpExport.h"

#include "dialect/LogicOps.h"
#include "dialect/TransformerOps.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/TypeSwitch.h"

#include <cmath>
#include <limits>

using namespace mlir;

namespace octet {

namespace {

class OpExporter {
public:
  OpExporter(Operation *op, ArrayRef<std::string> inputs, GraphWriter &writer)
      : op(op), inputs(inputs), writer(writer), name(getTensorName(op->getLoc())) {}

  FailureOr<std::string> run() {
    if (StringRef type = getPlainType(); !type.empty())
      return add(type);
    return llvm::TypeSwitch<Operation *, FailureOr<std::string>>(op)
        .Case<ConvOp, MatMulOp, MaxPoolOp, AveragePoolOp, ReduceOp, SoftmaxOp, LogSoftmaxOp,
              ConcatOp, ReshapeOp, TransposeOp, SliceOp, PadOp, GatherOp, ExpandOp, DepthToSpaceOp,
              ResizeOp, CastOp, ClipOp, SiluOp, LeakyReluOp, EluOp, HardSigmoidOp, CompareOp,
              BitwiseOp, ShiftOp, ModOp, GeluOp, LayerNormOp, RmsNormOp, AttentionOp>(
            [this](auto typed) { return write(typed); })
        .Default([this](Operation *other) { return exportIndexOp(other, inputs, writer); });
  }

private:
  /// The type of a node without attributes on the same operands.
  StringRef getPlainType() const {
    return llvm::StringSwitch<StringRef>(op->getName().stripDialect())
        .Case("abs", "Abs")
        .Case("acos", "Acos")
        .Case("acosh", "Acosh")
        .Case("add", "Add")
        .Case("asin", "Asin")
        .Case("asinh", "Asinh")
        .Case("atan", "Atan")
        .Case("atanh", "Atanh")
        .Case("ceil", "Ceil")
        .Case("cos", "Cos")
        .Case("cosh", "Cosh")
        .Case("div", "Div")
        .Case("erf", "Erf")
        .Case("exp", "Exp")
        .Case("floor", "Floor")
        .Case("hard_swish", "HardSwish")
        .Case("log", "Log")
        .Case("max", "Max")
        .Case("min", "Min")
        .Case("mul", "Mul")
        .Case("neg", "Neg")
        .Case("pow", "Pow")
        .Case("prelu", "PRelu")
        .Case("reciprocal", "Reciprocal")
        .Case("relu", "Relu")
        .Case("round", "Round")
        .Case("select", "Where")
        .Case("sigmoid", "Sigmoid")
        .Case("sin", "Sin")
        .Case("sinh", "Sinh")
        .Case("softplus", "Softplus")
        .Case("sqrt", "Sqrt")
        .Case("sub", "Sub")
        .Case("tan", "Tan")
        .Case("tanh", "Tanh")
        .Default("");
  }

  std::string add(StringRef type) { return add(type, inputs); }
  std::string add(StringRef type, ArrayRef<std::string> operands) {
    return writer.addNode(type, operands, name);
  }
  std::string addIntegers(StringRef what, ArrayRef<int64_t> values) {
    return writer.addIntegers((name + "." + what).str(), values);
  }
  std::string addNumber(StringRef what, const APFloat &value) {
    return writer.addNumber((name + "." + what).str(), value.convertToFloat());
  }

  std::string write(ConvOp conv) {
    std::string y = add("Conv");
    writer.setIntegers("dilations", conv.getDilations());
    writer.setInteger("group", conv.getGroup());
    writer.setIntegers("pads", conv.getPads());
    writer.setIntegers("strides", conv.getStrides());
    return y;
  }

  std::string write(MatMulOp matmul) {
    if (!matmul.getBias())
      return add("MatMul");
    if (matmul.getA().getType().getRank() == 2 && matmul.getB().getType().getRank() == 2)
      return add("Gemm");
    std::string product = writer.addNode("MatMul", inputs.take_front(2), (name + ".product").str());
    return add("Add", {product, inputs[2]});
  }

  template <typename PoolOp>
  void setWindow(PoolOp pool) {
    writer.setInteger("ceil_mode", pool.getCeilMode());
    writer.setIntegers("kernel_shape", pool.getKernel());
    writer.setIntegers("pads", pool.getPads());
    writer.setIntegers("strides", pool.getStrides());
  }

  std::string write(MaxPoolOp pool) {
    std::string y = add("MaxPool");
    setWindow(pool);
    writer.setIntegers("dilations", pool.getDilations());
    return y;
  }

  FailureOr<std::string> write(AveragePoolOp pool) {
    if (llvm::any_of(pool.getDilations(), [](int64_t d) { return d != 1; }))
      return op->emitOpError("expected dilations of 1 for ONNX, got ") << pool.getDilations(),
             failure();
    std::string y = add("AveragePool");
    setWindow(pool);
    writer.setInteger("count_include_pad", pool.getCountIncludePad());
    return y;
  }

  std::string write(ReduceOp reduce) {
    bool byInput = reduce.getKind() == ReduceKind::Sum; // Since opset 13.
    SmallVector<std::string> operands(inputs);
    if (byInput)
      operands.push_back(addIntegers("axes", reduce.getAxes()));
    StringRef types[] = {"ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd"};
    std::string y = add(types[static_cast<int>(reduce.getKind())], operands);
    if (!byInput)
      writer.setIntegers("axes", reduce.getAxes());
    writer.setInteger("keepdims", reduce.getKeepdims());
    return y;
  }

  template <typename AlongAxisOp>
  std::string writeAlongAxis(StringRef type, AlongAxisOp along) {
    std::string y = add(type);
    writer.setInteger("axis", along.getAxis());
    return y;
  }
  std::string write(SoftmaxOp softmax) { return writeAlongAxis("Softmax", softmax); }
  std::string write(LogSoftmaxOp softmax) { return writeAlongAxis("LogSoftmax", softmax); }
  std::string write(ConcatOp concat) { return writeAlongAxis("Concat", concat); }
  std::string write(GatherOp gather) { return writeAlongAxis("Gather", gather); }

  std::string write(ReshapeOp reshape) {
    return add("Reshape", {inputs[0], addIntegers("shape", reshape.getShape())});
  }
  std::string write(ExpandOp expand) {
    return add("Expand", {inputs[0], addIntegers("shape", expand.getShape())});
  }
  std::string write(TransposeOp transpose) {
    std::string y = add("Transpose");
    writer.setIntegers("perm", transpose.getPermutation());
    return y;
  }

  std::string write(SliceOp slice) {
    SmallVector<int64_t> ends, axes;
    for (auto [i, offset] : llvm::enumerate(slice.getOffsets())) {
      int64_t end = offset + slice.getSizes()[i] * slice.getSteps()[i];
      // -1 would mean the last element.
      ends.push_back(end < 0 ? std::numeric_limits<int64_t>::min() : end);
      axes.push_back(i);
    }
    return add("Slice",
               {inputs[0], addIntegers("starts", slice.getOffsets()), addIntegers("ends", ends),
                addIntegers("axes", axes), addIntegers("steps", slice.getSteps())});
  }

  FailureOr<std::string> write(PadOp pad) {
    SmallVector<int64_t> pads(pad.getLow());
    llvm::append_range(pads, pad.getHigh());
    SmallVector<std::string> operands{inputs[0], addIntegers("pads", pads)};
    if (pad.getMode() == PadMode::Constant && !pad.getValue().isZero()) {
      if (!pad.getX().getType().getElementType().isF32())
        return op->emitOpError("expected a border of zeros for ONNX"), failure();
      operands.push_back(addNumber("value", pad.getValue()));
    }
    std::string y = add("Pad", operands);
    writer.setText("mode", stringifyPadMode(pad.getMode()));
    return y;
  }

  std::string write(DepthToSpaceOp move) {
    std::string y = add("DepthToSpace");
    writer.setInteger("blocksize", move.getBlockSize());
    writer.setText("mode", move.getMode() == DepthToSpaceMode::DCR ? "DCR" : "CRD");
    return y;
  }

  // Scales as the model gave them, if the extents follow from them.
  std::string write(ResizeOp resize) {
    ArrayRef<int64_t> from = resize.getX().getType().getShape(), sizes = resize.getSizes();
    ArrayRef<float> scales = resize.getScales();
    bool byScales = true;
    for (int i = 0; i < 2; ++i)
      byScales &= std::floor(static_cast<float>(from[2 + i]) * scales[i]) == sizes[i];
    SmallVector<std::string> operands{inputs[0], ""};
    if (byScales) {
      reference::Tensor tensor(RankedTensorType::get({4}, Float32Type::get(op->getContext())));
      for (int64_t i = 0; i < 4; ++i)
        tensor.setFloat(i, i < 2 ? 1.0f : scales[i - 2]);
      operands.push_back(
          writer.addTensor((name + ".scales").str(), tensor, onnx::TensorProto::FLOAT));
    } else {
      operands.push_back("");
      operands.push_back(addIntegers("sizes", {from[0], from[1], sizes[0], sizes[1]}));
    }
    std::string y = add("Resize", operands);
    writer.setText("mode", stringifyResizeMode(resize.getMode()));
    writer.setText("coordinate_transformation_mode",
                   stringifyResizeCoordinates(resize.getCoordinates()));
    writer.setText("nearest_mode", stringifyResizeRounding(resize.getRounding()));
    return y;
  }

  FailureOr<std::string> write(CastOp cast) {
    Type element = cast.getY().getType().getElementType();
    int dataType = getDataType(element);
    if (dataType == onnx::TensorProto::UNDEFINED)
      return op->emitOpError("expected an element type of ONNX, got ") << element, failure();
    std::string y = add("Cast");
    writer.setInteger("to", dataType);
    return y;
  }

  std::string write(CompareOp compare) {
    switch (compare.getKind()) {
    case ComparePredicate::Equal:
      return add("Equal");
    case ComparePredicate::NotEqual:
      return add("Not", {writer.addNode("Equal", inputs, (name + ".equal").str())});
    case ComparePredicate::Less:
      return add("Less");
    case ComparePredicate::LessOrEqual:
      return add("LessOrEqual");
    case ComparePredicate::Greater:
      return add("Greater");
    case ComparePredicate::GreaterOrEqual:
      return add("GreaterOrEqual");
    }
    llvm_unreachable("unknown predicate");
  }

  FailureOr<std::string> write(BitwiseOp bitwise) {
    Type element = bitwise.getY().getType().getElementType();
    // Integers have such ops since opset 18.
    if (!element.isInteger(1))
      return op->emitOpError("expected booleans for ONNX, got ") << element, failure();
    bool isAnd = bitwise.getKind() == BitwiseKind::And, isOr = bitwise.getKind() == BitwiseKind::Or;
    return add(isAnd ? "And" : isOr ? "Or" : "Xor");
  }

  std::string write(ShiftOp shift) {
    std::string y = add("BitShift");
    writer.setText("direction", shift.getKind() == ShiftDirection::Left ? "LEFT" : "RIGHT");
    return y;
  }

  std::string write(ModOp mod) {
    std::string y = add("Mod");
    writer.setInteger("fmod", mod.getKind() == ModKind::Trunc);
    return y;
  }

  std::string write(ClipOp clip) {
    SmallVector<std::string> operands{inputs[0], "", ""};
    if (!clip.getLow().isInfinity())
      operands[1] = addNumber("min", clip.getLow());
    if (!clip.getHigh().isInfinity())
      operands[2] = addNumber("max", clip.getHigh());
    return add("Clip", operands);
  }

  std::string write(SiluOp) {
    std::string sigmoid = writer.addNode("Sigmoid", inputs, (name + ".sigmoid").str());
    return add("Mul", {inputs[0], sigmoid});
  }
  std::string write(LeakyReluOp relu) {
    std::string y = add("LeakyRelu");
    writer.setNumber("alpha", relu.getAlpha().convertToFloat());
    return y;
  }
  std::string write(EluOp elu) {
    std::string y = add("Elu");
    writer.setNumber("alpha", elu.getAlpha().convertToFloat());
    return y;
  }
  std::string write(HardSigmoidOp sigmoid) {
    std::string y = add("HardSigmoid");
    writer.setNumber("alpha", sigmoid.getAlpha().convertToFloat());
    writer.setNumber("beta", sigmoid.getBeta().convertToFloat());
    return y;
  }

  /// A node inside of what one op becomes.
  std::string step(StringRef type, ArrayRef<std::string> operands, StringRef what) {
    return writer.addNode(type, operands, (name + "." + what).str());
  }
  std::string addNumber(StringRef what, double value) {
    return writer.addNumber((name + "." + what).str(), static_cast<float>(value));
  }

  // x / 2 * (1 + erf(x / sqrt(2))), or tanh of a polynomial: Gelu is of opset 20.
  std::string write(GeluOp gelu) {
    const std::string &x = inputs[0];
    std::string curve;
    if (gelu.getTanh()) {
      std::string square = step("Mul", {x, x}, "square"), cube = step("Mul", {square, x}, "cube");
      std::string scaled = step("Mul", {cube, addNumber("cubic", 0.044715)}, "scaled");
      std::string sum = step("Add", {x, scaled}, "polynomial");
      curve = step("Tanh", {step("Mul", {sum, addNumber("slope", std::sqrt(M_2_PI))}, "argument")},
                   "curve");
    } else {
      curve = step("Erf", {step("Mul", {x, addNumber("slope", M_SQRT1_2)}, "argument")}, "curve");
    }
    std::string share = step("Add", {curve, addNumber("one", 1)}, "share");
    return add("Mul", {step("Mul", {x, addNumber("half", 0.5)}, "half_x"), share});
  }

  std::string writeRowNorm(std::string x, double epsilon) {
    std::string square = addRowMean(step("Mul", {x, x}, "square"), "mean_square");
    std::string sum = step("Add", {square, addNumber("epsilon", epsilon)}, "sum");
    return add("Div", {x, step("Sqrt", {sum}, "deviation")});
  }
  std::string addRowMean(std::string x, StringRef what) {
    std::string mean = step("ReduceMean", {x}, what);
    writer.setIntegers("axes", {-1});
    writer.setInteger("keepdims", 1);
    return mean;
  }
  std::string write(LayerNormOp norm) {
    std::string centred = step("Sub", {inputs[0], addRowMean(inputs[0], "mean")}, "centred");
    return writeRowNorm(centred, norm.getEpsilon().convertToFloat());
  }
  std::string write(RmsNormOp norm) {
    return writeRowNorm(inputs[0], norm.getEpsilon().convertToFloat());
  }

  std::string move(std::string x, ArrayRef<int64_t> permutation, StringRef what) {
    std::string y = step("Transpose", {x}, what);
    writer.setIntegers("perm", permutation);
    return y;
  }

  /// Keys or values [B, M, G, D] with each head as often as queries share it.
  std::string repeatHeads(std::string x, RankedTensorType type, int64_t heads, StringRef what) {
    ArrayRef<int64_t> shape = type.getShape();
    if (shape[2] == heads)
      return x;
    auto integers = [&](StringRef part, ArrayRef<int64_t> values) {
      return addIntegers((what + "." + part).str(), values);
    };
    x = step("Reshape", {x, integers("single", {shape[0], shape[1], shape[2], 1, shape[3]})},
             (what + ".groups").str());
    x = step("Expand",
             {x, integers("times", {shape[0], shape[1], shape[2], heads / shape[2], shape[3]})},
             (what + ".repeated").str());
    return step("Reshape", {x, integers("all", {shape[0], shape[1], heads, shape[3]})},
                (what + ".heads").str());
  }

  std::string write(AttentionOp attention) {
    int64_t heads = attention.getQ().getType().getDimSize(2);
    std::string k = repeatHeads(inputs[1], attention.getK().getType(), heads, "keys"),
                v = repeatHeads(inputs[2], attention.getV().getType(), heads, "values");
    std::string scores =
        step("MatMul", {move(inputs[0], {0, 2, 1, 3}, "q"), move(k, {0, 2, 3, 1}, "k")}, "product");
    scores = step("Mul", {scores, addNumber("scale", attention.getScale())}, "scores");
    if (attention.getMask())
      scores = step("Add", {scores, inputs[3]}, "masked");
    std::string weights = step("Softmax", {scores}, "weights");
    writer.setInteger("axis", -1);
    std::string mixed = step("MatMul", {weights, move(v, {0, 2, 1, 3}, "v")}, "mixed");
    std::string y = add("Transpose", {mixed});
    writer.setIntegers("perm", {0, 2, 1, 3});
    return y;
  }

  Operation *op;
  ArrayRef<std::string> inputs;
  GraphWriter &writer;
  StringRef name;
};

} // namespace

FailureOr<std::string> exportOp(Operation *op, ArrayRef<std::string> inputs, GraphWriter &writer) {
  return OpExporter(op, inputs, writer).run();
}

} // namespace octet

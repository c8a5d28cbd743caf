#include "frontend/Export.h"

#include "dialect/reference/QuantRules.h"
#include "frontend/OpExport.h"
#include "frontend/StoredIntegers.h"

using namespace mlir;

namespace octet {

namespace {

/// HardSwish is of opset 14; what the exporter writes means the same up to 17.
constexpr int kOpset = 17, kIrVersion = 8;

class ModelExporter {
public:
  explicit ModelExporter(func::FuncOp function)
      : function(function), writer(*model.mutable_graph()) {}

  FailureOr<std::string> run() {
    model.set_ir_version(kIrVersion);
    model.set_producer_name("octet");
    model.add_opset_import()->set_version(kOpset);
    model.mutable_graph()->set_name("main");
    // First, so that no other tensor takes these names.
    for (unsigned i = 0; i < function.getNumResults(); ++i)
      writer.takeName(getOutputName(i));
    for (BlockArgument argument : function.getArguments()) {
      auto name = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(), "octet.name");
      names[argument] = writer.takeName(name.getValue());
      if (failed(declare(*model.mutable_graph()->add_input(), names[argument], argument)))
        return failure();
    }
    Block &block = function.getBody().front();
    if (failed(exportBlock(block)))
      return failure();
    for (auto [i, value] : llvm::enumerate(block.getTerminator()->getOperands())) {
      if (failed(declare(*model.mutable_graph()->add_output(), getOutputName(i), value)))
        return failure();
      writer.rename(getReal(value), getOutputName(i));
    }
    return model.SerializeAsString();
  }

private:
  StringRef getOutputName(unsigned i) {
    return function.getResultAttrOfType<StringAttr>(i, "octet.name").getValue();
  }

  LogicalResult declare(onnx::ValueInfoProto &info, StringRef name, Value value) {
    auto type = cast<RankedTensorType>(value.getType());
    info.set_name(name.str());
    auto &tensor = *info.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(getDataType(type.getElementType()));
    if (tensor.elem_type() == onnx::TensorProto::UNDEFINED)
      return function.emitError() << "expected an element type of ONNX for '" << name << "', got "
                                  << type.getElementType();
    tensor.mutable_shape();
    for (int64_t extent : type.getShape())
      tensor.mutable_shape()->add_dim()->set_dim_value(extent);
    return success();
  }

  LogicalResult exportBlock(Block &block) {
    for (Operation &op : block.without_terminator()) {
      // Constants are written for their readers.
      if (isa<ConstantOp>(op))
        continue;
      if (failed(exportNodes(&op)))
        return failure();
    }
    return success();
  }

  LogicalResult exportNodes(Operation *op) {
    if (auto group = dyn_cast<FusedOp>(op)) {
      for (auto [argument, operand] :
           llvm::zip_equal(group.getBlock().getArguments(), group.getInputs()))
        aliases[argument] = resolve(operand);
      if (failed(exportBlock(group.getBlock())))
        return failure();
      aliases[group.getY()] = resolve(cast<YieldOp>(group.getBlock().getTerminator()).getValue());
      return success();
    }
    Value y = op->getResult(0);
    if (isa<QuantizeOp, RequantizeOp>(op)) {
      names[y] = addQuantize(getReal(op->getOperand(0)), y);
      return success();
    }
    if (isa<DequantizeOp>(op)) {
      names[y] = getReal(op->getOperand(0));
      return success();
    }
    SmallVector<std::string> inputs;
    for (OpOperand &operand : op->getOpOperands())
      inputs.push_back(isStoredBias(operand) ? addBias(operand) : getReal(operand.get()));
    FailureOr<std::string> name = exportOp(op, inputs, writer);
    if (failed(name))
      return failure();
    names[y] = getQuantizedType(y) ? addQuantize(*name, y) : *name;
    return success();
  }

  Value resolve(Value value) const {
    while (Value other = aliases.lookup(value))
      value = other;
    return value;
  }

  static bool isStoredBias(OpOperand &operand) {
    return operand.getOperandNumber() == 2 && getQuantizedType(operand.getOwner()->getOperand(0)) &&
           cast<RankedTensorType>(operand.get().getType()).getElementType().isInteger(32);
  }

  /// The tensor of f32 (or of numbers without a scale) that `value` means.
  std::string getReal(Value value) {
    value = resolve(value);
    quant::QuantizedType type = getQuantizedType(value);
    if (!type)
      return getName(value);
    std::string &real = reals[value];
    if (real.empty())
      real = addDequantize(getName(value), type);
    return real;
  }

  /// The tensor as it is stored.
  std::string getName(Value value) {
    std::string &name = names[value];
    if (!name.empty())
      return name;
    auto constant = value.getDefiningOp<ConstantOp>();
    assert(constant && "expected a value that was exported");
    name = addConstant(constant.getY(), getTensorName(constant.getLoc()));
    return name;
  }

  std::string addConstant(Value value, StringRef name) {
    auto type = cast<RankedTensorType>(value.getType());
    auto stored = getQuantizedType(value);
    Type element = stored ? Type(getNumberType(stored)) : type.getElementType();
    return writer.addTensor(name, reference::Tensor::fromAttr(getConstantValue(value), type),
                            getDataType(element));
  }

  std::string addQuantize(StringRef real, Value y) {
    StringRef tensor = getTensorName(y.getLoc());
    SmallVector<std::string> inputs{real.str()};
    int64_t axis = addParameters(real, getQuantizedType(y), inputs);
    std::string name =
        writer.addNode("QuantizeLinear", inputs, ((tensor.empty() ? real : tensor) + ".q").str());
    if (axis >= 0)
      writer.setInteger("axis", axis);
    return name;
  }

  std::string addDequantize(StringRef stored, quant::QuantizedType type) {
    SmallVector<std::string> inputs{stored.str()};
    int64_t axis = addParameters(stored, type, inputs);
    std::string name = writer.addNode("DequantizeLinear", inputs, (stored + ".dq").str());
    if (axis >= 0)
      writer.setInteger("axis", axis);
    return name;
  }

  // Appends scale and zero point of `type`; the axis of several scales, or -1.
  int64_t addParameters(StringRef name, quant::QuantizedType type,
                        SmallVectorImpl<std::string> &inputs) {
    auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(type);
    SmallVector<int64_t, 1> shape;
    if (perAxis)
      shape.push_back(perAxis.getScales().size());
    MLIRContext *context = type.getContext();
    reference::Tensor scales(RankedTensorType::get(shape, Float32Type::get(context)));
    reference::Tensor zeroPoints(RankedTensorType::get(shape, getNumberType(type)));
    for (int64_t i = 0; i < scales.size(); ++i) {
      reference::Scale scale = reference::getScale(type, i);
      scales.setFloat(i, static_cast<float>(scale.scale));
      zeroPoints.setInteger(i, scale.zeroPoint);
    }
    inputs.push_back(writer.addTensor((name + ".scale").str(), scales, onnx::TensorProto::FLOAT));
    inputs.push_back(writer.addTensor((name + ".zero_point").str(), zeroPoints,
                                      getDataType(getNumberType(type))));
    return perAxis ? perAxis.getQuantizedDimension() : -1;
  }

  // The scale of a bias of i32 is the product of those beside it (rule Q1).
  std::string addBias(OpOperand &operand) {
    Operation *op = operand.getOwner();
    Value bias = resolve(operand.get());
    auto x = cast<quant::UniformQuantizedType>(getQuantizedType(op->getOperand(0)));
    quant::QuantizedType weights = getQuantizedType(op->getOperand(1));
    auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(weights);
    SmallVector<double> scales;
    size_t count = perAxis ? perAxis.getScales().size() : 1;
    for (size_t c = 0; c < count; ++c)
      scales.push_back(reference::getSumScale(x.getScale(), reference::getScale(weights, c).scale));
    Type storage = IntegerType::get(op->getContext(), 32),
         real = Float32Type::get(op->getContext());
    int64_t low = std::numeric_limits<int32_t>::min(), high = std::numeric_limits<int32_t>::max();
    constexpr unsigned kSigned = quant::QuantizationFlags::Signed;
    quant::QuantizedType type;
    if (perAxis)
      type = quant::UniformQuantizedPerAxisType::get(kSigned, storage, real, scales,
                                                     SmallVector<int64_t>(count, 0),
                                                     /*quantizedDimension=*/0, low, high);
    else
      type = quant::UniformQuantizedType::get(kSigned, storage, real, scales[0], /*zeroPoint=*/0,
                                              low, high);
    return addDequantize(getName(bias), type);
  }

  func::FuncOp function;
  onnx::ModelProto model;
  GraphWriter writer;
  DenseMap<Value, Value> aliases;
  DenseMap<Value, std::string> names, reals;
};

} // namespace

FailureOr<std::string> exportQdqOnnx(ModuleOp module) {
  return ModelExporter(module.lookupSymbol<func::FuncOp>("main")).run();
}

} // namespace octet

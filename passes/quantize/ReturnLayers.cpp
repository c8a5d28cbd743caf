// A model that shows what it computes inside is the model itself with more results: what its
// kernels do stays as it is, and the cost, memory and time of the copies, is paid by
// debugging builds alone. Reals instead of stored integers come out, so that a reader
// compares models of any precisions without knowing scales.

#include "passes/quantize/Attributes.h"
#include "passes/quantize/Graph.h"
#include "passes/quantize/Passes.h"
#include "llvm/ADT/MapVector.h"

namespace octet {

#define GEN_PASS_DEF_RETURNLAYERS
#include "passes/quantize/Passes.h.inc"

using namespace mlir;

namespace {

struct ReturnLayers : impl::ReturnLayersBase<ReturnLayers> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal() || !function.getBody().hasOneBlock())
      return;
    Block &block = function.getBody().front();
    Operation *terminator = block.getTerminator();
    // One layer for a name: of the forms in which memory holds a tensor, the one with the
    // least bits, as that is what the precision of the model is about.
    llvm::MapVector<StringRef, Value> layers;
    for (Operation &op : block) {
      if (isa<ConstantOp>(op) || op.getNumResults() != 1 || !isLayer(op.getResult(0)))
        continue;
      StringRef tensor = getTensorName(op.getLoc());
      if (tensor.empty())
        continue;
      Value &known = layers[tensor];
      if (!known || getBits(op.getResult(0)) <= getBits(known))
        known = op.getResult(0);
    }

    SmallVector<Value> results(terminator->getOperands());
    SmallVector<DictionaryAttr> attributes;
    for (unsigned i = 0; i < results.size(); ++i) {
      DictionaryAttr given = function.getResultAttrDict(i);
      attributes.push_back(given ? given : DictionaryAttr::get(&getContext()));
    }
    for (auto [tensor, value] : layers) {
      Builder b(&getContext());
      DictionaryAttr layer = describe(tensor, value);
      auto output = llvm::find(terminator->getOperands(), value);
      // A caller gets integers as integers.
      if (output != terminator->operand_end() && getElementTypeOrSelf(value.getType()).isF32()) {
        DictionaryAttr &given = attributes[output - terminator->operand_begin()];
        NamedAttrList list(given);
        list.set(kLayerAttr, layer);
        given = list.getDictionary(&getContext());
        continue;
      }
      NamedAttrList list(layer);
      list.set("added", b.getUnitAttr());
      layer = list.getDictionary(&getContext());
      results.push_back(toReal(value, tensor));
      attributes.push_back(
          b.getDictionaryAttr({b.getNamedAttr("octet.name", b.getStringAttr(tensor)),
                               b.getNamedAttr(kLayerAttr, layer)}));
    }
    terminator->setOperands(results);
    function.setType(FunctionType::get(&getContext(), function.getArgumentTypes(),
                                       ValueRange(results).getTypes()));
    function.setAllResultAttrs(attributes);
  }

private:
  static bool isLayer(Value value) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    return type && type.getNumElements() > 0 &&
           (type.getElementType().isF32() || type.getElementType().isBF16() ||
            isa<quant::UniformQuantizedType>(type.getElementType()));
  }

  static int64_t getBits(Value value) {
    return getStorageElementType(getElementTypeOrSelf(value.getType())).getIntOrFloatBitWidth();
  }

  DictionaryAttr describe(StringRef tensor, Value value) {
    Builder b(&getContext());
    Operation *op = value.getDefiningOp(), *root = getRootOp(op);
    if (!root)
      root = &cast<FusedOp>(op).getBlock().front();
    auto type = cast<RankedTensorType>(value.getType());
    NamedAttrList list;
    list.set("tensor", b.getStringAttr(tensor));
    list.set("node", b.getStringAttr(getNodeName(op->getLoc())));
    list.set("op", b.getStringAttr(root->getName().stripDialect()));
    list.set("precision", b.getStringAttr(stringifyPrecision(getPrecision(op))));
    if (auto quantized = dyn_cast<quant::UniformQuantizedType>(type.getElementType())) {
      list.set("stored", b.getStringAttr("u8"));
      list.set("scale", b.getF64FloatAttr(quantized.getScale()));
      list.set("zero_point", b.getI64IntegerAttr(quantized.getZeroPoint()));
    } else {
      list.set("stored", b.getStringAttr(type.getElementType().isBF16() ? "bf16" : "f32"));
    }
    // Planes of channels, or rows of features.
    if (type.getRank() > 0)
      list.set("channel_axis", b.getI64IntegerAttr(type.getRank() == 4 ? 1 : type.getRank() - 1));
    SmallVector<Attribute> inputs;
    collectInputs(op, tensor, inputs);
    list.set("inputs", b.getArrayAttr(inputs));
    return list.getDictionary(&getContext());
  }

  // Through other forms of the tensor itself.
  void collectInputs(Operation *op, StringRef tensor, SmallVectorImpl<Attribute> &inputs) {
    for (Value operand : op->getOperands()) {
      StringRef input = getOperandName(operand);
      if (input == tensor) {
        if (Operation *producer = operand.getDefiningOp())
          collectInputs(producer, tensor, inputs);
      } else if (!input.empty()) {
        inputs.push_back(StringAttr::get(&getContext(), input));
      }
    }
  }

  // Empty for a constant.
  StringRef getOperandName(Value value) {
    if (auto argument = dyn_cast<BlockArgument>(value)) {
      auto name =
          getOperation().getArgAttrOfType<StringAttr>(argument.getArgNumber(), "octet.name");
      return name ? name.getValue() : StringRef();
    }
    return getConstantValue(value) ? StringRef() : getTensorName(value.getDefiningOp()->getLoc());
  }

  // Right behind the op, where its result is still in the cache and soon free again.
  Value toReal(Value value, StringRef tensor) {
    auto type = cast<RankedTensorType>(value.getType());
    if (type.getElementType().isF32())
      return value;
    OpBuilder b(&getContext());
    b.setInsertionPointAfterValue(value);
    RankedTensorType real = withElementType(type, b.getF32Type());
    Location loc = getOnnxLocation(&getContext(), (kLayerNode + tensor).str(), tensor);
    Operation *border = type.getElementType().isBF16()
                            ? CastOp::create(b, loc, real, value).getOperation()
                            : DequantizeOp::create(b, loc, real, value).getOperation();
    return wrapIntoGroup(border).getY();
  }
};

} // namespace

} // namespace octet

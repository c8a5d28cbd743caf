// How much noise int8 adds to each contraction, for all of them in one run of the f32 graph:
// beside each stands a copy that reads rounded operands, and what leaves the graph is the
// energy of the difference. A model compiled once for each op would say the same, and
// take as many compilations as there are ops.

#include "dialect/reference/Evaluate.h"
#include "dialect/reference/Tensor.h"
#include "passes/calibrate/CalibrationTable.h"
#include "passes/calibrate/Passes.h"
#include "passes/calibrate/RangeEstimators.h"
#include "passes/quantize/Attributes.h"
#include "passes/quantize/Graph.h"
#include "passes/quantize/IntegerWeights.h"
#include "passes/quantize/Parameters.h"
#include "passes/quantize/Passes.h"

namespace octet {

#define GEN_PASS_DEF_INSERTNOISEPROBES
#include "passes/quantize/Passes.h.inc"

using namespace mlir;

namespace {

struct InsertNoiseProbes : impl::InsertNoiseProbesBase<InsertNoiseProbes> {
  using InsertNoiseProbesBase::InsertNoiseProbesBase;
  InsertNoiseProbes(std::shared_ptr<const CalibrationTable> table, const Calibrator &calibrator,
                    const WeightScheme &scheme)
      : table(std::move(table)), calibrator(calibrator), scheme(scheme) {
    perTensorWeights = scheme.perTensor;
  }

  LogicalResult initialize(MLIRContext *context) override {
    scheme.perTensor = perTensorWeights;
    return loadTable(context, calibrationPath, table);
  }

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (!table) {
      function.emitError() << "expected a calibration table for noise probes";
      return signalPassFailure();
    }
    Block &block = function.getBody().front();
    for (Operation &op : llvm::make_early_inc_range(block)) {
      if (isInt8Contraction(&op))
        probe(&op);
      op.removeAttr(kPrecisionAttr);
      op.removeAttr(kReasonAttr);
    }
    Builder builder(&getContext());
    SmallVector<DictionaryAttr> attributes;
    for (const std::string &name : names)
      attributes.push_back(builder.getDictionaryAttr(
          builder.getNamedAttr(kObservedAttr, builder.getStringAttr(name))));
    block.getTerminator()->setOperands(energies);
    function.setType(FunctionType::get(&getContext(), function.getArgumentTypes(),
                                       ValueRange(energies).getTypes()));
    function.setAllResultAttrs(attributes);
    energies.clear();
    names.clear();
  }

private:
  // Copies `op` beside itself with operands that int8 would see.
  void probe(Operation *op) {
    Value x = op->getOperand(0), y = op->getResult(0);
    auto argument = dyn_cast<BlockArgument>(x);
    StringRef tensor = getTensorName(x.getLoc());
    if (argument)
      if (auto name =
              getOperation().getArgAttrOfType<StringAttr>(argument.getArgNumber(), "octet.name"))
        tensor = name.getValue();
    const TensorStatistics *statistics = table->lookup(tensor);
    if (!statistics)
      return;
    Range range = estimateRange(*statistics, calibrator);
    auto activation = getActivationType(&getContext(), range.low, range.high);
    auto weights = reference::Tensor::fromAttr(getConstantValue(op->getOperand(1)),
                                               cast<RankedTensorType>(op->getOperand(1).getType()));
    int64_t axis = cast<QuantizableOpInterface>(op).getWeightChannelAxis();
    RealWeights real{weights.getType(), weights.as<float>(), {}, axis};
    auto integers = quantizeWeights(real, activation, scheme);
    if (!integers) {
      llvm::consumeError(integers.takeError());
      return;
    }
    OpBuilder b(op->getContext());
    b.setInsertionPointAfter(op);
    Location loc = op->getLoc();
    reference::Tensor stored(
        RankedTensorType::get(weights.getType().getShape(), integers->elementType),
        integers->weights);
    auto dequantize = DequantizeOp::create(
        b, loc, weights.getType(),
        ConstantOp::create(b, loc, stored.getType(), stored.toAttr(getTensorName(loc))));
    // Here and not by folding, which keeps what takes less memory as integers.
    auto evaluated = reference::evaluate(dequantize, {stored});
    assert(succeeded(evaluated) && "a dequantize of a constant has a value");
    Value rounded = ConstantOp::create(b, loc, weights.getType(),
                                       evaluated->front().toAttr(getTensorName(loc)));
    dequantize.erase();
    Value activations = roundActivation(b, loc, x, activation);
    Operation *copy = b.clone(*op);
    copy->setOperand(0, activations);
    copy->setOperand(1, rounded);
    copy->removeAttr(kPrecisionAttr);
    copy->removeAttr(kReasonAttr);
    addEnergy(b, loc, y, "signal");
    addEnergy(b, loc, SubOp::create(b, loc, y, copy->getResult(0)), "noise");
  }

  // Q2 and Q3 in ops on f32, as there is nothing to store.
  static Value roundActivation(OpBuilder &b, Location loc, Value x,
                               quant::UniformQuantizedType type) {
    auto scalar = [&](double value) -> Value {
      auto scalarType = RankedTensorType::get({}, b.getF32Type());
      return ConstantOp::create(b, loc,
                                DenseElementsAttr::get(scalarType, b.getF32FloatAttr(value)));
    };
    Value q = RoundOp::create(b, loc, MulOp::create(b, loc, x, scalar(1 / type.getScale())));
    q = MaxOp::create(b, loc, q, scalar(-double(type.getZeroPoint())));
    q = MinOp::create(b, loc, q, scalar(255.0 - type.getZeroPoint()));
    return MulOp::create(b, loc, q, scalar(type.getScale()));
  }

  void addEnergy(OpBuilder &b, Location loc, Value value, StringRef what) {
    auto type = cast<RankedTensorType>(value.getType());
    auto axes = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
    energies.push_back(ReduceOp::create(b, loc, RankedTensorType::get({}, type.getElementType()),
                                        MulOp::create(b, loc, value, value), ReduceKind::Sum, axes,
                                        /*keepdims=*/false));
    names.push_back((what + " " + getNodeName(loc)).str());
  }

  std::shared_ptr<const CalibrationTable> table;
  Calibrator calibrator;
  WeightScheme scheme;
  SmallVector<Value> energies;
  SmallVector<std::string> names;
};

} // namespace

std::unique_ptr<Pass> createInsertNoiseProbes(std::shared_ptr<const CalibrationTable> table,
                                              const Calibrator &calibrator,
                                              const WeightScheme &weights) {
  return std::make_unique<InsertNoiseProbes>(std::move(table), calibrator, weights);
}

} // namespace octet

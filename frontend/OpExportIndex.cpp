// What ops that make indices, go by them or sample at points are in ONNX.

#include "dialect/IndexOps.h"
#include "dialect/SampleOps.h"
#include "frontend/OpExport.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace octet {

namespace {

class IndexExporter {
public:
  IndexExporter(Operation *op, ArrayRef<std::string> inputs, GraphWriter &writer)
      : op(op), inputs(inputs), writer(writer), name(getTensorName(op->getLoc())) {}

  FailureOr<std::string> run() {
    return llvm::TypeSwitch<Operation *, FailureOr<std::string>>(op)
        .Case<ArgExtremumOp, TopKIndicesOp, GatherElementsOp, GatherNDOp, ScatterElementsOp,
              ScatterNDOp, OneHotOp, CumulativeSumOp, ReverseSequenceOp, MaxPoolIndicesOp,
              GridSampleOp, RoiAlignOp>([this](auto typed) { return write(typed); })
        .Default([](Operation *other) -> FailureOr<std::string> {
          return other->emitOpError("has no form in ONNX"), failure();
        });
  }

private:
  std::string add(StringRef type) { return add(type, inputs); }
  std::string add(StringRef type, ArrayRef<std::string> operands) {
    return writer.addNode(type, operands, name);
  }
  std::string addIntegers(StringRef what, ArrayRef<int64_t> values) {
    return writer.addIntegers((name + "." + what).str(), values);
  }
  // A node whose second output is the op's result.
  std::string addSecond(StringRef type, ArrayRef<std::string> operands) {
    writer.addNode(type, operands, (name + ".values").str());
    std::string second = writer.takeName(name);
    writer.getNode().add_output(second);
    return second;
  }

  std::string write(ArgExtremumOp arg) {
    std::string y = add(arg.getWhich() == Extremum::Largest ? "ArgMax" : "ArgMin");
    writer.setInteger("axis", arg.getAxis());
    writer.setInteger("select_last_index", arg.getLast());
    return y;
  }
  std::string write(TopKIndicesOp top) {
    std::string y =
        addSecond("TopK", {inputs[0], addIntegers("k", static_cast<int64_t>(top.getK()))});
    writer.setInteger("axis", top.getAxis());
    writer.setInteger("largest", top.getWhich() == Extremum::Largest);
    return y;
  }
  std::string write(GatherElementsOp gather) {
    std::string y = add("GatherElements");
    writer.setInteger("axis", gather.getAxis());
    return y;
  }
  std::string write(GatherNDOp gather) {
    std::string y = add("GatherND");
    writer.setInteger("batch_dims", gather.getBatchDims());
    return y;
  }

  // Minima and maxima are younger than the opset that is written.
  template <typename ScatterOp>
  FailureOr<std::string> writeScatter(StringRef type, ScatterOp scatter) {
    ScatterKind kind = scatter.getKind();
    if (kind == ScatterKind::Min || kind == ScatterKind::Max)
      return op->emitOpError("expected the kind assign, add or mul for ONNX, got ")
                 << stringifyScatterKind(kind),
             failure();
    std::string y = add(type);
    if (kind != ScatterKind::Assign)
      writer.setText("reduction", stringifyScatterKind(kind));
    return y;
  }
  FailureOr<std::string> write(ScatterElementsOp scatter) {
    auto y = writeScatter("ScatterElements", scatter);
    if (succeeded(y))
      writer.setInteger("axis", scatter.getAxis());
    return y;
  }
  FailureOr<std::string> write(ScatterNDOp scatter) { return writeScatter("ScatterND", scatter); }

  std::string write(OneHotOp oneHot) {
    std::string y =
        add("OneHot",
            {inputs[0], addIntegers("depth", static_cast<int64_t>(oneHot.getDepth())), inputs[1]});
    writer.setInteger("axis", oneHot.getAxis());
    return y;
  }
  std::string write(CumulativeSumOp sum) {
    std::string y =
        add("CumSum", {inputs[0], addIntegers("axis", static_cast<int64_t>(sum.getAxis()))});
    writer.setInteger("exclusive", sum.getExclusive());
    writer.setInteger("reverse", sum.getReverse());
    return y;
  }
  std::string write(ReverseSequenceOp reverse) {
    std::string y = add("ReverseSequence");
    writer.setInteger("batch_axis", reverse.getBatchAxis());
    writer.setInteger("time_axis", reverse.getTimeAxis());
    return y;
  }
  std::string write(MaxPoolIndicesOp pool) {
    std::string y = addSecond("MaxPool", inputs);
    writer.setIntegers("kernel_shape", pool.getKernel());
    writer.setIntegers("strides", pool.getStrides());
    writer.setIntegers("pads", pool.getPads());
    writer.setIntegers("dilations", pool.getDilations());
    writer.setInteger("ceil_mode", pool.getCeilMode());
    writer.setInteger("storage_order", pool.getColumnMajor());
    return y;
  }

  FailureOr<std::string> write(GridSampleOp sample) {
    if (sample.getX().getType().getRank() != 4)
      return op->emitOpError("expected two spatial dimensions for ONNX, got ")
                 << sample.getX().getType(),
             failure();
    std::string y = add("GridSample");
    StringRef mode = stringifyGridMode(sample.getMode());
    writer.setText("mode",
                   sample.getMode() == GridMode::Nearest ? mode.str() : ("bi" + mode).str());
    writer.setText("padding_mode", stringifyGridPadding(sample.getPadding()));
    writer.setInteger("align_corners", sample.getAlignCorners());
    return y;
  }
  std::string write(RoiAlignOp align) {
    std::string y = add("RoiAlign");
    writer.setText("mode", stringifyRoiMode(align.getMode()));
    writer.setInteger("output_height", align.getHeight());
    writer.setInteger("output_width", align.getWidth());
    writer.setInteger("sampling_ratio", align.getSamplingRatio());
    writer.setNumber("spatial_scale", align.getSpatialScale().convertToFloat());
    writer.setText("coordinate_transformation_mode",
                   align.getHalfPixel() ? "half_pixel" : "output_half_pixel");
    return y;
  }

  Operation *op;
  ArrayRef<std::string> inputs;
  GraphWriter &writer;
  StringRef name;
};

} // namespace

FailureOr<std::string> exportIndexOp(Operation *op, ArrayRef<std::string> inputs,
                                     GraphWriter &writer) {
  return IndexExporter(op, inputs, writer).run();
}

} // namespace octet

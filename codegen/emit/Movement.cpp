// Ops that move elements without looking at them. Each is a few boxes whose source
// and target are strided views of the two buffers, so the layouts of both do not
// matter.

#include "codegen/emit/Emit.h"
#include "codegen/emit/IndexValues.h"
#include "codegen/emit/Nest.h"
#include "dialect/reference/QuantRules.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace octet::codegen {

// A gather of single elements is not worth more lanes than this.
static constexpr int64_t kGatherLanes = 16;

static Nest makeCopy(KernelBuilder &kernel, ArrayRef<int64_t> extents, const FlatView &to,
                     const FlatView &from) {
  Value target = to.memref, source = from.memref;
  auto body = [&kernel, target, source](ArrayRef<Value> indices, ArrayRef<int64_t> strides,
                                        Lanes lanes) {
    Value elements = loadLanes(kernel, source, indices[1], strides[1], lanes);
    storeLanes(kernel, elements, target, indices[0], strides[0], lanes);
  };
  Nest nest(extents, {to, from}, getCopyLanes(kernel, to), body);
  if (std::abs(nest.dims.back().strides[1]) > 1 || nest.dims.back().strides[1] < 0)
    nest.lanes = std::min(nest.lanes, kGatherLanes);
  return nest;
}

// The row-major strides of `shape` in elements.
static SmallVector<int64_t> getRowMajorStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size());
  int64_t stride = 1;
  for (size_t i = shape.size(); i-- > 0; stride *= shape[i])
    strides[i] = stride;
  return strides;
}

namespace {

struct ReshapeKernel {
  static LogicalResult emit(Operation *op, KernelBuilder &kernel) {
    Buffer x = kernel.getBuffer(op->getOperand(0)), y = kernel.getResult();
    FlatView from = getFlatView(kernel.b(), x), to = getFlatView(kernel.b(), y);
    // The row-major side can be seen in the other's shape.
    ArrayRef<int64_t> shape = x.type.getShape();
    if (!getLayout(y.type)) {
      to.strides = getRowMajorStrides(shape);
    } else if (!getLayout(x.type)) {
      shape = y.type.getShape();
      from.strides = getRowMajorStrides(shape);
    } else {
      return op->emitOpError("expected a row-major operand or result, got ")
             << x.type << " and " << y.type;
    }
    emitNests(kernel, makeCopy(kernel, shape, to, from));
    return success();
  }
};

struct TransposeKernel {
  static LogicalResult emit(Operation *op, KernelBuilder &kernel) {
    FlatView x = getFlatView(kernel.b(), kernel.getBuffer(op->getOperand(0))), from = x;
    for (auto [i, axis] : llvm::enumerate(cast<TransposeOp>(op).getPermutation()))
      from.strides[i] = x.strides[axis];
    FlatView to = getFlatView(kernel.b(), kernel.getResult());
    emitNests(kernel, makeCopy(kernel, kernel.getResultType().getShape(), to, from));
    return success();
  }
};

struct SliceKernel {
  static LogicalResult emit(Operation *op, KernelBuilder &kernel) {
    auto slice = cast<SliceOp>(op);
    FlatView from = getFlatView(kernel.b(), kernel.getBuffer(slice.getX()));
    for (size_t i = 0; i < from.strides.size(); ++i) {
      from.offset += slice.getOffsets()[i] * from.strides[i];
      from.strides[i] *= slice.getSteps()[i];
    }
    FlatView to = getFlatView(kernel.b(), kernel.getResult());
    emitNests(kernel, makeCopy(kernel, slice.getSizes(), to, from));
    return success();
  }
};

struct ConcatKernel {
  static LogicalResult emit(Operation *op, KernelBuilder &kernel) {
    auto concat = cast<ConcatOp>(op);
    FlatView to = getFlatView(kernel.b(), kernel.getResult());
    SmallVector<Nest> copies;
    for (auto [i, input] : llvm::enumerate(concat.getInputs())) {
      auto type = cast<RankedTensorType>(input.getType());
      if (!concat.isInPlace(i))
        copies.push_back(makeCopy(kernel, type.getShape(), to,
                                  getFlatView(kernel.b(), kernel.getBuffer(input))));
      to.offset += type.getDimSize(concat.getAxis()) * to.strides[concat.getAxis()];
    }
    emitNests(kernel, copies);
    return success();
  }
};

struct ExpandKernel {
  static LogicalResult emit(Operation *op, KernelBuilder &kernel) {
    Buffer x = kernel.getBuffer(op->getOperand(0));
    ArrayRef<int64_t> shape = kernel.getResultType().getShape();
    FlatView from = broadcastView(getFlatView(kernel.b(), x), x.type.getShape(), shape);
    emitNests(kernel, makeCopy(kernel, shape, getFlatView(kernel.b(), kernel.getResult()), from));
    return success();
  }
};

struct DepthToSpaceKernel {
  static LogicalResult emit(Operation *op, KernelBuilder &kernel) {
    auto d2s = cast<DepthToSpaceOp>(op);
    RankedTensorType type = kernel.getResultType();
    FlatView from = getFlatView(kernel.b(), kernel.getBuffer(d2s.getX()));
    FlatView to = getFlatView(kernel.b(), kernel.getResult());
    int64_t block = d2s.getBlockSize(), channels = type.getDimSize(1);
    bool depthFirst = d2s.getMode() == DepthToSpaceMode::DCR;
    int64_t c = from.strides[1];
    int64_t depth = depthFirst ? c : c * block * block, tap = depthFirst ? c * channels : c;
    // [N, C, H, i, W, j]
    SmallVector<int64_t> extents{type.getDimSize(0),         channels,
                                 type.getDimSize(2) / block, block,
                                 type.getDimSize(3) / block, block};
    from.strides = {from.strides[0], depth, from.strides[2], tap * block, from.strides[3], tap};
    to.strides = {to.strides[0], to.strides[1],         to.strides[2] * block,
                  to.strides[2], to.strides[3] * block, to.strides[3]};
    emitNests(kernel, makeCopy(kernel, extents, to, from));
    return success();
  }
};

/// A run of indices along one dimension of a padded tensor and where it comes from.
struct Run {
  int64_t begin, extent; ///< in the result
  int64_t source, step;  ///< in `x`; step 0 repeats
  bool isBorder;
};

struct PadKernel {
  static LogicalResult emit(Operation *op, KernelBuilder &kernel) {
    auto pad = cast<PadOp>(op);
    ImplicitLocOpBuilder &b = kernel.b();
    Buffer x = kernel.getBuffer(pad.getX());
    FlatView from = getFlatView(b, x), to = getFlatView(b, kernel.getResult());
    bool isConstant = pad.getMode() == PadMode::Constant;
    Value fill = isConstant ? getFill(pad, kernel) : Value();
    SmallVector<SmallVector<Run>> runs;
    for (int64_t d = 0; d < x.type.getRank(); ++d)
      runs.push_back(getRuns(pad, d, x.type.getDimSize(d)));
    SmallVector<Nest> nests;
    SmallVector<const Run *> box;
    visitBoxes(runs, isConstant, box, [&](ArrayRef<const Run *> boxRuns) {
      nests.push_back(makeBox(kernel, boxRuns, to, from, fill));
    });
    emitNests(kernel, nests);
    return success();
  }

private:
  static SmallVector<Run> getRuns(PadOp pad, int64_t d, int64_t extent) {
    int64_t low = pad.getLow()[d], high = pad.getHigh()[d];
    int64_t before = std::max<int64_t>(low, 0), after = std::max<int64_t>(high, 0);
    int64_t first = std::max<int64_t>(-low, 0);
    int64_t kept = extent - first - std::max<int64_t>(-high, 0);
    int64_t step = pad.getMode() == PadMode::Reflect ? -1 : 0;
    int64_t reflected = pad.getMode() == PadMode::Reflect ? extent - 2 : extent - 1;
    return {{0, before, step == 0 ? 0 : before, step, true},
            {before, kept, first, 1, false},
            {before + kept, after, reflected, step, true}};
  }

  // Boxes are products of runs. For a constant border, what lies behind a border run
  // is border throughout, so it is one box.
  static void visitBoxes(ArrayRef<SmallVector<Run>> runs, bool isConstant,
                         SmallVectorImpl<const Run *> &box,
                         function_ref<void(ArrayRef<const Run *>)> visit) {
    size_t d = box.size();
    bool inBorder = isConstant && d > 0 && box.back()->isBorder;
    if (d == runs.size() || inBorder)
      return visit(box);
    for (const Run &run : runs[d]) {
      if (run.extent == 0)
        continue;
      box.push_back(&run);
      visitBoxes(runs, isConstant, box, visit);
      box.pop_back();
    }
  }

  static Nest makeBox(KernelBuilder &kernel, ArrayRef<const Run *> box, FlatView to, FlatView from,
                      Value fill) {
    SmallVector<int64_t> extents(kernel.getResultType().getShape());
    for (auto [d, run] : llvm::enumerate(box)) {
      extents[d] = run->extent;
      to.offset += run->begin * to.strides[d];
      from.offset += run->source * from.strides[d];
      from.strides[d] *= run->step;
    }
    if (!fill || !box.back()->isBorder)
      return makeCopy(kernel, extents, to, from);
    Value target = to.memref;
    auto body = [&kernel, target, fill](ArrayRef<Value> indices, ArrayRef<int64_t> strides,
                                        Lanes lanes) {
      ImplicitLocOpBuilder &b = kernel.b();
      Value value = fill;
      if (lanes.count)
        value =
            vector::BroadcastOp::create(b, VectorType::get({lanes.count}, fill.getType()), fill);
      storeLanes(kernel, value, target, indices[0], strides[0], lanes);
    };
    return Nest(extents, to, getCopyLanes(kernel, to), body);
  }

  // The stored value of the border: a parameter where it follows from a scale.
  static Value getFill(PadOp pad, KernelBuilder &kernel) {
    ImplicitLocOpBuilder &b = kernel.b();
    float value = pad.getValue().convertToFloat();
    Type element = pad.getY().getType().getElementType();
    Type stored = kernel.getResult().getElementType();
    if (auto quantized = dyn_cast<quant::QuantizedType>(element)) {
      int64_t q = reference::quantize(value, reference::getScale(quantized));
      Value parameter = kernel.addParameter(static_cast<int32_t>(q));
      return stored.isInteger(32) ? parameter
                                  : arith::TruncIOp::create(b, stored, parameter).getResult();
    }
    if (element.isF32())
      return kernel.addParameter(value);
    if (isa<FloatType>(stored))
      return arith::ConstantOp::create(b, b.getFloatAttr(stored, value));
    if (element.isBF16()) { // held as its bits
      bool loses;
      APFloat half(value);
      half.convert(APFloat::BFloat(), APFloat::rmNearestTiesToEven, &loses);
      return arith::ConstantOp::create(b, b.getIntegerAttr(stored, half.bitcastToAPInt()));
    }
    int64_t number = element.isInteger(1) ? value != 0 : static_cast<int64_t>(value);
    return arith::ConstantOp::create(b, b.getIntegerAttr(stored, number));
  }
};

struct GatherKernel {
  static LogicalResult emit(Operation *op, KernelBuilder &kernel) {
    auto gather = cast<GatherOp>(op);
    ImplicitLocOpBuilder &b = kernel.b();
    Buffer x = kernel.getBuffer(gather.getX()), indices = kernel.getBuffer(gather.getIndices());
    FlatView from = getFlatView(b, x), to = getFlatView(b, kernel.getResult());
    FlatView at = getFlatView(b, indices);
    int64_t axis = gather.getAxis(), rank = indices.type.getRank();
    int64_t axisStride = from.strides[axis], extent = x.type.getDimSize(axis);
    // All three over the result's dimensions: x[:axis] + indices + x[axis + 1:].
    FlatView source{from.memref, from.offset, {}}, position{at.memref, at.offset, {}};
    for (int64_t d = 0; d < kernel.getResultType().getRank(); ++d) {
      bool isIndex = d >= axis && d < axis + rank;
      source.strides.push_back(isIndex ? 0 : from.strides[d < axis ? d : d - rank + 1]);
      position.strides.push_back(isIndex ? at.strides[d - axis] : 0);
    }
    Value target = to.memref;
    auto body = [&](ArrayRef<Value> flat, ArrayRef<int64_t> strides, Lanes lanes) {
      Value index = wrapIndex(b, loadIndex(b, position.memref, flat[2]), extent);
      index = clampIndex(b, index, 0, extent - 1);
      Value start = arith::AddIOp::create(b, flat[1], linearize(b, 0, index, axisStride));
      Value elements = loadLanes(kernel, source.memref, start, strides[1], lanes);
      storeLanes(kernel, elements, target, flat[0], strides[0], lanes);
    };
    Nest nest(kernel.getResultType().getShape(), {to, source, position}, getCopyLanes(kernel, to),
              body);
    // Lanes share an index; where the indices run innermost there is one for each.
    if (nest.dims.back().strides[2] != 0)
      nest.lanes = 0;
    emitNests(kernel, nest);
    return success();
  }
};

} // namespace

void registerMovementKernels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, OctetDialect *) {
    ReshapeOp::attachInterface<RootKernel<ReshapeOp, ReshapeKernel>>(*context);
    TransposeOp::attachInterface<RootKernel<TransposeOp, TransposeKernel>>(*context);
    SliceOp::attachInterface<RootKernel<SliceOp, SliceKernel>>(*context);
    ConcatOp::attachInterface<RootKernel<ConcatOp, ConcatKernel>>(*context);
    ExpandOp::attachInterface<RootKernel<ExpandOp, ExpandKernel>>(*context);
    DepthToSpaceOp::attachInterface<RootKernel<DepthToSpaceOp, DepthToSpaceKernel>>(*context);
    PadOp::attachInterface<RootKernel<PadOp, PadKernel>>(*context);
    GatherOp::attachInterface<RootKernel<GatherOp, GatherKernel>>(*context);
  });
}

} // namespace octet::codegen

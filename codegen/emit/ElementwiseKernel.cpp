// Kernels that compute each element from the elements at the same place: groups
// without a root, single ops of that kind, and the border of a buffer.

#include "codegen/emit/ElementwiseKernel.h"

#include "codegen/emit/Emit.h"
#include "codegen/emit/Group.h"
#include "codegen/emit/Nest.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace octet::codegen {

// The views of the result and of every leaf, broadcast.
static SmallVector<FlatView> getViews(KernelBuilder &kernel, const Group &group) {
  RankedTensorType result = kernel.getResultType();
  SmallVector<FlatView> views{getFlatView(kernel.b(), kernel.getResult())};
  for (Value leaf : group.getLeaves()) {
    Buffer buffer = kernel.getBuffer(leaf);
    views.push_back(
        broadcastView(getFlatView(kernel.b(), buffer), buffer.type.getShape(), result.getShape()));
  }
  return views;
}

static int64_t getBytes(const FlatView &view) {
  return view.getElementType().getIntOrFloatBitWidth() / 8;
}

// Bytes are worth four registers of f32 at a time: their loads and stores are then
// whole registers.
static int64_t getGroupLanes(KernelBuilder &kernel, ArrayRef<FlatView> views) {
  bool hasBytes = llvm::any_of(views, [](const FlatView &view) { return getBytes(view) == 1; });
  return kernel.getTarget().getLanes() * (hasBytes ? 4 : 1);
}

// Scales along an axis need logical indices, which merged loops do not have.
static LogicalResult emitByPosition(KernelBuilder &kernel) {
  ImplicitLocOpBuilder &b = kernel.b();
  Buffer result = kernel.getResult();
  SmallVector<int64_t> extents(result.type.getShape());
  int64_t inner = result.getContiguousDim();
  int64_t lanes = kernel.getTarget().getLanes(), extent = extents[inner];
  extents[inner] = 1;
  int64_t units = 1;
  for (int64_t outer : extents)
    units *= outer;
  kernel.parallelLoop(units, [&](Value unit) {
    SmallVector<Value> index = delinearize(b, unit, extents);
    auto emitAt = [&](Value i, int64_t active) {
      index[inner] = i;
      kernel.storeResult({}, {index, inner, lanes, active});
    };
    int64_t full = extent / lanes * lanes;
    emitLoop(b, 0, full, lanes, [&](Value i) { emitAt(i, lanes); });
    if (full < extent)
      emitAt(constantIndex(b, full), extent - full);
  });
  return success();
}

// An image of a few planes becomes pixels of 4 bytes: 16 pixels at a time, each
// plane computed as a vector and shifted to its place in the pixel. Denser pixels are
// moved together behind that.
static bool isPackingOfPlanes(KernelBuilder &kernel, ArrayRef<FlatView> views) {
  RankedTensorType type = kernel.getResultType();
  ChannelsLastAttr layout = getLayout(type);
  if (!layout || layout.getPitch() > 4 || layout.getPitch() < 2 || getBytes(views[0]) != 1 ||
      type.getDimSize(3) < 4)
    return false;
  return llvm::all_of(views.drop_front(), [](const FlatView &view) {
    return view.strides[3] == 0 || view.strides[3] == 1;
  });
}

static void emitPackingOfPlanes(KernelBuilder &kernel, const Group &group,
                                ArrayRef<FlatView> views) {
  constexpr int64_t kPixel = 4, kPixels = 16;
  ImplicitLocOpBuilder &b = kernel.b();
  RankedTensorType type = kernel.getResultType();
  int64_t width = type.getDimSize(3), pitch = getLayout(type).getPitch();
  auto emitPixels = [&](Value n, Value h, Value w, int64_t active) {
    Lanes lanes{kPixels, active};
    LaneMath m(b, b.getLoc(), VectorType::get({kPixels}, b.getI32Type()));
    Value pixels;
    for (int64_t c = 0; c < type.getDimSize(1); ++c) {
      SmallVector<Value> index{n, constantIndex(b, c), h, w};
      auto leaf = [&](Value tensor) {
        size_t i = llvm::find(group.getLeaves(), tensor) - group.getLeaves().begin();
        const FlatView &view = views[1 + i];
        return loadLanes(kernel, view.memref, linearize(b, view.offset, index, view.strides),
                         view.strides[3], lanes);
      };
      auto along = [](Value, int64_t) { return Value(); };
      Value stored = group.emit({}, {leaf, along});
      Value wide = arith::ExtUIOp::create(b, m.integer(32), stored);
      wide = c == 0 ? wide : m.shiftLeft(wide, 8 * c);
      pixels = c == 0 ? wide : m.bitOr(pixels, wide);
    }
    Value bytes =
        vector::BitCastOp::create(b, VectorType::get({kPixels * kPixel}, b.getI8Type()), pixels);
    if (pitch < kPixel) {
      SmallVector<int64_t> order;
      for (int64_t i = 0; i < kPixels; ++i)
        for (int64_t c = 0; c < pitch; ++c)
          order.push_back(i * kPixel + c);
      order.resize(kPixels * kPixel, vector::ShuffleOp::kPoisonIndex);
      bytes = vector::ShuffleOp::create(b, bytes, bytes, order);
    }
    storeLanes(kernel, bytes, views[0].memref,
               linearize(b, views[0].offset, {n, h, w},
                         {views[0].strides[0], views[0].strides[2], views[0].strides[3]}),
               1, {kPixels * kPixel, active * pitch});
  };
  int64_t rows = type.getDimSize(2);
  kernel.parallelLoop(type.getDimSize(0) * rows, [&](Value unit) {
    SmallVector<Value> digits = delinearize(b, unit, {type.getDimSize(0), rows});
    int64_t full = width / kPixels * kPixels;
    emitLoop(b, 0, full, kPixels, [&](Value w) { emitPixels(digits[0], digits[1], w, kPixels); });
    if (full < width)
      emitPixels(digits[0], digits[1], constantIndex(b, full), width - full);
  });
}

LogicalResult emitElementwiseGroup(KernelBuilder &kernel) {
  Group group(kernel);
  if (group.hasAxis())
    return emitByPosition(kernel);
  SmallVector<FlatView> views = getViews(kernel, group);
  if (isPackingOfPlanes(kernel, views)) {
    emitPackingOfPlanes(kernel, group, views);
    return success();
  }
  auto body = [&](ArrayRef<Value> indices, ArrayRef<int64_t> strides, Lanes lanes) {
    auto leaf = [&](Value tensor) {
      size_t i = 1 + (llvm::find(group.getLeaves(), tensor) - group.getLeaves().begin());
      return loadLanes(kernel, views[i].memref, indices[i], strides[i], lanes);
    };
    auto along = [](Value, int64_t) { return Value(); };
    Value stored = group.emit({}, {leaf, along});
    storeLanes(kernel, stored, views[0].memref, indices[0], strides[0], lanes);
  };
  Nest nest(kernel.getResultType().getShape(), views, getGroupLanes(kernel, views), body);
  emitNests(kernel, nest);
  return success();
}

// Channels of a pixel that the halo must hold: what words of a dot product read.
static int64_t getHaloChannels(RankedTensorType type) {
  constexpr int64_t kDotBytes = 4;
  int64_t channels = type.getDimSize(1);
  if (getElementBytes(type.getElementType()) == 1)
    channels = llvm::alignTo(channels, kDotBytes);
  return std::min(channels, getLayout(type).getPitch());
}

void emitHaloFill(KernelBuilder &kernel) {
  RankedTensorType type = kernel.getResultType();
  ChannelsLastAttr layout = getLayout(type);
  if (!layout || llvm::all_of(layout.getHalo(), [](int64_t extent) { return extent == 0; }))
    return;
  ImplicitLocOpBuilder &b = kernel.b();
  FlatView interior = getFlatView(b, kernel.getResult());
  Type element = interior.getElementType();
  Value value;
  if (quant::QuantizedType quantized = getQuantizedElement(type)) {
    Value zeroPoint =
        kernel.addParameter(static_cast<int32_t>(reference::getScale(quantized).zeroPoint));
    value = element.isInteger(32) ? zeroPoint
                                  : arith::TruncIOp::create(b, element, zeroPoint).getResult();
  } else {
    value = arith::ConstantOp::create(b, b.getZeroAttr(element));
  }
  auto body = [&](ArrayRef<Value> indices, ArrayRef<int64_t> strides, Lanes lanes) {
    Value stored = value;
    if (lanes.count)
      stored = vector::BroadcastOp::create(b, VectorType::get({lanes.count}, element), value);
    storeLanes(kernel, stored, interior.memref, indices[0], strides[0], lanes);
  };
  SmallVector<int64_t, 4> physical = getPhysicalShape(type);
  int64_t pixel = physical[3], line = physical[2], plane = physical[1] * line;
  // Lines of `pixels` from pixel `start` on, a line of the buffer apart in each plane.
  auto fill = [&](int64_t start, int64_t lines, int64_t pixels) {
    FlatView view{interior.memref, start * pixel, {plane * pixel, line * pixel, pixel, 1}};
    int64_t extents[] = {physical[0], lines, pixels, getHaloChannels(type)};
    emitSerialNest(kernel,
                   Nest(extents, view, getLanesFor(kernel.getTarget(), getBytes(interior)), body));
  };
  // The right end of a line and the left end of the next are neighbours in memory, and
  // so are the border's first and last lines and the ends next to them.
  int64_t height = type.getDimSize(2);
  int64_t first = layout.top() * line, last = first + height * line;
  kernel.runOnce([&] {
    fill(0, 1, first + layout.left());
    fill(first + line - layout.right(), height - 1, layout.right() + layout.left());
    fill(last - layout.right(), 1, plane - (last - layout.right()));
  });
}

namespace {
template <typename Op>
struct ElementwiseKernel : KernelOpInterface::ExternalModel<ElementwiseKernel<Op>, Op> {
  LogicalResult emitKernel(Operation *, KernelBuilder &kernel) const {
    return emitElementwiseGroup(kernel);
  }
};

template <typename... Ops>
void attach(MLIRContext *context) {
  (Ops::template attachInterface<ElementwiseKernel<Ops>>(*context), ...);
}
} // namespace

void registerElementwiseKernels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, OctetDialect *) {
    attach<QuantizeOp, DequantizeOp, RequantizeOp, LookupOp, CastOp, RelayoutOp, ReluOp, NegOp,
           AbsOp, SigmoidOp, HardSwishOp, SiluOp, TanhOp, ExpOp, LogOp, SqrtOp, ErfOp, ReciprocalOp,
           FloorOp, CeilOp, RoundOp, ClipOp, LeakyReluOp, HardSigmoidOp, EluOp, AddOp, SubOp, MulOp,
           DivOp, PowOp, MinOp, MaxOp, PReluOp>(context);
  });
}

} // namespace octet::codegen

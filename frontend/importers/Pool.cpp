// Pools. Volumes are pooled as planes first, then along the depth: maxima and box sums
// are separable, and so are the divisors of averages, which count a box.

#include "dialect/IndexOps.h"
#include "frontend/ElementTypes.h"
#include "frontend/importers/Window.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace octet {

using CreatePool = llvm::function_ref<Value(Value x, const Window &w)>;

static SmallVector<int64_t> getShape(Value x) {
  return SmallVector<int64_t>(cast<RankedTensorType>(x.getType()).getShape());
}

static Type getElement(Value x) { return cast<RankedTensorType>(x.getType()).getElementType(); }

// `x` of any number of spatial dimensions through a pool of planes.
static Value poolPlanes(NodeBuilder &build, Value x, const Window &w, CreatePool create) {
  if (!x)
    return {};
  SmallVector<int64_t> shape = getShape(x);
  if (shape.size() != 5)
    return fromPlane(build, create(toPlane(build, x), w.toPlane()), shape.size());
  Value planes = build.reshape(x, {shape[0], shape[1] * shape[2], shape[3], shape[4]});
  Value y = create(planes, w.withoutDepth());
  if (!y)
    return {};
  SmallVector<int64_t> out = getShape(y);
  Window depth;
  depth.kernel = {w.kernel[0], 1};
  depth.strides = {w.strides[0], 1};
  depth.dilations = {w.dilations[0], 1};
  depth.pads = {w.pads[0], 0, w.pads[3], 0};
  y = create(build.reshape(y, {shape[0], shape[1], shape[2], out[2] * out[3]}), depth);
  return y ? build.reshape(y, {shape[0], shape[1], getShape(y)[2], out[2], out[3]}) : Value();
}

// Pools compute in f32, of which f16 and bytes are a part: a maximum of them is exact.
static Value poolAsF32(NodeBuilder &build, Value x, llvm::function_ref<Value(Value)> pool) {
  if (!x)
    return {};
  Type element = getElement(x);
  auto integer = dyn_cast<IntegerType>(element);
  if (!element.isF16() && !(integer && integer.getWidth() == 8))
    return pool(x);
  Value y = pool(build.cast(x, Float32Type::get(x.getContext())));
  return y ? build.cast(y, element) : Value();
}

static std::optional<Window> readPool(NodeReader &node) {
  RankedTensorType x = node.inputType(0);
  SmallVector<int64_t> kernel = node.integers("kernel_shape");
  if (!node.has("kernel_shape"))
    node.error() << "expected an attribute 'kernel_shape', got none";
  if (node.failed())
    return std::nullopt;
  return readWindow(node, x, kernel, /*transposed=*/false);
}

void importMaxPool(NodeReader &node, NodeBuilder &build) {
  bool ceil = node.flag("ceil_mode", false), columnMajor = node.flag("storage_order", false);
  auto window = readPool(node);
  if (!window)
    return;
  Value x = node.input(0);
  SmallVector<Value> results;
  results.push_back(poolAsF32(build, x, [&](Value real) {
    return poolPlanes(build, real, *window, [&](Value plane, const Window &w) {
      return build.create<MaxPoolOp>(plane, w.kernel, w.strides, w.pads, w.dilations, ceil);
    });
  }));
  if (node.getNumOutputs() > 1 && !node.output(1).empty()) {
    if (getElement(x).isF16())
      x = build.cast(x, Float32Type::get(node.getContext()));
    results.push_back(build.create<MaxPoolIndicesOp>(
        x, window->kernel, window->strides, window->pads, window->dilations, ceil, columnMajor));
  }
  build.setResults(results);
}

void importAveragePool(NodeReader &node, NodeBuilder &build) {
  bool include = node.flag("count_include_pad", false), ceil = node.flag("ceil_mode", false);
  auto window = readPool(node);
  if (!window)
    return;
  build.setResult(poolAsF32(build, node.input(0), [&](Value real) {
    return poolPlanes(build, real, *window, [&](Value plane, const Window &w) {
      return build.create<AveragePoolOp>(plane, w.kernel, w.strides, w.pads, w.dilations, ceil,
                                         include);
    });
  }));
}

template <typename Create>
static void importGlobalPool(NodeReader &node, NodeBuilder &build, Create create) {
  RankedTensorType x = node.inputType(0);
  if (node.failed())
    return;
  if (x.getRank() < 3) {
    node.error() << "expected spatial dimensions, got " << x;
    return;
  }
  // All of any other number of dimensions are one row.
  SmallVector<int64_t> plane(x.getShape()), result(x.getRank(), 1);
  if (x.getRank() != 4) {
    int64_t width = 1;
    for (int64_t extent : x.getShape().drop_front(2))
      width *= extent;
    plane = {x.getDimSize(0), x.getDimSize(1), 1, width};
  }
  result[0] = plane[0];
  result[1] = plane[1];
  Window w;
  w.kernel = {plane[2], plane[3]};
  w.strides = w.dilations = {1, 1};
  w.pads = {0, 0, 0, 0};
  Value pooled = create(build.reshape(node.input(0), plane), w);
  if (pooled)
    build.setResult(build.reshape(pooled, result));
}

void importGlobalAveragePool(NodeReader &node, NodeBuilder &build) {
  importGlobalPool(node, build, [&](Value x, const Window &w) {
    return build.create<AveragePoolOp>(x, w.kernel, w.strides, w.pads, w.dilations,
                                       /*ceil_mode=*/false, /*count_include_pad=*/false);
  });
}

void importGlobalMaxPool(NodeReader &node, NodeBuilder &build) {
  importGlobalPool(node, build, [&](Value x, const Window &w) {
    return build.create<MaxPoolOp>(x, w.kernel, w.strides, w.pads, w.dilations,
                                   /*ceil_mode=*/false);
  });
}

// |x| to the power p, and the p-th root of what the magnitudes add up to.
static Value raise(NodeBuilder &build, Value x, int64_t p) {
  Value magnitude = p % 2 ? build.create<AbsOp>(x) : x;
  if (p == 1)
    return magnitude;
  if (p == 2)
    return build.create<MulOp>(x, x);
  return build.create<PowOp>(magnitude, build.scalar(getElement(x), static_cast<double>(p)));
}
static Value takeRoot(NodeBuilder &build, Value sum, int64_t p) {
  if (!sum || p == 1)
    return sum;
  if (p == 2)
    return build.create<SqrtOp>(sum);
  return build.create<PowOp>(sum, build.scalar(getElement(sum), 1.0 / static_cast<double>(p)));
}

static std::optional<int64_t> readNorm(NodeReader &node) {
  constexpr int64_t kMost = 64;
  int64_t p = node.integer("p", 2);
  if (p < 1 || p > kMost) {
    node.error() << "expected p of 1 to " << kMost << ", got " << p;
    return std::nullopt;
  }
  return p;
}

// A sum is the average with padding counted, times the taps. The window of a last, partial
// window ends in padding that is added here.
void importLpPool(NodeReader &node, NodeBuilder &build) {
  auto p = readNorm(node);
  bool ceil = node.flag("ceil_mode", false);
  auto window = readPool(node);
  if (!p || !window)
    return;
  Value x = node.input(0);
  SmallVector<int64_t> shape = getShape(x);
  int64_t spatial = window->kernel.size(), taps = 1;
  SmallVector<int64_t> low(shape.size(), 0), high(shape.size(), 0);
  for (int64_t i = 0; i < spatial; ++i) {
    int64_t stride = window->strides[i], in = shape[2 + i];
    int64_t reach = (window->kernel[i] - 1) * window->dilations[i] + 1;
    low[2 + i] = window->pads[i];
    high[2 + i] = window->pads[spatial + i];
    int64_t room = in + low[2 + i] + high[2 + i] - reach;
    bool partial =
        ceil && room > 0 && room % stride && (room / stride + 1) * stride < in + low[2 + i];
    if (partial)
      high[2 + i] += stride - room % stride;
    window->pads[i] = window->pads[spatial + i] = 0;
    if (llvm::MulOverflow(taps, window->kernel[i], taps))
      return (void)(node.error() << "expected a window that can be counted, got "
                                 << printShape(window->kernel));
  }
  Value y = poolAsF32(build, x, [&](Value real) {
    Value raised = raise(build, real, *p);
    auto isZero = [](int64_t pad) { return pad == 0; };
    if (raised && !(llvm::all_of(low, isZero) && llvm::all_of(high, isZero)))
      raised = build.create<PadOp>(raised, low, high, PadMode::Constant, APFloat(0.0f));
    Value mean = poolPlanes(build, raised, *window, [&](Value plane, const Window &w) {
      return build.create<AveragePoolOp>(plane, w.kernel, w.strides, w.pads, w.dilations,
                                         /*ceil_mode=*/false, /*count_include_pad=*/true);
    });
    if (!mean)
      return Value();
    Value count = build.scalar(getElement(mean), static_cast<double>(taps));
    return takeRoot(build, build.create<MulOp>(mean, count), *p);
  });
  build.setResult(y);
}

void importGlobalLpPool(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  auto p = readNorm(node);
  if (!p || node.failed())
    return;
  if (type.getRank() < 3) {
    node.error() << "expected spatial dimensions, got " << type;
    return;
  }
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(2, type.getRank()));
  build.setResult(poolAsF32(build, node.input(0), [&](Value real) {
    Value sum = build.create<ReduceOp>(raise(build, real, *p), ReduceKind::Sum, axes,
                                       /*keepdims=*/true);
    return takeRoot(build, sum, *p);
  }));
}

// Puts each element where the index says, in the tensor that was pooled. A larger
// output_shape adds zeros behind it.
void importMaxUnpool(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0), places = node.inputType(1);
  Value x = node.input(0), indices = node.input(1);
  auto window = readPool(node);
  std::optional<SmallVector<int64_t>> wanted = SmallVector<int64_t>();
  if (node.hasInput(2))
    wanted = node.constantIntegers(2, "the output shape");
  if (!window || !wanted || node.failed())
    return;
  if (type.getShape() != places.getShape()) {
    node.error() << "expected indices of the shape of " << type << ", got " << places;
    return;
  }
  SmallVector<int64_t> shape(type.getShape());
  int64_t spatial = window->kernel.size(), count = shape[0] * shape[1];
  for (int64_t i = 0; i < spatial; ++i) {
    int64_t &extent = shape[2 + i];
    extent = (extent - 1) * window->strides[i] + window->kernel[i] - window->pads[i] -
             window->pads[spatial + i];
    if (extent < 1) {
      node.error() << "expected pads that leave elements, got " << extent;
      return;
    }
  }
  if (!build.checkShape(shape))
    return;
  for (int64_t i = 0; i < spatial; ++i)
    count *= shape[2 + i];
  if (wanted->empty())
    wanted = shape;
  bool fits =
      wanted->size() == shape.size() && (*wanted)[0] == shape[0] && (*wanted)[1] == shape[1];
  SmallVector<int64_t> low(shape.size(), 0), high(shape.size(), 0);
  for (size_t i = 2; fits && i < shape.size(); ++i) {
    fits = (*wanted)[i] >= shape[i];
    high[i] = (*wanted)[i] - shape[i];
  }
  if (!fits) {
    node.error() << "expected an output shape of " << printShape(shape) << " or more, got "
                 << printShape(*wanted);
    return;
  }
  if (!build.checkGenerated(count))
    return;
  auto flat = RankedTensorType::get({count}, type.getElementType());
  SmallVector<char> zero(getElementBytes(type.getElementType()), 0);
  Value empty = build.constant(DenseElementsAttr::getFromRawBuffer(flat, zero));
  int64_t elements = type.getNumElements();
  Value y = build.create<ScatterElementsOp>(ScatterKind::Assign, empty,
                                            build.reshape(indices, {elements}),
                                            build.reshape(x, {elements}), 0);
  if (!y)
    return;
  y = build.reshape(y, shape);
  if (ArrayRef<int64_t>(*wanted) != ArrayRef<int64_t>(shape))
    y = build.create<PadOp>(y, low, high, PadMode::Constant, APFloat(0.0f));
  build.setResult(y);
}

} // namespace octet

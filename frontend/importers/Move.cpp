// Ops that pick, join and reorder elements.

#include "frontend/ElementTypes.h"
#include "frontend/OpTable.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace octet {

void importTranspose(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  SmallVector<int64_t> permutation = node.integers("perm");
  if (!node.has("perm"))
    permutation = llvm::to_vector(llvm::reverse(llvm::seq<int64_t>(0, type.getRank())));
  if (!node.failed())
    build.setResult(build.transpose(node.input(0), permutation));
}

void importConcat(NodeReader &node, NodeBuilder &build) {
  SmallVector<Value> inputs = node.allInputs();
  int64_t given = node.requiredInteger("axis");
  if (node.failed())
    return;
  auto axis = node.axis(given, cast<RankedTensorType>(inputs[0].getType()).getRank());
  if (!axis)
    return;
  // Shape arithmetic may leave operands without elements; they add nothing.
  SmallVector<Value> filled = llvm::filter_to_vector(inputs, [](Value input) {
    return cast<RankedTensorType>(input.getType()).getNumElements() != 0;
  });
  if (filled.empty())
    filled = inputs;
  build.setResult(filled.size() == 1 ? filled[0] : build.create<ConcatOp>(filled, *axis));
}

void importSplit(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  auto axis = node.axis(node.integer("axis", 0), type.getRank());
  int64_t count = node.integer("num_outputs", node.getNumOutputs());
  std::optional<SmallVector<int64_t>> sizes = node.integers("split");
  if (node.hasInput(1))
    sizes = node.constantIntegers(1, "the sizes");
  if (!axis || !sizes || node.failed())
    return;
  int64_t extent = type.getDimSize(*axis);
  if (sizes->empty()) {
    bool uneven = node.has("num_outputs");
    if (count != static_cast<int64_t>(node.getNumOutputs())) {
      node.error() << "expected " << node.getNumOutputs() << " as num_outputs, got " << count;
      return;
    }
    if (!uneven && extent % count != 0) {
      node.error() << "expected an extent that divides into " << count << " parts, got " << extent;
      return;
    }
    int64_t part = llvm::divideCeil(extent, count), rest = extent;
    for (int64_t i = 0; i < count; ++i, rest -= sizes->back())
      sizes->push_back(std::min(part, rest));
  }
  int64_t total = 0;
  bool fits = sizes->size() == node.getNumOutputs();
  for (int64_t size : *sizes)
    fits = fits && size >= 0 && size <= extent && (total += size) <= extent;
  if (!fits || total != extent) {
    node.error() << "expected " << node.getNumOutputs() << " sizes that add up to " << extent
                 << ", got " << printShape(*sizes);
    return;
  }
  SmallVector<int64_t> offsets(type.getRank(), 0), extents(type.getShape()),
      steps(type.getRank(), 1);
  SmallVector<Value> parts;
  for (int64_t size : *sizes) {
    extents[*axis] = size;
    parts.push_back(size == extent ? node.input(0)
                                   : build.create<SliceOp>(node.input(0), offsets, extents, steps));
    offsets[*axis] += size;
  }
  build.setResults(parts);
}

static void slice(NodeReader &node, NodeBuilder &build, ArrayRef<int64_t> starts,
                  ArrayRef<int64_t> ends, ArrayRef<int64_t> axes, ArrayRef<int64_t> strides) {
  RankedTensorType type = node.inputType(0);
  if (node.failed())
    return;
  if (starts.size() != ends.size() || axes.size() != starts.size() ||
      strides.size() != starts.size()) {
    node.error() << "expected as many starts, ends, axes and steps, got " << starts.size() << ", "
                 << ends.size() << ", " << axes.size() << " and " << strides.size();
    return;
  }
  if (!node.axes(axes, type.getRank()))
    return;
  SmallVector<int64_t> offsets(type.getRank(), 0), sizes(type.getShape()), steps(type.getRank(), 1);
  // Steps and bounds beyond any extent all mean the same.
  constexpr int64_t kFar = int64_t(1) << 40;
  for (size_t i = 0; i < starts.size(); ++i) {
    int64_t axis = *node.axis(axes[i], type.getRank()), extent = type.getDimSize(axis);
    int64_t step = std::clamp(strides[i], -kFar, kFar);
    int64_t start = std::clamp(starts[i], -kFar, kFar), end = std::clamp(ends[i], -kFar, kFar);
    if (step == 0) {
      node.error() << "expected steps other than 0";
      return;
    }
    start += start < 0 ? extent : 0;
    end += end < 0 ? extent : 0;
    if (step > 0) {
      start = std::clamp<int64_t>(start, 0, extent);
      end = std::clamp<int64_t>(end, start, extent);
      sizes[axis] = llvm::divideCeil(end - start, step);
    } else {
      start = std::clamp<int64_t>(start, -1, extent - 1);
      end = std::clamp<int64_t>(end, -1, std::max<int64_t>(start, -1));
      sizes[axis] = start < 0 ? 0 : llvm::divideCeil(start - end, -step);
    }
    offsets[axis] = sizes[axis] == 0 ? 0 : start;
    steps[axis] = sizes[axis] <= 1 ? 1 : step;
  }
  bool whole = ArrayRef<int64_t>(sizes) == type.getShape() &&
               llvm::all_of(steps, [](int64_t step) { return step == 1; });
  build.setResult(whole ? node.input(0)
                        : build.create<SliceOp>(node.input(0), offsets, sizes, steps));
}

void importSliceByAttributes(NodeReader &node, NodeBuilder &build) {
  SmallVector<int64_t> starts = node.integers("starts"), ends = node.integers("ends");
  SmallVector<int64_t> axes =
      node.integers("axes", llvm::to_vector(llvm::seq<int64_t>(0, starts.size())));
  slice(node, build, starts, ends, axes, SmallVector<int64_t>(starts.size(), 1));
}

void importSlice(NodeReader &node, NodeBuilder &build) {
  auto starts = node.constantIntegers(1, "the starts"), ends = node.constantIntegers(2, "the ends");
  if (!starts || !ends)
    return;
  std::optional<SmallVector<int64_t>> axes = llvm::to_vector(llvm::seq<int64_t>(0, starts->size()));
  std::optional<SmallVector<int64_t>> steps = SmallVector<int64_t>(starts->size(), 1);
  if (node.hasInput(3))
    axes = node.constantIntegers(3, "the axes");
  if (node.hasInput(4))
    steps = node.constantIntegers(4, "the steps");
  if (axes && steps)
    slice(node, build, *starts, *ends, *axes, *steps);
}

// Elements from the other end, around and around if need be: a gather along each axis.
static Value padAround(NodeReader &node, NodeBuilder &build, ArrayRef<int64_t> low,
                       ArrayRef<int64_t> high) {
  Value x = node.input(0);
  for (size_t d = 0; d < low.size() && x; ++d) {
    if (low[d] == 0 && high[d] == 0)
      continue;
    int64_t extent = cast<RankedTensorType>(x.getType()).getDimSize(d), padded;
    if (extent < 1 || llvm::AddOverflow(extent, low[d], padded) ||
        llvm::AddOverflow(padded, high[d], padded) || padded < 0 || low[d] < -extent ||
        high[d] < -extent) {
      node.error() << "expected pads that fit extent " << extent << " of dimension " << d
                   << ", got " << low[d] << " and " << high[d];
      return {};
    }
    if (!build.checkGenerated(padded))
      return {};
    SmallVector<int64_t> from(padded);
    for (int64_t i = 0; i < padded; ++i)
      from[i] = ((i - low[d]) % extent + extent) % extent;
    x = build.create<GatherOp>(x, build.constantIntegers(from), static_cast<int64_t>(d));
  }
  return x;
}

void importPad(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  StringRef name = node.text("mode", "constant");
  float value = node.number("value", 0.0f);
  std::optional<SmallVector<int64_t>> pads = node.integers("pads");
  if (node.getOpset() >= 11) {
    pads = node.constantIntegers(1, "the pads");
    if (node.hasInput(2)) {
      auto given = node.constantNumbers(2, "the value");
      if (given && given->size() != 1)
        node.error() << "expected one number as the value, got " << given->size();
      else if (given)
        value = given->front();
    }
  }
  int64_t rank = type.getRank();
  std::optional<SmallVector<int64_t>> axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  if (node.getOpset() >= 18 && node.hasInput(3))
    axes = node.constantIntegers(3, "the axes");
  std::optional<PadMode> mode = llvm::StringSwitch<std::optional<PadMode>>(name)
                                    .Case("constant", PadMode::Constant)
                                    .Case("reflect", PadMode::Reflect)
                                    .Case("edge", PadMode::Edge)
                                    .Default(std::nullopt);
  if (!mode && name != "wrap")
    node.error() << "mode '" << name << "' is not supported";
  if (node.failed() || !pads || !axes || !node.axes(*axes, rank))
    return;
  if (pads->size() != 2 * axes->size()) {
    node.error() << "expected " << 2 * axes->size() << " pads, got " << pads->size();
    return;
  }
  SmallVector<int64_t> low(rank, 0), high(rank, 0);
  for (size_t i = 0; i < axes->size(); ++i) {
    int64_t axis = *node.axis((*axes)[i], rank);
    low[axis] = (*pads)[i];
    high[axis] = (*pads)[axes->size() + i];
  }
  auto isZero = [](int64_t pad) { return pad == 0; };
  if (llvm::all_of(low, isZero) && llvm::all_of(high, isZero))
    return build.setResult(node.input(0));
  if (!mode)
    return build.setResult(padAround(node, build, low, high));
  build.setResult(build.create<PadOp>(node.input(0), low, high, *mode, APFloat(value)));
}

// The middle of each axis, or each axis in the middle of zeros.
void importCenterCropPad(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  int64_t rank = type.getRank();
  auto wanted = node.constantIntegers(1, "the shape");
  SmallVector<int64_t> axes = node.integers("axes");
  if (!node.has("axes"))
    axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  if (!wanted || node.failed() || !node.axes(axes, rank))
    return;
  if (wanted->size() != axes.size()) {
    node.error() << "expected " << axes.size() << " extents, got " << wanted->size();
    return;
  }
  SmallVector<int64_t> shape(type.getShape()), low(rank, 0), high(rank, 0);
  for (auto [axis, extent] : llvm::zip(axes, *wanted))
    shape[*node.axis(axis, rank)] = extent;
  if (!build.checkShape(shape))
    return;
  for (int64_t d = 0; d < rank; ++d) {
    int64_t more = shape[d] - type.getDimSize(d);
    low[d] = more / 2; // Toward zero, both ways.
    high[d] = more - low[d];
  }
  build.setResult(
      ArrayRef<int64_t>(shape) == type.getShape()
          ? node.input(0)
          : build.create<PadOp>(node.input(0), low, high, PadMode::Constant, APFloat(0.0f)));
}

void importGather(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0), indices = node.inputType(1);
  auto axis = node.axis(node.integer("axis", 0), type.getRank());
  if (!axis || node.failed())
    return;
  // Computed indices are clamped at run time; constant ones can be checked.
  if (getConstantValue(node.input(1)) && isa<IntegerType>(indices.getElementType())) {
    auto tensor = reference::Tensor::fromAttr(getConstantValue(node.input(1)), indices);
    int64_t extent = type.getDimSize(*axis);
    for (int64_t i = 0; i < tensor.size(); ++i)
      if (int64_t index = tensor.getInteger(i); index < -extent || index >= extent) {
        node.error() << "expected indices of " << -extent << " to " << extent - 1 << ", got "
                     << index;
        return;
      }
  }
  build.setResult(build.create<GatherOp>(node.input(0), node.input(1), *axis));
}

void importDepthToSpace(NodeReader &node, NodeBuilder &build) {
  Value x = node.input(0);
  int64_t block = node.requiredInteger("blocksize");
  StringRef name = node.text("mode", "DCR");
  if (name != "DCR" && name != "CRD")
    node.error() << "expected mode 'DCR' or 'CRD', got '" << name << "'";
  if (!node.failed())
    build.setResult(build.create<DepthToSpaceOp>(
        x, block, name == "DCR" ? DepthToSpaceMode::DCR : DepthToSpaceMode::CRD));
}

void importSpaceToDepth(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  int64_t block = node.requiredInteger("blocksize");
  if (node.failed())
    return;
  if (type.getRank() != 4 || block < 1 || type.getDimSize(2) % block ||
      type.getDimSize(3) % block) {
    node.error() << "expected rank 4 and a plane that divides into blocks of " << block << ", got "
                 << type;
    return;
  }
  int64_t n = type.getDimSize(0), c = type.getDimSize(1), h = type.getDimSize(2) / block,
          w = type.getDimSize(3) / block;
  Value blocks = build.reshape(node.input(0), {n, c, h, block, w, block});
  Value moved = build.transpose(blocks, {0, 3, 5, 1, 2, 4});
  build.setResult(node.failed() ? Value() : build.reshape(moved, {n, c * block * block, h, w}));
}

} // namespace octet

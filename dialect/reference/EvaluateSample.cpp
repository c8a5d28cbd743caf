// Sampling at computed points, and elimination. In f32, operation by operation as kernels
// do it, since a rounding decides which elements a point lies between.

#include "dialect/SampleOps.h"
#include "dialect/reference/Evaluations.h"
#include "dialect/reference/Indexing.h"

#include <cmath>

using namespace mlir;

namespace octet::reference {

namespace {

/// One element that has a part in a sample; index -1 counts as 0.
struct Tap {
  int64_t index;
  float weight;
};
using Taps = SmallVector<Tap, 4>;

/// One spatial dimension of a grid sample.
struct GridDim {
  GridMode mode;
  GridPadding padding;
  bool aligned;
  int64_t extent;

  float low() const { return aligned ? 0.0f : -0.5f; }
  float high() const {
    return aligned ? static_cast<float>(extent - 1) : static_cast<float>(extent) - 0.5f;
  }

  float reflect(float x) const {
    float range = high() - low();
    if (range == 0)
      return 0;
    float distance = x < low() ? low() - x : x - high();
    if (!(distance > 0))
      return x;
    float times = std::trunc(distance / range), rest = distance - times * range;
    bool even = times - 2 * std::trunc(times / 2) == 0;
    return (x < low()) == even ? low() + rest : high() - rest;
  }

  float getPosition(float normal) const {
    float size = static_cast<float>(extent);
    float x = aligned ? (normal + 1) / 2 * (size - 1) : ((normal + 1) * size - 1) / 2;
    // NaN becomes the low end.
    x = x > -kFarthestPoint ? x : -kFarthestPoint;
    x = x < kFarthestPoint ? x : kFarthestPoint;
    if (mode == GridMode::Nearest)
      x = std::nearbyint(x);
    return padding == GridPadding::Reflection ? reflect(x) : x;
  }

  int64_t getIndex(float place) const {
    if (padding == GridPadding::Reflection)
      place = std::trunc(reflect(place));
    int64_t index = static_cast<int64_t>(place), last = extent - 1;
    if (padding == GridPadding::Zeros)
      return index < 0 || index > last ? -1 : index;
    return std::clamp<int64_t>(index, 0, last);
  }

  Taps getTaps(float normal) const {
    float x = getPosition(normal);
    if (mode == GridMode::Nearest)
      return {{getIndex(x), 1.0f}};
    float first = std::floor(x), t = x - first, a = kGridCubicFactor;
    if (mode == GridMode::Linear)
      return {{getIndex(first), 1 - t}, {getIndex(first + 1), t}};
    auto inner = [&](float d) { return ((a + 2) * d - (a + 3)) * d * d + 1; };
    auto outer = [&](float d) { return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a; };
    return {{getIndex(first - 1), outer(t + 1)},
            {getIndex(first), inner(t)},
            {getIndex(first + 1), inner(1 - t)},
            {getIndex(first + 2), outer(2 - t)}};
  }
};

} // namespace

static float joinTaps(const Tensor &x, ArrayRef<Taps> dims, ArrayRef<int64_t> extents, int64_t base,
                      bool inside) {
  if (dims.empty())
    return inside ? x.getFloat(base) : 0.0f;
  float sum = 0;
  for (const Tap &tap : dims.front()) {
    int64_t index = std::max<int64_t>(tap.index, 0);
    float value = joinTaps(x, dims.drop_front(), extents.drop_front(),
                           base * extents.front() + index, inside && tap.index >= 0);
    sum += value * tap.weight;
  }
  return sum;
}

static FailureOr<Tensor> evaluateGridSample(GridSampleOp op, Operands operands) {
  const Tensor &x = operands[0], &grid = operands[1];
  Tensor result(op.getY().getType());
  ArrayRef<int64_t> extents = x.getShape().drop_front(2);
  int64_t spatial = extents.size(), channels = x.getShape()[1];
  int64_t points = countElements(grid.getShape().slice(1, spatial));
  for (int64_t i = 0; i < result.size(); ++i) {
    int64_t plane = i / points, point = plane / channels * points + i % points;
    SmallVector<Taps> dims;
    for (int64_t d = 0; d < spatial; ++d) {
      GridDim dim{op.getMode(), op.getPadding(), op.getAlignCorners(), extents[d]};
      // The last coordinate of a point belongs to the first dimension.
      dims.push_back(dim.getTaps(grid.getFloat(point * spatial + spatial - 1 - d)));
    }
    result.setFloat(i, joinTaps(x, dims, extents, plane, true));
  }
  return result;
}

namespace {

/// One direction of a region.
struct Bins {
  float start, length; ///< of a bin
  int64_t samples;     ///< of a bin
  int64_t extent;

  Bins(float begin, float end, float scale, bool halfPixel, int64_t count, int64_t ratio,
       int64_t extent)
      : extent(extent) {
    float offset = halfPixel ? 0.5f : 0.0f;
    start = begin * scale - offset;
    float whole = end * scale - offset - start;
    if (!halfPixel)
      whole = whole > 1.0f ? whole : 1.0f;
    length = whole / static_cast<float>(count);
    float most = std::ceil(length), limit = 2 * static_cast<float>(extent);
    most = most > 0 ? most : 0;
    samples = ratio > 0 ? ratio : static_cast<int64_t>(most < limit ? most : limit);
  }

  /// The two elements around a sample; index -1 outside.
  Taps getTaps(int64_t bin, int64_t sample) const {
    float x = start + static_cast<float>(bin) * length +
              (static_cast<float>(sample) + 0.5f) * length / static_cast<float>(samples);
    if (!(x >= -1.0f && x <= static_cast<float>(extent)))
      return {{-1, 0.0f}, {-1, 0.0f}};
    x = x > 0 ? x : 0;
    float last = static_cast<float>(extent - 1);
    x = x < last ? x : last;
    int64_t low = static_cast<int64_t>(x);
    float high = x - static_cast<float>(low);
    return {{low, 1.0f - high}, {std::min(low + 1, extent - 1), high}};
  }
};

} // namespace

static FailureOr<Tensor> evaluateRoiAlign(RoiAlignOp op, Operands operands) {
  const Tensor &x = operands[0], &rois = operands[1], &batches = operands[2];
  Tensor result(op.getY().getType());
  int64_t channels = x.getShape()[1], h = x.getShape()[2], w = x.getShape()[3];
  int64_t height = op.getHeight(), width = op.getWidth(), ratio = op.getSamplingRatio();
  float scale = op.getSpatialScale().convertToFloat();
  bool isMax = op.getMode() == RoiMode::Maximum;
  for (int64_t i = 0; i < result.size(); ++i) {
    int64_t column = i % width, row = i / width % height, c = i / width / height % channels;
    int64_t r = i / width / height / channels;
    Bins rows(rois.getFloat(4 * r + 1), rois.getFloat(4 * r + 3), scale, op.getHalfPixel(), height,
              ratio, h);
    Bins columns(rois.getFloat(4 * r), rois.getFloat(4 * r + 2), scale, op.getHalfPixel(), width,
                 ratio, w);
    int64_t batch = std::clamp<int64_t>(batches.getInteger(r), 0, x.getShape()[0] - 1);
    int64_t plane = (batch * channels + c) * h * w;
    float total = isMax ? -std::numeric_limits<float>::infinity() : 0.0f;
    for (int64_t sy = 0; sy < rows.samples; ++sy)
      for (int64_t sx = 0; sx < columns.samples; ++sx) {
        Taps ys = rows.getTaps(row, sy), xs = columns.getTaps(column, sx);
        bool inside = ys[0].index >= 0 && xs[0].index >= 0;
        float sum = 0, largest = -std::numeric_limits<float>::infinity();
        for (const Tap &ty : ys)
          for (const Tap &tx : xs) {
            int64_t at =
                plane + std::max<int64_t>(ty.index, 0) * w + std::max<int64_t>(tx.index, 0);
            float part = inside ? ty.weight * tx.weight * x.getFloat(at) : 0.0f;
            sum += part;
            largest = largest < part ? part : largest;
          }
        total = !isMax ? total + sum : total < largest ? largest : total;
      }
    int64_t count = rows.samples * columns.samples;
    if (count == 0)
      total = 0;
    else if (!isMax)
      total = total / static_cast<float>(count);
    result.setFloat(i, total);
  }
  return result;
}

static FailureOr<Tensor> evaluateTriangularize(TriangularizeOp op, Operands operands) {
  Tensor result(operands[0].getType(), operands[0].bytes());
  result = result.withType(op.getY().getType());
  int64_t n = result.getShape().back();
  for (int64_t base = 0; base < result.size(); base += n * n) {
    float *a = result.as<float>().data() + base;
    for (int64_t k = 0; k < n; ++k) {
      int64_t pivot = k;
      for (int64_t i = k + 1; i < n; ++i)
        pivot = std::fabs(a[pivot * n + k]) < std::fabs(a[i * n + k]) ? i : pivot;
      for (int64_t j = 0; pivot != k && j < n; ++j) {
        float above = a[k * n + j];
        a[k * n + j] = a[pivot * n + j];
        a[pivot * n + j] = -above;
      }
      for (int64_t i = k + 1; i < n; ++i) {
        float factor = a[k * n + k] == 0 ? 0.0f : a[i * n + k] / a[k * n + k];
        a[i * n + k] = 0;
        for (int64_t j = k + 1; j < n; ++j)
          a[i * n + j] -= factor * a[k * n + j];
      }
    }
  }
  return result;
}

void addSampleEvaluations(EvaluationTable &table) {
  table.add<evaluateGridSample>();
  table.add<evaluateRoiAlign>();
  table.add<evaluateTriangularize>();
}

} // namespace octet::reference

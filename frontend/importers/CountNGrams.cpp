// TfIdfVectorizer on integers: how often each n-gram of a pool occurs. The elements of a
// gram are compared with shifted views of the input, all grams of one length at once.

#include "dialect/LogicOps.h"
#include "frontend/ElementTypes.h"
#include "frontend/OpTable.h"

using namespace mlir;

namespace octet {

namespace {

struct Grams {
  SmallVector<int64_t> pool, begins, places;
  int64_t shortest, longest, skips;

  /// The range of the pool with grams of `length`.
  std::pair<int64_t, int64_t> range(int64_t length) const {
    size_t i = static_cast<size_t>(length) - 1;
    int64_t end = i + 1 < begins.size() ? begins[i + 1] : static_cast<int64_t>(pool.size());
    return {begins[i], end};
  }
};

} // namespace

static std::optional<Grams> readGrams(NodeReader &node) {
  constexpr int64_t kLongest = 16, kMostSkips = 64;
  Grams grams;
  grams.pool = node.integers("pool_int64s");
  grams.begins = node.integers("ngram_counts");
  grams.places = node.integers("ngram_indexes");
  grams.shortest = node.requiredInteger("min_gram_length");
  grams.longest = node.requiredInteger("max_gram_length");
  grams.skips = node.requiredInteger("max_skip_count");
  if (node.failed())
    return std::nullopt;
  if (grams.shortest < 1 || grams.longest < grams.shortest || grams.longest > kLongest ||
      grams.skips < 0 || grams.skips > kMostSkips) {
    node.error() << "expected grams of 1 to " << kLongest << " elements and 0 to " << kMostSkips
                 << " skips, got " << grams.shortest << " to " << grams.longest << " and "
                 << grams.skips;
    return std::nullopt;
  }
  int64_t lengths = grams.begins.size(), size = grams.pool.size(), count = 0;
  bool fits = lengths <= kLongest && lengths > 0 && grams.begins.front() == 0;
  for (int64_t i = 0; fits && i < lengths; ++i) {
    auto [begin, end] = grams.range(i + 1);
    fits = begin >= 0 && begin <= end && end <= size && (end - begin) % (i + 1) == 0;
    count += fits ? (end - begin) / (i + 1) : 0;
  }
  if (!fits || count != static_cast<int64_t>(grams.places.size()) || count == 0) {
    node.error() << "expected ngram_counts that divide the pool into whole grams, and a place in "
                    "ngram_indexes for each, got "
                 << printShape(grams.begins) << " for " << size << " elements and "
                 << grams.places.size() << " places";
    return std::nullopt;
  }
  return grams;
}

static Value makeConstant(NodeReader &node, NodeBuilder &build, ArrayRef<int64_t> values,
                          ArrayRef<int64_t> shape) {
  Value flat = build.constantIntegers(values);
  return flat ? build.reshape(flat, shape) : Value();
}

// [N, G]: how often each of the G grams of this length occurs in the rows of x, [N, L] of i64.
static Value countGrams(NodeReader &node, NodeBuilder &build, Value x, const Grams &grams,
                        int64_t length) {
  auto [begin, end] = grams.range(length);
  ArrayRef<int64_t> shape = cast<RankedTensorType>(x.getType()).getShape();
  int64_t rows = shape[0], row = shape[1], count = (end - begin) / length;
  Type real = Float32Type::get(node.getContext());
  Value total;
  // Single elements have nothing to skip.
  for (int64_t step = 1; step <= (length == 1 ? 1 : grams.skips + 1); ++step) {
    int64_t starts = row - step * (length - 1);
    if (starts < 1)
      break;
    Value matches;
    for (int64_t j = 0; j < length && !node.failed(); ++j) {
      SmallVector<int64_t> wanted;
      for (int64_t g = 0; g < count; ++g)
        wanted.push_back(grams.pool[begin + g * length + j]);
      Value seen = build.create<SliceOp>(x, ArrayRef<int64_t>{0, j * step},
                                         ArrayRef<int64_t>{rows, starts}, ArrayRef<int64_t>{1, 1});
      if (!seen)
        return {};
      seen = build.reshape(seen, {rows, 1, starts});
      Value same = build.create<CompareOp>(seen, makeConstant(node, build, wanted, {1, count, 1}),
                                           ComparePredicate::Equal);
      matches = matches ? build.create<BitwiseOp>(matches, same, BitwiseKind::And) : same;
    }
    if (node.failed())
      return {};
    Value sum = build.create<ReduceOp>(build.cast(matches, real), ReduceKind::Sum,
                                       ArrayRef<int64_t>{2}, /*keepdims=*/false);
    total = total ? build.create<AddOp>(total, sum) : sum;
  }
  return total ? total : build.create<ExpandOp>(build.scalar(real, 0), ArrayRef{rows, count});
}

void importTfIdfVectorizer(NodeReader &node, NodeBuilder &build) {
  RankedTensorType type = node.inputType(0);
  StringRef mode = node.text("mode", "");
  auto grams = readGrams(node);
  SmallVector<float> weights = node.numbers("weights");
  if (!grams || node.failed())
    return;
  if (mode != "TF" && mode != "IDF" && mode != "TFIDF") {
    node.error() << "expected the mode TF, IDF or TFIDF, got '" << mode << "'";
    return;
  }
  if (type.getRank() < 1 || type.getRank() > 2 || !isa<IntegerType>(type.getElementType()) ||
      type.getNumElements() == 0) {
    node.error() << "expected integers in one or two dimensions, got " << type;
    return;
  }
  constexpr int64_t kMostPlaces = 1 << 20;
  int64_t width = *llvm::max_element(grams->places) + 1, taken = grams->places.size();
  SmallVector<int64_t> sorted(grams->places);
  llvm::sort(sorted);
  if (sorted.front() < 0 || width > kMostPlaces ||
      std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
    node.error() << "expected each of ngram_indexes once, from 0 to " << kMostPlaces - 1;
    return;
  }
  if (!weights.empty() && static_cast<int64_t>(weights.size()) != taken) {
    node.error() << "expected " << taken << " weights, got " << weights.size();
    return;
  }
  int64_t rows = type.getRank() == 2 ? type.getDimSize(0) : 1;
  Type real = Float32Type::get(node.getContext());
  Value x = build.cast(node.input(0), IntegerType::get(node.getContext(), 64));
  x = build.reshape(x, {rows, type.getShape().back()});
  // All grams in the order of the pool, then a column of zeros.
  SmallVector<Value> counts;
  for (int64_t length = 1; length <= static_cast<int64_t>(grams->begins.size()); ++length) {
    auto [begin, end] = grams->range(length);
    if (begin == end || node.failed())
      continue;
    bool counted = length >= grams->shortest && length <= grams->longest;
    counts.push_back(counted ? countGrams(node, build, x, *grams, length)
                             : build.create<ExpandOp>(build.scalar(real, 0),
                                                      ArrayRef{rows, (end - begin) / length}));
  }
  if (node.failed())
    return;
  Value all = build.create<ConcatOp>(counts, 1);
  if (mode == "IDF")
    all = build.create<MinOp>(all, build.scalar(real, 1));
  if (mode != "TF" && !weights.empty()) {
    reference::Tensor factors(RankedTensorType::get({taken}, real));
    for (auto [i, weight] : llvm::enumerate(weights))
      factors.setFloat(i, weight);
    all = build.create<MulOp>(all, build.constant(factors.toAttr(node.output(0))));
  }
  SmallVector<int64_t> from(width, taken);
  for (auto [i, place] : llvm::enumerate(grams->places))
    from[place] = i;
  all = build.create<PadOp>(all, ArrayRef<int64_t>{0, 0}, ArrayRef<int64_t>{0, 1},
                            PadMode::Constant, APFloat(0.0f));
  Value y = build.create<GatherOp>(all, build.constantIntegers(from), 1);
  if (y && type.getRank() == 1)
    y = build.reshape(y, {width});
  build.setResult(y);
}

} // namespace octet

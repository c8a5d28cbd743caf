// Einsum as transpositions, sums and products: operands are taken from left to right, two at a
// time. Letters of both that nothing behind them needs make a matrix product (of f32; other
// elements multiply and sum); the rest of the equation only moves elements.

#include "frontend/Composition.h"
#include "frontend/ElementTypes.h"
#include "frontend/OpTable.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace octet {

namespace {

/// A letter, or a number from 256 on for a dimension of the ellipsis.
using Label = int;
using Labels = SmallVector<Label>;
constexpr Label kEllipsis = 256;

struct Term {
  Value value;
  Labels labels;
};

class Einsum {
public:
  Einsum(NodeReader &node, NodeBuilder &build) : node(node), build(build), compose(build) {}

  void run();

private:
  bool parse(StringRef equation);
  /// Letters of one operand or the result; `rank` is -1 for the result.
  bool parseTerm(StringRef text, int64_t rank, Labels &labels);
  bool bindExtents(Term &term);
  void takeDiagonals(Term &term);
  void dropRepeated(Term &term);
  void sumUnneeded(Term &term, size_t next);
  bool isNeeded(Label label, size_t next) const;
  Term contract(const Term &a, const Term &b, size_t next);
  Value transpose(const Term &term, ArrayRef<Label> order);
  int64_t count(ArrayRef<Label> labels) const;
  ArrayRef<int64_t> shapeOf(Value value) const {
    return cast<RankedTensorType>(value.getType()).getShape();
  }
  SmallVector<int64_t> extentsOf(ArrayRef<Label> labels) const {
    return llvm::map_to_vector(labels, [&](Label label) { return extents.lookup(label); });
  }

  NodeReader &node;
  NodeBuilder &build;
  Composition compose;
  std::vector<Term> terms;
  Labels result;
  llvm::DenseMap<Label, int64_t> extents;
  int64_t ellipsisRank = 0;
};

} // namespace

static Labels filter(ArrayRef<Label> labels, llvm::function_ref<bool(Label)> keep) {
  return llvm::filter_to_vector(labels, keep);
}

bool Einsum::parseTerm(StringRef text, int64_t rank, Labels &labels) {
  auto [before, after] = text.split("...");
  bool hasEllipsis = text.contains("...");
  for (char c : (before + after).str())
    if (!llvm::isAlpha(c)) {
      node.error() << "expected letters and one ellipsis for each operand, got '" << text << "'";
      return false;
    }
  int64_t letters = before.size() + after.size();
  int64_t open = rank < 0 ? ellipsisRank : rank - letters;
  if (open < 0 || (open > 0 && !hasEllipsis && rank >= 0)) {
    node.error() << "expected " << (hasEllipsis ? "at most " : "") << rank << " letters for "
                 << rank << " dimensions, got '" << text << "'";
    return false;
  }
  labels.assign(before.begin(), before.end());
  // Aligned at the end, as in broadcasting.
  for (int64_t i = hasEllipsis ? open : 0; i > 0; --i)
    labels.push_back(kEllipsis + static_cast<Label>(i));
  labels.append(after.begin(), after.end());
  ellipsisRank = std::max(ellipsisRank, hasEllipsis ? open : 0);
  return true;
}

bool Einsum::parse(StringRef equation) {
  std::string text = equation.str();
  llvm::erase(text, ' ');
  auto [left, right] = StringRef(text).split("->");
  SmallVector<StringRef> parts;
  left.split(parts, ',');
  if (parts.size() != terms.size()) {
    node.error() << "expected an equation of " << terms.size() << " operands, got '" << equation
                 << "'";
    return false;
  }
  for (auto [part, term] : llvm::zip_equal(parts, terms))
    if (!parseTerm(part, shapeOf(term.value).size(), term.labels) || !bindExtents(term))
      return false;
  if (StringRef(text).contains("->")) {
    if (!parseTerm(right, -1, result))
      return false;
  } else {
    // The ellipsis, and what stands once, by the alphabet.
    llvm::DenseMap<Label, int> uses;
    for (const Term &term : terms)
      for (Label label : term.labels)
        ++uses[label];
    for (int64_t i = ellipsisRank; i > 0; --i)
      result.push_back(kEllipsis + static_cast<Label>(i));
    Labels once;
    for (auto [label, number] : uses)
      if (label < kEllipsis && number == 1)
        once.push_back(label);
    llvm::sort(once);
    result.append(once);
  }
  for (auto [i, label] : llvm::enumerate(result))
    if (!extents.contains(label) || llvm::is_contained(ArrayRef(result).take_front(i), label)) {
      node.error() << "expected letters of the operands once in the result, got '" << equation
                   << "'";
      return false;
    }
  return true;
}

bool Einsum::bindExtents(Term &term) {
  for (auto [label, extent] : llvm::zip_equal(term.labels, shapeOf(term.value))) {
    auto [entry, isNew] = extents.try_emplace(label, extent);
    if (!isNew && entry->second != extent && entry->second != 1 && extent != 1) {
      node.error() << "expected one extent for each letter, got " << entry->second << " and "
                   << extent;
      return false;
    }
    if (entry->second == 1)
      entry->second = extent;
  }
  return true;
}

int64_t Einsum::count(ArrayRef<Label> labels) const {
  int64_t product = 1;
  for (Label label : labels)
    product *= extents.lookup(label);
  return product;
}

Value Einsum::transpose(const Term &term, ArrayRef<Label> order) {
  auto permutation = llvm::map_to_vector(order, [&](Label label) -> int64_t {
    return llvm::find(term.labels, label) - term.labels.begin();
  });
  if (node.failed() || llvm::is_sorted(permutation))
    return term.value;
  return build.transpose(term.value, permutation);
}

// Of `ii`, elements n + 1 apart of both dimensions as one.
void Einsum::takeDiagonals(Term &term) {
  for (size_t i = 0; i < term.labels.size(); ++i)
    for (size_t k = term.labels.size() - 1; k > i && !node.failed(); --k) {
      if (term.labels[i] != term.labels[k])
        continue;
      ArrayRef<int64_t> shape = shapeOf(term.value);
      int64_t extent = shape[i];
      if (shape[k] != extent) {
        node.error() << "expected one extent for each letter, got " << extent << " and "
                     << shape[k];
        return;
      }
      SmallVector<int64_t> order, flat;
      for (size_t d = 0; d < shape.size(); ++d)
        if (d != i && d != k) {
          order.push_back(d);
          flat.push_back(shape[d]);
        }
      order.append({static_cast<int64_t>(i), static_cast<int64_t>(k)});
      flat.push_back(extent * extent);
      Value x = build.transpose(term.value, order);
      if (x)
        x = build.reshape(x, flat);
      SmallVector<int64_t> offsets(flat.size(), 0), sizes(flat), steps(flat.size(), 1);
      sizes.back() = extent;
      steps.back() = extent + 1;
      term.value = x && extent != 1 ? build.create<SliceOp>(x, offsets, sizes, steps) : x;
      Label label = term.labels[i];
      term.labels.erase(term.labels.begin() + k);
      term.labels.erase(term.labels.begin() + i);
      term.labels.push_back(label);
      // Labels have moved: from the start.
      i = static_cast<size_t>(-1);
      break;
    }
}

// An extent of 1 that stands for a larger one of another operand says nothing.
void Einsum::dropRepeated(Term &term) {
  if (node.failed())
    return;
  Labels kept;
  SmallVector<int64_t> shape;
  for (auto [label, extent] : llvm::zip_equal(term.labels, shapeOf(term.value)))
    if (extent == extents.lookup(label)) {
      kept.push_back(label);
      shape.push_back(extent);
    }
  term.value = build.reshape(term.value, shape);
  term.labels = kept;
}

bool Einsum::isNeeded(Label label, size_t next) const {
  return llvm::is_contained(result, label) ||
         llvm::any_of(llvm::drop_begin(terms, next),
                      [&](const Term &term) { return llvm::is_contained(term.labels, label); });
}

void Einsum::sumUnneeded(Term &term, size_t next) {
  if (node.failed())
    return;
  SmallVector<int64_t> axes;
  for (auto [i, label] : llvm::enumerate(term.labels))
    if (!isNeeded(label, next))
      axes.push_back(i);
  if (axes.empty())
    return;
  term.value = compose.reduce(ReduceKind::Sum, term.value, axes, /*keep=*/false);
  term.labels = filter(term.labels, [&](Label label) { return isNeeded(label, next); });
}

Term Einsum::contract(const Term &a, const Term &b, size_t next) {
  auto isIn = [](const Term &term, Label label) { return llvm::is_contained(term.labels, label); };
  Labels batch = filter(a.labels, [&](Label l) { return isIn(b, l) && isNeeded(l, next); });
  Labels inner = filter(a.labels, [&](Label l) { return isIn(b, l) && !isNeeded(l, next); });
  Labels rows = filter(a.labels, [&](Label l) { return !isIn(b, l); });
  Labels columns = filter(b.labels, [&](Label l) { return !isIn(a, l); });
  Term product;
  product.labels = batch;
  product.labels.append(rows);
  product.labels.append(columns);
  auto join = [](std::initializer_list<ArrayRef<Label>> parts) {
    Labels labels;
    for (ArrayRef<Label> part : parts)
      labels.append(part.begin(), part.end());
    return labels;
  };
  bool isF32 = getElementTypeOrSelf(a.value.getType()).isF32();
  if (!inner.empty() && isF32) {
    SmallVector<int64_t> left{count(rows), count(inner)}, right{count(inner), count(columns)};
    if (!batch.empty()) {
      left.insert(left.begin(), count(batch));
      right.insert(right.begin(), count(batch));
    }
    Value x = compose.reshape(transpose(a, join({batch, rows, inner})), left);
    Value y = compose.reshape(transpose(b, join({batch, inner, columns})), right);
    if (!node.failed())
      product.value =
          compose.reshape(build.create<MatMulOp>(x, y, Value()), extentsOf(product.labels));
    return product;
  }
  // Broadcast: dimensions of the other operand have extent 1.
  SmallVector<int64_t> left = extentsOf(join({batch, rows})), right = extentsOf(batch);
  left.append(columns.size(), 1);
  right.append(rows.size(), 1);
  for (Labels part : {columns, inner})
    right.append(extentsOf(part));
  left.append(extentsOf(inner));
  product.labels.append(inner);
  product.value = compose.mul(compose.reshape(transpose(a, join({batch, rows, inner})), left),
                              compose.reshape(transpose(b, join({batch, columns, inner})), right));
  sumUnneeded(product, next);
  return product;
}

void Einsum::run() {
  for (Value input : node.allInputs())
    terms.push_back({input, {}});
  StringRef equation = node.text("equation", "");
  if (!node.has("equation"))
    node.error() << "expected an attribute 'equation', got none";
  if (node.failed() || !parse(equation))
    return;
  for (Term &term : terms) {
    if (term.value.getType() != terms.front().value.getType() &&
        getElementTypeOrSelf(term.value.getType()) !=
            getElementTypeOrSelf(terms.front().value.getType())) {
      node.error() << "expected operands of one type, got " << terms.front().value.getType()
                   << " and " << term.value.getType();
      return;
    }
    takeDiagonals(term);
    dropRepeated(term);
  }
  if (node.failed())
    return;
  // Letters of one operand alone are summed before they multiply anything.
  for (size_t i = 0; i < terms.size() && !node.failed(); ++i) {
    auto isElsewhere = [&](Label label) {
      for (auto [k, other] : llvm::enumerate(terms))
        if (k != i && llvm::is_contained(other.labels, label))
          return true;
      return llvm::is_contained(result, label);
    };
    SmallVector<int64_t> axes;
    for (auto [d, label] : llvm::enumerate(terms[i].labels))
      if (!isElsewhere(label))
        axes.push_back(d);
    if (axes.empty())
      continue;
    Labels kept = filter(terms[i].labels, isElsewhere);
    terms[i].value = compose.reduce(ReduceKind::Sum, terms[i].value, axes, /*keep=*/false);
    terms[i].labels = kept;
  }
  Term product = terms.front();
  for (size_t next = 1; next < terms.size() && !node.failed(); ++next)
    product = contract(product, terms[next], next + 1);
  if (!node.failed())
    build.setResult(transpose(product, result));
}

void importEinsum(NodeReader &node, NodeBuilder &build) { Einsum(node, build).run(); }

} // namespace octet

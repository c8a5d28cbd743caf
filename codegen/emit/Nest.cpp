#include "codegen/emit/Nest.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace octet::codegen {

// Below this, splitting work costs more than it gains; it is also the size of the
// parts that a long single loop is cut into.
static constexpr int64_t kMinimumPart = 4096;
// More parts than threads, for balance, but few, since each is a delinearization.
static constexpr int64_t kEnoughUnits = 64;

Nest::Nest(ArrayRef<int64_t> extents, ArrayRef<FlatView> accesses, int64_t lanes, NestBody body)
    : lanes(lanes), body(std::move(body)) {
  for (const FlatView &access : accesses) {
    assert(access.strides.size() == extents.size() && "a stride for each dimension");
    offsets.push_back(access.offset);
  }
  for (auto [i, extent] : llvm::enumerate(extents)) {
    Dim dim{extent, {}};
    for (const FlatView &access : accesses)
      dim.strides.push_back(access.strides[i]);
    if (extent != 1)
      dims.push_back(dim);
  }
  // Write in the order of memory.
  llvm::sort(dims, [](const Dim &a, const Dim &b) {
    return std::abs(a.strides[0]) > std::abs(b.strides[0]);
  });
  SmallVector<Dim> merged;
  for (const Dim &dim : dims) {
    bool evenly = !merged.empty();
    for (size_t a = 0; evenly && a < offsets.size(); ++a)
      evenly = merged.back().strides[a] == dim.strides[a] * dim.extent;
    if (evenly)
      merged.back() = {merged.back().extent * dim.extent, dim.strides};
    else
      merged.push_back(dim);
  }
  if (merged.empty())
    merged.push_back({1, SmallVector<int64_t>(offsets.size(), 0)});
  dims = merged;
}

int64_t Nest::getElements() const {
  int64_t count = 1;
  for (const Dim &dim : dims)
    count *= dim.extent;
  return count;
}

int64_t getLanesFor(const Target &target, int64_t bytes) {
  return target.getVectorBits() / 8 / bytes;
}

int64_t getCopyLanes(KernelBuilder &kernel, const FlatView &view) {
  return getLanesFor(kernel.getTarget(), view.getElementType().getIntOrFloatBitWidth() / 8);
}

void emitLoop(ImplicitLocOpBuilder &b, int64_t begin, int64_t end, int64_t step,
              function_ref<void(Value)> body) {
  if (begin >= end)
    return;
  if (begin + step >= end)
    return body(constantIndex(b, begin));
  auto loop =
      scf::ForOp::create(b, constantIndex(b, begin), constantIndex(b, end), constantIndex(b, step));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

namespace {

class NestEmitter {
public:
  NestEmitter(KernelBuilder &kernel, const Nest &nest) : b(kernel.b()), nest(nest) {}

  /// The dimensions from `depth` on, at the given flat indices.
  void emit(size_t depth, ArrayRef<Value> bases) {
    if (depth + 1 == nest.dims.size())
      return emitInner(bases);
    const Nest::Dim &dim = nest.dims[depth];
    emitLoop(b, 0, dim.extent, 1,
             [&](Value i) { emit(depth + 1, advance(bases, dim.strides, i)); });
  }

  SmallVector<Value> getStart(ValueRange digits) {
    SmallVector<Value> bases;
    for (size_t access = 0; access < nest.offsets.size(); ++access) {
      SmallVector<int64_t> strides;
      for (size_t d = 0; d < digits.size(); ++d)
        strides.push_back(nest.dims[d].strides[access]);
      bases.push_back(linearize(b, nest.offsets[access], digits, strides));
    }
    return bases;
  }

private:
  SmallVector<Value> advance(ArrayRef<Value> bases, ArrayRef<int64_t> strides, Value i) {
    SmallVector<Value> result;
    for (auto [base, stride] : llvm::zip_equal(bases, strides)) {
      Value step = linearize(b, 0, i, stride);
      result.push_back(stride == 0 ? base : arith::AddIOp::create(b, base, step).getResult());
    }
    return result;
  }

  void emitInner(ArrayRef<Value> bases) {
    const Nest::Dim &dim = nest.dims.back();
    int64_t lanes =
        std::min<int64_t>(nest.lanes, static_cast<int64_t>(llvm::PowerOf2Ceil(dim.extent)));
    if (lanes <= 1) {
      emitLoop(b, 0, dim.extent, 1,
               [&](Value i) { nest.body(advance(bases, dim.strides, i), dim.strides, {0, 0}); });
      return;
    }
    int64_t full = dim.extent / lanes * lanes;
    emitLoop(b, 0, full, lanes, [&](Value i) {
      nest.body(advance(bases, dim.strides, i), dim.strides, {lanes, lanes});
    });
    if (full < dim.extent)
      nest.body(advance(bases, dim.strides, constantIndex(b, full)), dim.strides,
                {lanes, dim.extent - full});
  }

  ImplicitLocOpBuilder &b;
  const Nest &nest;
};

/// A nest whose first `outer` dimensions are split into units.
struct Part {
  Nest nest;
  size_t outer = 0;
  int64_t units = 1;
};

} // namespace

static void countUnits(Part &part) {
  int64_t elements = part.nest.getElements();
  while (part.outer + 1 < part.nest.dims.size() && part.units < kEnoughUnits &&
         elements >= 2 * kMinimumPart)
    part.units *= part.nest.dims[part.outer++].extent;
}

// A long last dimension becomes a loop over parts, and a part of its own for what
// remains.
static void splitInner(Nest nest, SmallVectorImpl<Part> &parts) {
  int64_t extent = nest.dims.back().extent;
  if (nest.dims.size() > 1 || extent < 2 * kMinimumPart) {
    parts.push_back({std::move(nest)});
    return;
  }
  int64_t rest = extent % kMinimumPart;
  Nest tail = nest;
  Nest::Dim inner = nest.dims.back(), outer{extent / kMinimumPart, {}};
  for (int64_t stride : inner.strides)
    outer.strides.push_back(stride * kMinimumPart);
  nest.dims = {outer, {kMinimumPart, inner.strides}};
  parts.push_back({std::move(nest)});
  if (rest == 0)
    return;
  tail.dims.back().extent = rest;
  for (auto [offset, stride] : llvm::zip_equal(tail.offsets, inner.strides))
    offset += stride * (extent - rest);
  parts.push_back({std::move(tail)});
}

void emitNests(KernelBuilder &kernel, ArrayRef<Nest> nests) {
  ImplicitLocOpBuilder &b = kernel.b();
  SmallVector<Part> parts;
  for (const Nest &nest : nests)
    if (nest.getElements() > 0)
      splitInner(nest, parts);
  int64_t units = 0;
  for (Part &part : parts) {
    countUnits(part);
    units += part.units;
  }
  kernel.parallelLoop(units, [&](Value unit) {
    int64_t first = 0;
    for (const Part &part : parts) {
      OpBuilder::InsertionGuard guard(b);
      if (parts.size() > 1) {
        Value low = constantIndex(b, first), high = constantIndex(b, first + part.units);
        Value inside =
            arith::AndIOp::create(b, arith::CmpIOp::create(b, arith::CmpIPredicate::sge, unit, low),
                                  arith::CmpIOp::create(b, arith::CmpIPredicate::slt, unit, high));
        auto branch = scf::IfOp::create(b, inside, /*withElseRegion=*/false);
        b.setInsertionPointToStart(branch.thenBlock());
      }
      Value local =
          first == 0 ? unit : arith::SubIOp::create(b, unit, constantIndex(b, first)).getResult();
      SmallVector<int64_t> extents;
      for (size_t d = 0; d < part.outer; ++d)
        extents.push_back(part.nest.dims[d].extent);
      NestEmitter emitter(kernel, part.nest);
      emitter.emit(part.outer, emitter.getStart(delinearize(b, local, extents)));
      first += part.units;
    }
  });
}

void emitSerialNest(KernelBuilder &kernel, Nest nest) {
  if (nest.getElements() == 0)
    return;
  NestEmitter emitter(kernel, nest);
  emitter.emit(0, emitter.getStart({}));
}

} // namespace octet::codegen

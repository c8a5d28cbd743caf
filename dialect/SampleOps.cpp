// Shapes of ops that sample planes at computed points.

#include "dialect/SampleOps.h"

#include "dialect/RegisterOps.h"

using namespace mlir;

#include "dialect/SampleEnums.cpp.inc"

#define GET_OP_CLASSES
#include "dialect/SampleOps.cpp.inc"

namespace octet {

void registerSampleOps(OctetDialect &dialect) {
  insertOps<
#define GET_OP_LIST
#include "dialect/SampleOps.cpp.inc"
      >(dialect);
}

static RankedTensorType getTensor(Value value) { return cast<RankedTensorType>(value.getType()); }

// Extents that are sampled; beyond them f32 does not tell neighbours apart.
static bool canSample(ArrayRef<int64_t> plane) {
  return llvm::all_of(plane, [](int64_t extent) { return extent >= 1 && extent <= (1 << 24); });
}

LogicalResult GridSampleOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                             Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = getTensor(adaptor.getX()), grid = getTensor(adaptor.getGrid());
  int64_t rank = x.getRank(), spatial = rank - 2;
  if (rank != 4 && rank != 5)
    return emitOptionalError(loc, "expected x of rank 4 or 5, got ", x);
  if (grid.getRank() != rank || grid.getDimSize(0) != x.getDimSize(0) ||
      grid.getDimSize(rank - 1) != spatial)
    return emitOptionalError(loc, "expected a grid of rank ", rank, " with ", x.getDimSize(0),
                             " batches and points of ", spatial, " numbers, got ", grid);
  if (adaptor.getMode() == GridMode::Cubic && spatial != 2)
    return emitOptionalError(loc, "expected two spatial dimensions for cubic, got ", x);
  if (!canSample(x.getShape().drop_front(2)))
    return emitOptionalError(loc, "expected spatial extents of 1 to ", 1 << 24, ", got ", x);
  SmallVector<int64_t> shape(x.getShape().take_front(2));
  llvm::append_range(shape, grid.getShape().slice(1, spatial));
  types.push_back(RankedTensorType::get(shape, x.getElementType()));
  return success();
}

LogicalResult RoiAlignOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                           Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = getTensor(adaptor.getX()), rois = getTensor(adaptor.getRois()),
       batches = getTensor(adaptor.getBatchIndices());
  constexpr int64_t kMost = 1 << 15;
  if (x.getRank() != 4 || x.getDimSize(0) < 1 || !canSample(x.getShape().drop_front(2)))
    return emitOptionalError(loc, "expected x of rank 4 with elements, got ", x);
  if (rois.getRank() != 2 || rois.getDimSize(1) != 4)
    return emitOptionalError(loc, "expected regions of 4 numbers, got ", rois);
  if (batches.getShape() != rois.getShape().take_front(1))
    return emitOptionalError(loc, "expected ", rois.getDimSize(0), " batch indices, got ", batches);
  for (int64_t extent : {adaptor.getHeight(), adaptor.getWidth()})
    if (extent < 1 || extent > kMost)
      return emitOptionalError(loc, "expected height and width of 1 to ", kMost, ", got ", extent);
  int64_t ratio = adaptor.getSamplingRatio();
  if (ratio < 0 || ratio > kMost)
    return emitOptionalError(loc, "expected a sampling ratio of 0 to ", kMost, ", got ", ratio);
  types.push_back(RankedTensorType::get({rois.getDimSize(0), x.getDimSize(1),
                                         static_cast<int64_t>(adaptor.getHeight()),
                                         static_cast<int64_t>(adaptor.getWidth())},
                                        x.getElementType()));
  return success();
}

LogicalResult TriangularizeOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                                Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto x = getTensor(adaptor.getX());
  int64_t rank = x.getRank();
  if (rank < 2 || x.getDimSize(rank - 1) != x.getDimSize(rank - 2))
    return emitOptionalError(loc, "expected square matrices, got ", x);
  types.push_back(RankedTensorType::get(x.getShape(), x.getElementType()));
  return success();
}

} // namespace octet

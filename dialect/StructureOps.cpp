// Verifiers of grouping, tiling and layout.

#include "dialect/Octet.h"

using namespace mlir;

namespace octet {

static bool isEpilogue(Operation *op) {
  return isa<ElementwiseOpInterface, QuantizeOp, DequantizeOp, RequantizeOp, LookupOp, CastOp,
             YieldOp>(op);
}

Operation *FusedOp::getRoot() {
  for (Operation &op : getBlock())
    if (!isEpilogue(&op))
      return &op;
  return nullptr;
}

void FusedOp::updateBodyTypes() {
  for (auto [argument, operand] : llvm::zip(getBlock().getArguments(), getInputs()))
    argument.setType(operand.getType());
  Value yielded = cast<YieldOp>(getBlock().getTerminator()).getValue();
  if (yielded.getDefiningOp())
    yielded.setType(getY().getType());
}

LayoutPreference FusedOp::getLayoutPreference() {
  if (auto root = dyn_cast_or_null<LayoutOpInterface>(getRoot()))
    return root.getLayoutPreference();
  return getRoot() ? LayoutPreference::RowMajor : LayoutPreference::Follow;
}

SmallVector<int64_t, 4> FusedOp::getReadHalo() {
  if (auto root = dyn_cast_or_null<LayoutOpInterface>(getRoot()))
    return root.getReadHalo();
  return {0, 0, 0, 0};
}

LogicalResult FusedOp::verify() {
  Block &block = getBlock();
  if (!block.mightHaveTerminator() || !isa<YieldOp>(block.getTerminator()))
    return emitOpError("expected a body that ends with 'octet.yield'");
  if (block.getNumArguments() != getInputs().size())
    return emitOpError("expected ")
           << getInputs().size() << " block arguments, got " << block.getNumArguments();
  for (auto [argument, operand] : llvm::zip(block.getArguments(), getInputs()))
    if (argument.getType() != operand.getType())
      return emitOpError("expected a block argument of type ")
             << operand.getType() << ", got " << argument.getType();
  auto yield = cast<YieldOp>(block.getTerminator());
  if (yield.getValue().getType() != getY().getType())
    return emitOpError("expected a yield of type ")
           << getY().getType() << ", got " << yield.getValue().getType();
  Operation *root = nullptr;
  for (Operation &op : block) {
    if (isEpilogue(&op))
      continue;
    if (root)
      return emitOpError("expected at most one op that is not elementwise, got '")
             << root->getName() << "' and '" << op.getName() << "'";
    root = &op;
  }
  // A root reads neighbours, and those of a value in registers are not there.
  if (root)
    for (Value operand : root->getOperands())
      if (Operation *source = operand.getDefiningOp())
        return emitOpError("expected '")
               << root->getName() << "' to read block arguments, got the result of '"
               << source->getName() << "'";
  return success();
}

LogicalResult TilingAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 ArrayRef<int64_t> rows, int64_t vectors, LoopOrder) {
  if (rows.size() != 3)
    return emitError() << "expected 3 extents of rows, got " << rows.size();
  for (int64_t extent : rows)
    if (extent < 1)
      return emitError() << "expected positive extents of rows, got " << extent;
  if (vectors < 1)
    return emitError() << "expected at least one vector, got " << vectors;
  return success();
}

LogicalResult WinogradAttr::verify(function_ref<InFlightDiagnostic()> emitError, int64_t outputs,
                                   int64_t tiles, int64_t channels) {
  if (outputs < 2 || outputs > 4)
    return emitError() << "expected tiles of 2 to 4 outputs, got " << outputs;
  if (tiles < 1)
    return emitError() << "expected at least one tile, got " << tiles;
  if (channels < 1)
    return emitError() << "expected at least one channel, got " << channels;
  return success();
}

LogicalResult RelayoutOp::verify() {
  auto x = getX().getType(), y = getY().getType();
  if (x.getShape() != y.getShape() || x.getElementType() != y.getElementType())
    return emitOpError("expected types that differ in layout only, got ") << x << " and " << y;
  return success();
}

OpFoldResult RelayoutOp::fold(FoldAdaptor) {
  if (getX().getType() == getY().getType())
    return getX();
  auto source = getX().getDefiningOp<RelayoutOp>();
  return source && source.getX().getType() == getY().getType() ? OpFoldResult(source.getX())
                                                               : OpFoldResult();
}

} // namespace octet

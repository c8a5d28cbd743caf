// An op is asked by running its emitter on a function that nobody keeps: the emitter
// gets as far as it must to know its problem, answers, and stops.

#include "codegen/microkernel/TilingDecision.h"

#include "codegen/microkernel/ImplicitGemm.h"

using namespace mlir;

namespace octet::codegen {

/// Emits `op` into a function that is dropped. What is wrong with the op is said by
/// EmitKernels.
static LogicalResult emitScratch(Operation *op, const Target &target, TilingQuestion *question,
                                 std::string *text) {
  Operation *root = op;
  if (auto group = dyn_cast<FusedOp>(op))
    root = group.getRoot();
  auto emitter = dyn_cast_or_null<KernelOpInterface>(root);
  if (!emitter)
    return failure();
  ScopedDiagnosticHandler silence(op->getContext(), [](Diagnostic &) { return success(); });
  OwningOpRef<func::FuncOp> function =
      func::FuncOp::create(op->getLoc(), "kernel", FunctionType::get(op->getContext(), {}, {}));
  KernelBuilder kernel(op, *function, target);
  kernel.tilingQuestion = question;
  if (failed(emitter.emitKernel(kernel)))
    return failure();
  kernel.finish();
  if (text) {
    llvm::raw_string_ostream stream(*text);
    stream << "units " << kernel.getUnits() << "\n";
    function->print(stream, OpPrintingFlags().useLocalScope().assumeVerified());
  }
  return success();
}

std::optional<TilingQuestion> getTilingQuestion(Operation *op, const Target &target) {
  Operation *root = op;
  if (auto group = dyn_cast<FusedOp>(op))
    root = group.getRoot();
  auto quantizable = dyn_cast_or_null<QuantizableOpInterface>(root);
  if (!quantizable || quantizable.getQuantizationRole() != QuantizationRole::Contraction)
    return std::nullopt;
  TilingQuestion question;
  (void)emitScratch(op, target, &question, nullptr);
  if (!question.row)
    return std::nullopt;
  return question;
}

std::string printKernel(Operation *op, const Target &target) {
  std::string text;
  return succeeded(emitScratch(op, target, nullptr, &text)) ? text : std::string();
}

TilingAttr getTilingAttr(MLIRContext *context, const Tiling &tiling) {
  return TilingAttr::get(context, tiling.tile, tiling.vectors,
                         tiling.channelsOuter ? LoopOrder::Channels : LoopOrder::Rows);
}

Tiling getTiling(TilingAttr attr) {
  ArrayRef<int64_t> rows = attr.getRows();
  return {{rows[0], rows[1], rows[2]}, attr.getVectors(), attr.getOuter() == LoopOrder::Channels};
}

FailureOr<Tiling> takeTiling(KernelBuilder &kernel, const ImplicitGemm &gemm) {
  TilingProblem problem = gemm.getTilingProblem();
  if (kernel.tilingQuestion) {
    *kernel.tilingQuestion = {gemm.row, problem};
    return failure();
  }
  Operation *op = kernel.getOperation();
  auto attr = op->getAttrOfType<TilingAttr>(kTilingAttr);
  if (!attr)
    return op->emitOpError("expected a tiling; run octet-assign-tiling first");
  Tiling tiling = getTiling(attr);
  if (std::string problemText = checkTiling(*gemm.row, problem, tiling); !problemText.empty())
    return op->emitOpError(problemText);
  return tiling;
}

} // namespace octet::codegen

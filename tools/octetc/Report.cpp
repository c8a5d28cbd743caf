#include "tools/octetc/Report.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Format.h"

using namespace mlir;

namespace octet {

/// The op that names a group: its root, or the first one.
static Operation *getNamingOp(Operation *op) {
  auto group = dyn_cast<FusedOp>(op);
  if (!group)
    return op;
  return group.getRoot() ? group.getRoot() : &group.getBlock().front();
}

static llvm::raw_ostream &beginLine(Operation *op, llvm::raw_ostream &out) {
  return out << llvm::left_justify(getNodeName(op->getLoc()), 32) << " "
             << llvm::left_justify(getNamingOp(op)->getName().stripDialect(), 16) << " ";
}

void printPrecisions(ModuleOp module, llvm::raw_ostream &out) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  for (Operation &op : main.getBody().front()) {
    auto precision = op.getAttrOfType<PrecisionAttr>("octet.precision");
    if (!precision)
      continue;
    auto reason = op.getAttrOfType<StringAttr>("octet.reason");
    beginLine(&op, out) << llvm::left_justify(stringifyPrecision(precision.getValue()), 5) << " "
                        << (reason ? reason.getValue() : "") << "\n";
  }
}

void printTilings(ModuleOp module, llvm::raw_ostream &out) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  for (Operation &op : main.getBody().front())
    if (auto tiling = op.getAttrOfType<TilingAttr>("octet.tiling")) {
      ArrayRef<int64_t> rows = tiling.getRows();
      beginLine(&op, out) << "tile  " << rows[0] << "x" << rows[1] << "x" << rows[2] << " by "
                          << tiling.getVectors() << " vectors, outer loop over "
                          << stringifyLoopOrder(tiling.getOuter());
      if (auto winograd = op.getAttrOfType<WinogradAttr>("octet.winograd"))
        out << "; winograd " << winograd.getOutputs() << "x" << winograd.getOutputs() << ", "
            << winograd.getTiles() << " tiles by " << winograd.getChannels() << " channels";
      out << "\n";
    }
}

void printSummary(const codegen::ModelInfo &info, StringRef output, llvm::raw_ostream &out) {
  llvm::StringSet<> kernels;
  for (const codegen::LaunchInfo &launch : info.launches)
    kernels.insert(launch.kernel);
  size_t launches = info.launches.size();
  int64_t arenaBytes = info.arenaBytes;
  for (const codegen::EntryInfo &other : info.others) {
    for (const codegen::LaunchInfo &launch : other.launches)
      kernels.insert(launch.kernel);
    launches += other.launches.size();
    arenaBytes = std::max(arenaBytes, other.arenaBytes);
  }
  out << output << ": " << launches << " launches of " << kernels.size() << " kernels, ";
  if (!info.others.empty())
    out << info.others.size() + 1 << " shapes, ";
  out << "weights " << info.weightBytes << " bytes, arena " << arenaBytes << " bytes, target "
      << info.target << "\n";
}

} // namespace octet

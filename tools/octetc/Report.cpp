#include "tools/octetc/Report.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Format.h"

using namespace mlir;

namespace octet {

void printPrecisions(ModuleOp module, llvm::raw_ostream &out) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  for (Operation &op : main.getBody().front()) {
    auto precision = op.getAttrOfType<PrecisionAttr>("octet.precision");
    if (!precision)
      continue;
    Operation *root = &op;
    if (auto group = dyn_cast<FusedOp>(op))
      root = group.getRoot() ? group.getRoot() : &group.getBlock().front();
    auto reason = op.getAttrOfType<StringAttr>("octet.reason");
    out << llvm::left_justify(getNodeName(op.getLoc()), 32) << " "
        << llvm::left_justify(root->getName().stripDialect(), 16) << " "
        << llvm::left_justify(stringifyPrecision(precision.getValue()), 5) << " "
        << (reason ? reason.getValue() : "") << "\n";
  }
}

void printSummary(const codegen::ModelInfo &info, StringRef output, llvm::raw_ostream &out) {
  llvm::StringSet<> kernels;
  for (const codegen::LaunchInfo &launch : info.launches)
    kernels.insert(launch.kernel);
  out << output << ": " << info.launches.size() << " launches of " << kernels.size()
      << " kernels, weights " << info.weightBytes << " bytes, arena " << info.arenaBytes
      << " bytes, target " << info.target << "\n";
}

} // namespace octet

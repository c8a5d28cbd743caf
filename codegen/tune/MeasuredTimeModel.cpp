#include "codegen/tune/MeasuredTimeModel.h"

#include "codegen/tune/IsolatedKernel.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;

namespace octet::codegen {

/// Raised where emitters become faster or slower: no body exists yet that could be hashed.
constexpr unsigned kEmitters = 3;
/// Seconds for each kernel, beside compilation.
constexpr double kBudget = 0.02;

std::string MeasuredTimeModel::getSignature(FusedOp group, Precision precision) const {
  std::string signature;
  llvm::raw_string_ostream os(signature);
  Operation *root = group.getRoot();
  os << root->getName().stripDialect() << " " << stringifyPrecision(precision) << " "
     << root->getAttrDictionary() << " (";
  llvm::interleaveComma(group->getOperandTypes(), os);
  os << ") -> " << group.getY().getType();
  for (Operation &op : group.getBlock())
    if (&op != root && !isa<YieldOp>(op))
      os << " " << op.getName().stripDialect();
  os << " cpu " << target.cpu << "+" << llvm::utohexstr(target.features) << " on "
     << llvm::sys::getHostCPUName() << " llvm " << LLVM_VERSION_STRING << " emitters " << kEmitters;
  return signature;
}

double MeasuredTimeModel::getTime(Operation *op, Precision precision) const {
  auto group = dyn_cast<FusedOp>(op);
  auto root =
      group ? dyn_cast_or_null<QuantizableOpInterface>(group.getRoot()) : QuantizableOpInterface();
  if (!root || root.getQuantizationRole() != QuantizationRole::Contraction ||
      group.getY().getType().getRank() < 2)
    return estimate.getTime(op, precision);
  std::string signature = getSignature(group, precision);
  if (std::optional<double> known = cache.lookupTime(signature))
    return *known;
  // What cannot be compiled alone is said when the model is; its estimate serves here.
  ScopedDiagnosticHandler silence(op->getContext(), [](Diagnostic &) { return success(); });
  auto kernel = IsolatedKernel::compile(group, precision, name);
  if (failed(kernel))
    return estimate.getTime(op, precision);
  double microseconds = measureMedians(*kernel, kBudget).front() * 1e6;
  cache.addTime(signature, microseconds);
  ++measured;
  return microseconds;
}

} // namespace octet::codegen

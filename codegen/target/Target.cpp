// LLVM's CPU tables are the one source of what a CPU can do; `native` is narrowed
// by what the running system offers (a hypervisor may hide features).

#include "codegen/target/Target.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;

namespace octet::codegen {

static constexpr llvm::StringLiteral kFeatureNames[] = {
#define OCTET_CPU_FEATURE(ID, NAME) NAME,
#include "octet/cpu_features.def"
};

// Once: passes ask from several threads, and a registry that is being written knows a target
// twice.
static void registerBackend() {
  [[maybe_unused]] static const bool isRegistered = [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    return true;
  }();
}

FailureOr<Target> lookupTarget(StringRef name, std::string &error) {
  registerBackend();
  llvm::Triple triple("x86_64-unknown-linux-gnu");
  const llvm::Target *backend = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!backend)
    return failure();

  Target target;
  target.cpu = name == "native" ? llvm::sys::getHostCPUName().str() : name.str();
  if (name == "native") {
    llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
    SmallVector<std::string> flags;
    for (auto &entry : host)
      flags.push_back((entry.second ? "+" : "-") + entry.first().str());
    llvm::sort(flags); // a StringMap's order is no part of the artefact
    target.featureString = llvm::join(flags, ",");
  }
  // Asked first, since LLVM itself prints a complaint about a name it does not know.
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget(backend->createMCSubtargetInfo(triple, "", ""));
  if (!subtarget || !subtarget->isCPUStringValid(target.cpu)) {
    error = "expected 'native' or a CPU that LLVM knows as target, got '" + name.str() + "'";
    return failure();
  }
  subtarget.reset(backend->createMCSubtargetInfo(triple, target.cpu, target.featureString));
  for (auto [bit, feature] : llvm::enumerate(kFeatureNames))
    if (subtarget->checkFeatures("+" + feature.str()))
      target.features |= uint64_t(1) << bit;
  if (!target.has(CpuFeature::AVX2) || !target.has(CpuFeature::FMA)) {
    error = "expected a target with AVX2 and FMA (x86-64-v3 or later), got '" + name.str() + "'";
    return failure();
  }
  return target;
}

} // namespace octet::codegen

// The machine that code is generated for: an LLVM CPU name and what follows from
// it. Passes receive a Target; only `native` asks the host.

#ifndef OCTET_CODEGEN_TARGET_TARGET_H
#define OCTET_CODEGEN_TARGET_TARGET_H

#include "mlir/Support/LLVM.h"

#include <cstdint>
#include <string>

namespace octet::codegen {

enum class CpuFeature {
#define OCTET_CPU_FEATURE(ID, NAME) ID,
#include "octet/cpu_features.def"
};

struct Target {
  /// LLVM's name: `znver5`, `x86-64-v3`, ...
  std::string cpu;
  /// LLVM feature string on top of the CPU's own: what the host lacks or adds.
  std::string featureString;
  /// Bits of CpuFeature.
  uint64_t features = 0;

  bool has(CpuFeature feature) const { return features >> static_cast<unsigned>(feature) & 1; }
  /// Bits of the widest vector register worth using.
  int64_t getVectorBits() const { return has(CpuFeature::AVX512BW) ? 512 : 256; }
  /// 32-bit elements in one.
  int64_t getLanes() const { return getVectorBits() / 32; }
};

/// The target named on a command line (`native` or an LLVM CPU name). Fails with
/// a message in `error` for an unknown name and for CPUs below x86-64-v3.
mlir::FailureOr<Target> lookupTarget(llvm::StringRef name, std::string &error);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_TARGET_TARGET_H

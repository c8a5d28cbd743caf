// The tilings of a model by measurement: for each distinct kernel the cost model's best
// candidates are compiled and timed on this machine. Results come from, and go to, a
// cache.

#ifndef OCTET_CODEGEN_TUNE_MEASURETILINGS_H
#define OCTET_CODEGEN_TUNE_MEASURETILINGS_H

#include "codegen/lower/AssignTiling.h"
#include "codegen/tune/TilingCache.h"
#include "llvm/ADT/StringSet.h"

namespace octet::codegen {

/// What keeps this machine (`host`) from running code for `target`, or empty.
std::string getMissingFeatures(const Target &target, const Target &host);

class MeasureTilings {
public:
  /// Fails with a message in `error` where this machine cannot run `target`.
  static mlir::FailureOr<MeasureTilings> create(llvm::StringRef target, TilingCache cache,
                                                std::string &error);

  /// A TilingChooser.
  mlir::FailureOr<Tiling> choose(mlir::Operation *op, const TilingQuestion &question);

  TilingCache &getCache() { return cache; }
  const Target &getTarget() const { return target; }
  /// Distinct kernels that were measured, and that the cache knew.
  unsigned getMeasured() const { return measured.size(); }
  unsigned getCached() const { return cached.size(); }

private:
  MeasureTilings(llvm::StringRef name, Target target, Target host, TilingCache cache)
      : name(name), target(std::move(target)), host(std::move(host)), cache(std::move(cache)) {}

  std::string getSignature(mlir::Operation *op, const TilingQuestion &question) const;

  std::string name;
  Target target, host;
  TilingCache cache;
  llvm::StringSet<> measured, cached;
};

} // namespace octet::codegen

#endif // OCTET_CODEGEN_TUNE_MEASURETILINGS_H

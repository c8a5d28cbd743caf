#include "codegen/tune/TilingCache.h"
#include "tools/octetc/flags/Flags.h"

namespace octet {

llvm::Error TuningFlags::apply(CompilationOptions &options) const {
  if (!cache.empty() && !autotune)
    return makeFlagError("expected --autotune beside --autotune-cache");
  if (!autotune)
    return llvm::Error::success();
  if (options.emit == Emit::Import || options.emit == Emit::Graph || options.emit == Emit::Quant ||
      options.emit == Emit::QdqOnnx)
    return makeFlagError("expected --emit=kernels or a later stage beside --autotune");
  options.tilingCache = cache.empty() ? codegen::TilingCache::getDefaultPath() : cache.getValue();
  if (options.tilingCache.empty())
    return makeFlagError(
        "expected --autotune-cache FILE where neither XDG_CACHE_HOME nor HOME is set");
  return llvm::Error::success();
}

} // namespace octet

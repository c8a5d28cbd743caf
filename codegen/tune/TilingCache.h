// What was measured once, on disk, so that a second compilation neither measures nor
// decides otherwise. JSON, by the signatures of kernels:
//
//   {"version": 1, "tilings": {"conv 1x64x56x56 ...": {"rows": [1, 1, 14], "vectors": 2,
//                                                      "outer": "channels"}},
//    "microseconds": {"conv int8 ...": 12.5}}
//
// A file that is not of this form is an error, since it is not ours to overwrite.

#ifndef OCTET_CODEGEN_TUNE_TILINGCACHE_H
#define OCTET_CODEGEN_TUNE_TILINGCACHE_H

#include "codegen/microkernel/Tiling.h"
#include "llvm/Support/Error.h"

#include <map>
#include <optional>

namespace octet::codegen {

class TilingCache {
public:
  /// Errors are one line, without the file's name.
  static llvm::Expected<TilingCache> fromJson(llvm::StringRef text);
  /// An absent file is an empty cache. Errors name the file.
  static llvm::Expected<TilingCache> load(llvm::StringRef path);
  /// tilings.json in the user's cache folder ($XDG_CACHE_HOME/octet or ~/.cache/octet);
  /// empty where there is none.
  static std::string getDefaultPath();

  std::string toJson() const;
  /// Adds to the file `path` what it lacks. Other compilers may do so at the same time:
  /// one after the other reads, merges, and puts a whole new file in place.
  llvm::Error save(llvm::StringRef path) const;

  /// Null for an unknown signature.
  const Tiling *lookup(llvm::StringRef signature) const;
  void add(llvm::StringRef signature, const Tiling &tiling);

  std::optional<double> lookupTime(llvm::StringRef signature) const;
  void addTime(llvm::StringRef signature, double microseconds);

private:
  std::map<std::string, Tiling, std::less<>> tilings;
  std::map<std::string, double, std::less<>> times;
};

} // namespace octet::codegen

#endif // OCTET_CODEGEN_TUNE_TILINGCACHE_H

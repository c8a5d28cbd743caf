// The user's wishes about precision (--config):
//
//   {"version": 1, "precision": "int8",
//    "ops": [{"types": ["Softmax", "conv"], "precision": "f32"},
//            {"names": ["Conv_3"], "precision": "int8"}]}
//
// A rule applies to an op if the op is among its names or types; of the rules that apply the
// last wins. Types are ONNX op types or mnemonics of the dialect.

#ifndef OCTET_PASSES_QUANTIZE_CONFIG_H
#define OCTET_PASSES_QUANTIZE_CONFIG_H

#include "dialect/Octet.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <optional>
#include <string>
#include <vector>

namespace octet {

struct Config {
  struct Rule {
    std::vector<std::string> names; ///< ONNX node names
    std::vector<std::string> types; ///< as the user wrote them
    Precision precision;
  };
  std::optional<Precision> precision; ///< replaces the default
  std::vector<Rule> rules;
  std::string source; ///< the file, for reports

  /// Errors are one line, without the file's name.
  static llvm::Expected<Config> fromJson(llvm::StringRef text);
  /// Errors name the file.
  static llvm::Expected<Config> load(llvm::StringRef path);
};

/// The precision called `name`, or nullopt.
std::optional<Precision> parsePrecision(llvm::StringRef name);

/// A spelling that is equal for an ONNX op type and for the mnemonic (without the
/// dialect) of the op it is imported as: "MaxPool" and "max_pool" give "maxpool",
/// "Gemm" and "matmul" give "matmul".
std::string normalizeOpType(llvm::StringRef type);

/// The element of `known` nearest to `word`, or empty if none resembles it.
llvm::StringRef findNearest(llvm::StringRef word, llvm::ArrayRef<llvm::StringRef> known);

} // namespace octet

#endif // OCTET_PASSES_QUANTIZE_CONFIG_H

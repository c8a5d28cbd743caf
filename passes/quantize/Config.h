// The user's wishes about precision (--config):
//
//   {"version": 1, "precision": "int8",
//    "ops": [{"types": ["Softmax", "conv"], "precision": "f32"},
//            {"names": ["Conv_3"], "precision": "int8"},
//            {"patterns": ["/head/.*"], "subgraphs": ["Conv_7..Add_9"], "precision": "bf16"}]}
//
// or, in the form that NNI's quantizers take:
//
//   {"version": 1,
//    "configure_list": [{"op_types": ["Conv2d"], "quant_types": ["weight", "input"],
//                        "quant_bits": {"weight": 8, "input": 8}},
//                       {"op_names": ["Gemm_1"], "quant_types": ["weight"], "quant_bits": 16},
//                       {"op_names": ["Gemm_2"], "quant_types": ["weight", "input"],
//                        "quant_bits": {"weight": 8, "input": 32}}]}
//
// The last entry's op computes in f32 with weights stored in 8 bits, which the first form says
// as "weights": "int8" beside "precision": "f32".
//
// A rule applies to an op if one of its words does; of the rules that apply the last wins.

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
  /// All nodes on paths between two nodes.
  struct Subgraph {
    std::string from, to;
  };
  struct Rule {
    std::vector<std::string> names;    ///< ONNX node names
    std::vector<std::string> types;    ///< ONNX op types or mnemonics
    std::vector<std::string> patterns; ///< regular expressions of whole names
    std::vector<Subgraph> subgraphs;
    Precision precision;
    bool weightsInInt8 = false; ///< with f32: weights alone are stored in 8 bits (Q23)
    std::string origin;         ///< for reports: "ops[0]" or a flag
    bool isFlag = false;
  };
  std::optional<Precision> precision; ///< replaces the default
  std::vector<Rule> rules;
  std::string source;      ///< the file, for reports
  bool isResolved = false; ///< rules hold nothing but names (resolveScopes)

  /// Errors are one line, without the file's name.
  static llvm::Expected<Config> fromJson(llvm::StringRef text);
  /// Errors name the file.
  static llvm::Expected<Config> load(llvm::StringRef path);
  /// The file that says the same.
  std::string toJson() const;
  /// "FROM..TO", or nullopt.
  static std::optional<Subgraph> parseSubgraph(llvm::StringRef text);
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

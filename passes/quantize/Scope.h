// Which nodes the rules of a configuration mean. Asked of the graph as it was imported, in
// which every node of the file still exists, so that a word that means nothing is a mistake.

#ifndef OCTET_PASSES_QUANTIZE_SCOPE_H
#define OCTET_PASSES_QUANTIZE_SCOPE_H

#include "passes/quantize/Config.h"

namespace octet {

/// `config` with rules that hold nothing but the names of all nodes they apply to: types are
/// ONNX op types or mnemonics of the dialect, patterns match whole names, and a subgraph is
/// all nodes on paths from its first to its last node, both included. Reports every word
/// that applies to no node, with the nearest one that does.
mlir::FailureOr<Config> resolveScopes(const Config &config, mlir::func::FuncOp function);

} // namespace octet

#endif // OCTET_PASSES_QUANTIZE_SCOPE_H

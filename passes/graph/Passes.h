// Declarations and registration of the graph passes.

#ifndef OCTET_PASSES_GRAPH_PASSES_H
#define OCTET_PASSES_GRAPH_PASSES_H

#include "dialect/Octet.h"
#include "mlir/Pass/Pass.h"

namespace octet {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/graph/Passes.h.inc"

} // namespace octet

#endif // OCTET_PASSES_GRAPH_PASSES_H

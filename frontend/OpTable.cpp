#include "frontend/OpTable.h"

using namespace mlir;

namespace octet {

static constexpr OpRow kRows[] = {
#define ONNX_OP(DOMAIN, OP, SINCE, IMPORTER, ATTRIBUTES) {DOMAIN, #OP, SINCE, IMPORTER, ATTRIBUTES},
#include "frontend/OpTable.inc"
#undef ONNX_OP
};

const OpRow *findRow(StringRef domain, StringRef op, int64_t opset, bool &known) {
  const OpRow *best = nullptr;
  known = false;
  for (const OpRow &row : kRows) {
    if (row.domain != domain || row.op != op)
      continue;
    known = true;
    if (row.since <= opset && (!best || row.since > best->since))
      best = &row;
  }
  return best;
}

} // namespace octet

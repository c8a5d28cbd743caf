#include "frontend/OpTable.h"

using namespace mlir;

namespace octet {

static constexpr OpRow kRows[] = {
#define ROW(DOMAIN, OP, SINCE, IMPORTER, ATTRIBUTES, INTEGERS)                                     \
  {DOMAIN, #OP, SINCE, IMPORTER, ATTRIBUTES, IntegerUse::INTEGERS},
#define ONNX_OP(...) ROW(__VA_ARGS__, Numbers)
#define ONNX_MOVE(...) ROW(__VA_ARGS__, Move)
#define ONNX_QUANTIZED(...) ROW(__VA_ARGS__, Quantized)
#include "frontend/OpTable.inc"
#undef ONNX_OP
#undef ONNX_MOVE
#undef ONNX_QUANTIZED
#undef ROW
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

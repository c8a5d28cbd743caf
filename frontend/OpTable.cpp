#include "frontend/OpTable.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace octet {

static constexpr OpRow kRows[] = {
#define ROW(DOMAIN, OP, SINCE, IMPORTER, ATTRIBUTES, INTEGERS, FLOATS)                             \
  {DOMAIN, #OP, SINCE, IMPORTER, ATTRIBUTES, IntegerUse::INTEGERS, FloatUse::FLOATS},
#define ONNX_OP(...) ROW(__VA_ARGS__, Numbers, Numbers)
#define ONNX_F32(...) ROW(__VA_ARGS__, Numbers, F32)
#define ONNX_TYPED(...) ROW(__VA_ARGS__, Numbers, Typed)
#define ONNX_MOVE(...) ROW(__VA_ARGS__, Move, Numbers)
#define ONNX_MOVE_F32(...) ROW(__VA_ARGS__, Move, F32)
#define ONNX_QUANTIZED(...) ROW(__VA_ARGS__, Quantized, Typed)
#include "frontend/OpTable.inc"
#undef ONNX_OP
#undef ONNX_F32
#undef ONNX_TYPED
#undef ONNX_MOVE
#undef ONNX_MOVE_F32
#undef ONNX_QUANTIZED
#undef ROW
};

ArrayRef<OpRow> getOpRows() { return kRows; }

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

StringRef getForeignKind(StringRef domain, StringRef op) {
  if (domain == "ai.onnx.preview.training" || domain == "ai.onnx.training")
    return "training";
  if (domain == "ai.onnx.ml")
    return "trees, vectors and maps of classical machine learning";
  if (!domain.empty())
    return "";
  return llvm::StringSwitch<StringRef>(op)
      .Cases({"SequenceAt", "SequenceConstruct", "SequenceEmpty", "SequenceErase"}, "sequences")
      .Cases({"SequenceInsert", "SequenceLength", "SequenceMap"}, "sequences")
      .Cases({"ConcatFromSequence", "SplitToSequence"}, "sequences")
      .Cases({"Optional", "OptionalGetElement", "OptionalHasElement"}, "optional values")
      .Cases({"StringNormalizer", "StringConcat", "StringSplit", "RegexFullMatch"}, "strings")
      .Cases({"ImageDecoder"}, "files of images")
      .Default("");
}

} // namespace octet

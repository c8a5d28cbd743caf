// Names come from model files: whatever they hold, a diagnostic stays one line.
// Notes are left out, since MLIR attaches the offending op to them in full.

#include "frontend/DiagnosticPrinter.h"

#include "dialect/Octet.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace octet {

static StringRef getSeverityName(DiagnosticSeverity severity) {
  switch (severity) {
  case DiagnosticSeverity::Error:
    return "error";
  case DiagnosticSeverity::Warning:
    return "warning";
  case DiagnosticSeverity::Remark:
    return "remark";
  case DiagnosticSeverity::Note:
    return "note";
  }
  llvm_unreachable("severity out of range");
}

static std::string toOneLine(StringRef text) {
  std::string line;
  for (char c : text) {
    unsigned char byte = c;
    line += byte < 0x20 || byte == 0x7f ? (c == '\n' || c == '\t' ? ' ' : '?') : c;
  }
  return line;
}

// "'octet.conv' op expected ..." says less than the ONNX node in front of it.
static StringRef dropOpName(StringRef message) {
  if (!message.starts_with("'octet."))
    return message;
  size_t end = message.find("' op ");
  return end == StringRef::npos ? message : message.drop_front(end + 5);
}

DiagnosticPrinter::DiagnosticPrinter(MLIRContext *context, StringRef tool, StringRef file,
                                     raw_ostream &out)
    : ScopedDiagnosticHandler(context), tool(tool), file(file), out(out) {
  setHandler([this](Diagnostic &diagnostic) { print(diagnostic); });
}

void DiagnosticPrinter::print(Diagnostic &diagnostic) {
  Location loc = diagnostic.getLocation();
  StringRef node = getNodeName(loc), type = getNodeType(loc);
  std::string message = diagnostic.str(), line;
  llvm::raw_string_ostream stream(line);
  stream << tool << ": " << getSeverityName(diagnostic.getSeverity()) << ": ";
  if (auto place = loc->findInstanceOf<FileLineColLoc>()) {
    stream << place.getFilename().strref() << ": ";
    if (place.getLine())
      stream << "line " << place.getLine() << ": ";
  } else if (!file.empty() && !node.empty()) {
    stream << file << ": ";
  }
  if (!node.empty()) {
    stream << "node '" << node << "'";
    if (!type.empty())
      stream << " (" << type << ")";
    stream << ": " << dropOpName(message);
  } else {
    stream << message;
  }
  out << toOneLine(line) << "\n";
  errors += diagnostic.getSeverity() == DiagnosticSeverity::Error;
}

} // namespace octet

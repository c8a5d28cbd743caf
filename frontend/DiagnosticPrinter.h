// How every tool of Octet prints diagnostics: one line each,
// `octetc: error: MODEL.onnx: node 'Conv_12' (Conv): expected X, got Y`.

#ifndef OCTET_FRONTEND_DIAGNOSTICPRINTER_H
#define OCTET_FRONTEND_DIAGNOSTICPRINTER_H

#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/raw_ostream.h"

#include <string>

namespace octet {

/// Prints diagnostics of `context` while it lives. `file` stands before those at a
/// node, whose location names no file of its own; without a node it may be another
/// file that is at fault, and the message says which.
class DiagnosticPrinter : public mlir::ScopedDiagnosticHandler {
public:
  DiagnosticPrinter(mlir::MLIRContext *context, llvm::StringRef tool, llvm::StringRef file,
                    llvm::raw_ostream &out = llvm::errs());

  int getErrorCount() const { return errors; }

private:
  void print(mlir::Diagnostic &diagnostic);

  std::string tool, file;
  llvm::raw_ostream &out;
  int errors = 0;
};

} // namespace octet

#endif // OCTET_FRONTEND_DIAGNOSTICPRINTER_H

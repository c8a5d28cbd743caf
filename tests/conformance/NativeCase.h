// A case as a user of a compiled model would run it: imported, compiled to machine code and
// called through the C interface of runtime/include, with the structures of that header saying
// what the inputs and outputs are.
//
// Shapes are static in Octet, so that an input which decides about a shape (a shape, axes, k)
// has to be constant. Where a case feeds such a tensor, it becomes an initializer of the model;
// no more of them do than the compiler asks for.

#ifndef OCTET_TESTS_CONFORMANCE_NATIVECASE_H
#define OCTET_TESTS_CONFORMANCE_NATIVECASE_H

#include "mlir/IR/MLIRContext.h"
#include "tests/conformance/StoredCase.h"

namespace octet::conformance {

enum class Outcome {
  Passed,         ///< with every input of the case as an input
  PassedConstant, ///< with some of them as constants
  PassedFolded,   ///< with all of them as constants: computed by the compiler
  Refused,        ///< with a diagnostic
  Wrong,          ///< outputs are not the stored ones
  Crashed         ///< or took too long
};

struct Result {
  Outcome outcome = Outcome::Crashed;
  /// The compiler's reason, or what is wrong.
  std::string text;
};

/// Runs all data sets of a case. `scratch` is a file name for the model as changed here.
Result runCase(mlir::MLIRContext &context, const StoredCase &stored, llvm::StringRef scratch);

} // namespace octet::conformance

#endif // OCTET_TESTS_CONFORMANCE_NATIVECASE_H

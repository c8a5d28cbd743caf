// The page docs/conformance.md: what became of every case, one row for each operator. It is
// both documentation and the record that later runs are held to: a case that the page does not
// name passes.

#ifndef OCTET_TESTS_CONFORMANCE_PAGE_H
#define OCTET_TESTS_CONFORMANCE_PAGE_H

#include "tests/conformance/NativeCase.h"
#include "llvm/ADT/StringSet.h"

namespace octet::conformance {

/// What is known of a case after its run.
struct Row {
  std::string part; ///< folder of the cases: "node", ...
  std::string name;
  std::string group;   ///< operators
  std::string foreign; ///< what it needs that Octet has not
  Result result;

  bool isPassed() const { return result.outcome <= Outcome::PassedFolded; }
  bool isOutOfScope() const { return result.outcome == Outcome::Refused && !foreign.empty(); }
};

std::string printPage(llvm::ArrayRef<Row> rows);

/// The cases that a page says do not pass.
llvm::StringSet<> readFailures(llvm::StringRef page);

} // namespace octet::conformance

#endif // OCTET_TESTS_CONFORMANCE_PAGE_H

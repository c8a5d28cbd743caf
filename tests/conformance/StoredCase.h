// A backend case of the ONNX project as it lies on disk: a model, the inputs to give it and
// the outputs it must have. Reading one decides nothing about the compiler; what the case is
// about (its group in the table) and what kinds of values it has come from the model alone.

#ifndef OCTET_TESTS_CONFORMANCE_STOREDCASE_H
#define OCTET_TESTS_CONFORMANCE_STOREDCASE_H

#include "onnx/onnx.pb.h"
#include "llvm/ADT/StringRef.h"

#include <string>
#include <vector>

namespace octet::conformance {

struct DataSet {
  std::vector<onnx::TensorProto> inputs, outputs; ///< in the model's order
};

struct StoredCase {
  std::string folder;
  onnx::ModelProto model;
  /// Empty where an input or output is no tensor.
  std::vector<DataSet> dataSets;

  llvm::StringRef getName() const;
  /// What keeps Octet from ever running it ("strings", "sequences", ...); empty for nothing.
  std::string getForeignKind() const;
};

/// Reads the case in `folder`; nullopt, and why, where it is not one.
std::optional<StoredCase> readCase(llvm::StringRef folder, std::string &error);

/// The operators that the case is about. An expansion counts to the operator it expands.
std::string getGroup(const StoredCase &stored);

/// Every case below `root`, one folder each, sorted.
std::vector<std::string> listCases(llvm::StringRef root);

} // namespace octet::conformance

#endif // OCTET_TESTS_CONFORMANCE_STOREDCASE_H

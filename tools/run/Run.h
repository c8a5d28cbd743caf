// What octet-run does, behind its options.

#ifndef OCTET_TOOLS_RUN_RUN_H
#define OCTET_TOOLS_RUN_RUN_H

#include "tools/run/Report.h"
#include "llvm/Support/Error.h"

#include <string>

namespace llvm {
class raw_ostream;
}

namespace octet::run {

/// Empty paths and names stand for options that were not given.
struct RunOptions {
  std::string library;
  std::string input, output, golden, labels;
  bool layers = false; ///< compare layers with those of `reference`
  std::string reference;
  std::string diff; ///< a build to compare `library` with
  bool bench = false, profile = false, json = false;
  double seconds = 3;
  uint32_t threads = 1;
  uint32_t shape = 0; ///< of a model for several, from 1; 0: the first that fits the samples
};

/// Does what the options ask for but for printing; the profile's table goes to `tableOs`.
llvm::Expected<Report> evaluate(const RunOptions &options, llvm::raw_ostream &tableOs);

/// The same, and prints. Results go to `out`; the profile's table to `err` where `out` carries
/// JSON.
llvm::Error run(const RunOptions &options, llvm::raw_ostream &out, llvm::raw_ostream &err);

} // namespace octet::run

#endif // OCTET_TOOLS_RUN_RUN_H

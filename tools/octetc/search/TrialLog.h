// The record of a search: a line of JSON for each trial, written as it ends. A search that
// begins with the log of an interrupted one takes its results from there, which resumes it,
// as strategies depend on nothing but results. The first line tells which search it is.

#ifndef OCTET_TOOLS_OCTETC_SEARCH_TRIALLOG_H
#define OCTET_TOOLS_OCTETC_SEARCH_TRIALLOG_H

#include "tools/octetc/search/Trial.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

namespace octet {

class TrialLog {
public:
  /// Reads what `path` has of the search `signature`, or begins the file. A last line that
  /// was cut off is dropped. Fails where the file is the log of another search.
  static llvm::Expected<std::unique_ptr<TrialLog>>
  open(llvm::StringRef path, llvm::StringRef signature, const SearchSpace &space);

  /// The result of an assignment that the log knows.
  const Trial *lookup(const Assignment &assignment) const;
  llvm::Error append(const Trial &trial);
  size_t size() const { return trials.size(); }

private:
  TrialLog(const SearchSpace &space) : space(space) {}
  llvm::Error read(llvm::StringRef text, llvm::StringRef signature);
  std::string print(const Trial &trial) const;

  const SearchSpace &space;
  std::string path;
  std::map<Assignment, Trial> trials;
  std::unique_ptr<llvm::raw_fd_ostream> stream;
};

} // namespace octet

#endif // OCTET_TOOLS_OCTETC_SEARCH_TRIALLOG_H

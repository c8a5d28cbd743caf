// Several shapes of the inputs on the command line: `--batch 1,4,16`, `--shape ids=1x{16,32}`.

#ifndef OCTET_TOOLS_OCTETC_FLAGS_ENTRIES_H
#define OCTET_TOOLS_OCTETC_FLAGS_ENTRIES_H

#include "frontend/Import.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

namespace octet {

/// One for each entry: all batches, each with all alternatives in braces. Alternatives of several
/// braces go together, the first with the first and so on, so that inputs of one length
/// grow together. `batch` may be empty. Fails, with a line about the option, on what is no shape or
/// number, on braces of different numbers of alternatives, and on more than 64 entries.
llvm::Expected<std::vector<ImportOptions>> expandEntries(llvm::ArrayRef<std::string> shapes,
                                                         llvm::StringRef batch);

} // namespace octet

#endif // OCTET_TOOLS_OCTETC_FLAGS_ENTRIES_H

// JSON that comes from anywhere. LLVM's parser goes one call deeper for each bracket, so that
// a megabyte of brackets would be the end of the stack: nesting is bounded here, for all
// readers.

#ifndef OCTET_PASSES_JSONTEXT_H
#define OCTET_PASSES_JSONTEXT_H

#include "llvm/Support/JSON.h"

namespace octet {

/// Arrays and objects in each other.
constexpr int kMaxJsonNesting = 64;

/// Errors are one line.
llvm::Expected<llvm::json::Value> parseJson(llvm::StringRef text);

} // namespace octet

#endif // OCTET_PASSES_JSONTEXT_H

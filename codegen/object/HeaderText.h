// The C header of a compiled model.

#ifndef OCTET_CODEGEN_OBJECT_HEADERTEXT_H
#define OCTET_CODEGEN_OBJECT_HEADERTEXT_H

#include "codegen/object/ModelInfo.h"

namespace octet::codegen {

/// `name` with everything that may not stand in a C identifier replaced by '_'.
std::string makeIdentifier(llvm::StringRef name);

/// The text of a header, for C99 and C++: sizes as macros, and functions that create,
/// run and destroy the model with typed pointers.
std::string printHeader(const ModelInfo &info);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_OBJECT_HEADERTEXT_H

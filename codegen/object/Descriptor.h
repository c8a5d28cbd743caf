#ifndef OCTET_CODEGEN_OBJECT_DESCRIPTOR_H
#define OCTET_CODEGEN_OBJECT_DESCRIPTOR_H

#include "codegen/object/ModelInfo.h"

namespace llvm {
class Module;
}

namespace octet::codegen {

/// Adds the octet_model of runtime.h and `const octet_model *NAME_model(void)`, the
/// only symbol that others see, around the function @entry.
void addDescriptor(llvm::Module &module, const ModelInfo &info);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_OBJECT_DESCRIPTOR_H

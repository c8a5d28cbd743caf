#ifndef OCTET_CODEGEN_OBJECT_LAYERSTEXT_H
#define OCTET_CODEGEN_OBJECT_LAYERSTEXT_H

#include "codegen/object/ModelInfo.h"

namespace octet::codegen {

/// What a library that returns its layers says of them, in JSON: how many outputs are the
/// model's own (`outputs`), and for each layer the index of its output (`result`) and what
/// ReturnLayers knows. Empty for a model without layers.
std::string printLayers(const ModelInfo &info);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_OBJECT_LAYERSTEXT_H

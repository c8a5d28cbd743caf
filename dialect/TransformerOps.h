// Ops that transformers are made of. Apart from dialect/Octet.h, since few files name them.

#ifndef OCTET_DIALECT_TRANSFORMEROPS_H
#define OCTET_DIALECT_TRANSFORMEROPS_H

#include "dialect/Octet.h"

namespace octet {

/// Elementwise ops behind such an op can be part of its kernel.
template <typename ConcreteType>
class TakesEpilogue : public mlir::OpTrait::TraitBase<ConcreteType, TakesEpilogue> {};

/// Called when the dialect is loaded.
void registerTransformerOps(OctetDialect &dialect);

} // namespace octet

#include "dialect/TransformerInterfaces.h.inc"

#define GET_OP_CLASSES
#include "dialect/TransformerOps.h.inc"

#endif // OCTET_DIALECT_TRANSFORMEROPS_H

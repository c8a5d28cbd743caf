// The activation functions that recurrent nodes name.

#ifndef OCTET_FRONTEND_IMPORTERS_ACTIVATION_H
#define OCTET_FRONTEND_IMPORTERS_ACTIVATION_H

#include "frontend/NodeBuilder.h"

namespace octet {

struct Activation {
  using Function = mlir::Value (*)(const Activation &activation, NodeBuilder &build, mlir::Value x);

  Function function = nullptr;
  float alpha = 0, beta = 0;

  mlir::Value build(NodeBuilder &builder, NodeReader &node, mlir::Value x) const {
    return node.failed() ? mlir::Value() : function(*this, builder, x);
  }
};

/// Reads the activations of a node in order: each takes the next elements of activation_alpha
/// and activation_beta, if it has such parameters and there are any left.
class ActivationReader {
public:
  explicit ActivationReader(NodeReader &node)
      : node(node), alphas(node.numbers("activation_alpha")),
        betas(node.numbers("activation_beta")) {}

  Activation read(llvm::StringRef name);

private:
  NodeReader &node;
  llvm::SmallVector<float> alphas, betas;
  unsigned nextAlpha = 0, nextBeta = 0;
};

} // namespace octet

#endif // OCTET_FRONTEND_IMPORTERS_ACTIVATION_H

// E[x_i * x_j] over the inputs of one sum of a contraction, from samples: what the error of
// rounded weights costs follows from it exactly, e' * M * e.

#ifndef OCTET_PASSES_REPAIR_SECONDMOMENTS_H
#define OCTET_PASSES_REPAIR_SECONDMOMENTS_H

#include "dialect/Octet.h"

#include <Eigen/Core>
#include <vector>

namespace octet {

class SecondMoments {
public:
  /// Of the contraction `op`, a convolution or a product with a matrix of weights; nullopt for
  /// any other op.
  static std::optional<SecondMoments> create(mlir::Operation *op);

  /// The bytes it holds.
  int64_t getBytes() const;
  /// Inputs of a sum; of a convolution those of its group, in the order of its weights.
  int64_t size() const { return inputs; }
  int64_t getGroups() const { return groups; }

  /// Operand 0 for one sample, of whose windows or rows at most `most` count, evenly spaced.
  void add(llvm::ArrayRef<float> x, int64_t most);

  /// The moments about the mean of one group; those about 0 with `centred` false.
  Eigen::MatrixXf get(int64_t group, bool centred) const;

private:
  void gatherWindow(llvm::ArrayRef<float> x, int64_t group, int64_t window,
                    Eigen::Ref<Eigen::VectorXf> column) const;

  ConvOp conv; ///< null for a matrix product
  int64_t groups = 1, inputs = 0, windows = 0;
  double count = 0;
  std::vector<Eigen::MatrixXf> sums;  ///< lower triangles
  std::vector<Eigen::VectorXf> means; ///< sums
};

} // namespace octet

#endif // OCTET_PASSES_REPAIR_SECONDMOMENTS_H

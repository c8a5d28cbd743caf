// The factors of cross-layer equalization (Nagel et al., Data-free quantization through
// weight equalization and bias correction, 2019), as arithmetic on magnitudes alone.

#ifndef OCTET_PASSES_REPAIR_EQUALIZATION_H
#define OCTET_PASSES_REPAIR_EQUALIZATION_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>
#include <vector>

namespace octet {

/// A contraction: for each output channel the largest magnitude of its weights for each
/// input channel that it reads.
struct EqualizedLayer {
  int64_t outputs, groups;
  int64_t inputsPerGroup;
  std::vector<float> magnitudes; ///< outputs x inputsPerGroup

  int64_t getInput(int64_t output, int64_t i) const {
    return output / (outputs / groups) * inputsPerGroup + i;
  }
};

/// Channels between one layer and those that read them.
struct EqualizedLink {
  unsigned producer;
  llvm::SmallVector<unsigned> consumers;
  /// Positive; the producer's outputs are divided by them, the inputs of the consumers
  /// multiplied.
  llvm::SmallVector<double> factors;
};

/// Sets the factors of all links. A layer is the producer of one link at most, and a
/// consumer of one at most.
void equalize(llvm::ArrayRef<EqualizedLayer> layers, llvm::MutableArrayRef<EqualizedLink> links);

} // namespace octet

#endif // OCTET_PASSES_REPAIR_EQUALIZATION_H

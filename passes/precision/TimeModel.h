// What passes may know of a target's speed: times, not instructions.

#ifndef OCTET_PASSES_PRECISION_TIMEMODEL_H
#define OCTET_PASSES_PRECISION_TIMEMODEL_H

#include "dialect/Octet.h"

namespace octet {

/// Where a conversion between precisions happens: in a kernel of its own, or in the
/// registers of a kernel that has the value anyway.
enum class BorderPlace { Kernel, Registers };

class TimeModel {
public:
  virtual ~TimeModel() = default;

  /// Microseconds of the kernel of `op` (a group or a single op on f32 tensors), if its
  /// operands, arithmetic and result had `precision`.
  virtual double getTime(mlir::Operation *op, Precision precision) const = 0;

  /// Microseconds of turning a tensor from one precision into another.
  virtual double getBorderTime(mlir::RankedTensorType type, Precision from, Precision to,
                               BorderPlace place) const = 0;

  /// Microseconds of finding the range of a tensor of f32, in kernels of their own.
  virtual double getRangeTime(mlir::RankedTensorType type) const = 0;

  /// How much faster f32 has to be to be preferred: by less, times are not to be trusted,
  /// and int8 takes a quarter of the memory.
  virtual double getMargin() const = 0;
};

} // namespace octet

#endif // OCTET_PASSES_PRECISION_TIMEMODEL_H

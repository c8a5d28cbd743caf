// Keys and values of a head in the order that products read them: keys turned so that
// neighbours in a register are neighbouring keys, values (where a word holds several factors) as
// words of as many keys. u8 becomes s8 by the top bit.

#ifndef OCTET_CODEGEN_MICROKERNEL_ATTENTIONPACKING_H
#define OCTET_CODEGEN_MICROKERNEL_ATTENTIONPACKING_H

#include "codegen/emit/Memory.h"
#include "codegen/microkernel/AttentionPlan.h"
#include "codegen/microkernel/PackedWeights.h"
#include "codegen/microkernel/StepLoops.h"

namespace octet::codegen {

/// The value of u8 that integer keys and values are centred at before they are s8.
constexpr int64_t kAttentionCentre = 128;

/// Where packed keys go and, of integers, where sums with each key start: at its sum times a
/// factor.
struct PackedKeys {
  mlir::Value keys, starts, startFactor;
};

class AttentionPacking : StepLoops {
public:
  AttentionPacking(KernelBuilder &kernel, const AttentionPlan &plan, const Microkernel &row)
      : StepLoops(kernel.b(), plan.getSteps(), plan.getUnits()), kernel(kernel), plan(plan),
        row(row) {}

  /// `start` is the head's place in the tensor of keys, or values.
  void packKeys(const FlatView &k, mlir::Value start, const ChannelBlocks &blocks,
                const PackedKeys &to);
  void packValues(const FlatView &v, mlir::Value start, const ChannelBlocks &blocks,
                  mlir::Value to);

private:
  mlir::Value centre(mlir::Value elements);
  mlir::Value shuffle(mlir::Value x, mlir::Value y, llvm::ArrayRef<int64_t> order);
  llvm::SmallVector<mlir::Value> transpose(llvm::SmallVector<mlir::Value> rows);
  void forEachVector(const ChannelBlocks &blocks, int64_t steps,
                     llvm::function_ref<void(mlir::Value, mlir::Value, int64_t, int64_t)> body);
  mlir::Value loadWords(const FlatView &k, mlir::Value from, int64_t count, bool isReal);
  void storeWords(mlir::Value words, mlir::Value packed, mlir::Value to);
  void storeStarts(mlir::Value key, mlir::Value from, int64_t stepSize, const PackedKeys &to);

  KernelBuilder &kernel;
  const AttentionPlan &plan;
  const Microkernel &row;
};

} // namespace octet::codegen

#endif // OCTET_CODEGEN_MICROKERNEL_ATTENTIONPACKING_H

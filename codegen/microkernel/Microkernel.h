// A row of Microkernels.inc. All that emitters know about an ISA is here: widths, a
// register budget for the choice of tiles, and hooks that emit one multiply.

#ifndef OCTET_CODEGEN_MICROKERNEL_MICROKERNEL_H
#define OCTET_CODEGEN_MICROKERNEL_MICROKERNEL_H

#include "codegen/target/Target.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace octet::codegen {

enum class DotOperands { U8S8, BF16, F32, F32S8 };

/// What a contraction of activations and weights of these element types multiplies.
DotOperands getDotOperands(mlir::Type x, mlir::Type weights);
/// Products per lane and multiply.
int64_t getDot(DotOperands operands);

/// What must be known of the weights before a row may be used.
enum class DotProof { None, PairSums };

/// Registers that together are one operand of a multiply.
using DotOperand = llvm::SmallVector<mlir::Value, 2>;

struct DotHooks {
  /// Expands a vector of words: LANES i32 of four u8 or two bf16, or LANES f32.
  DotOperand (*lhs)(mlir::ImplicitLocOpBuilder &b, mlir::Value words);
  /// Loads and expands a vector of weights, at `offset` of the packed weights
  /// (memref<..xi8> of s8, memref<..xi16> of bf16 bits, or memref<..xf32>).
  DotOperand (*rhs)(mlir::ImplicitLocOpBuilder &b, mlir::Value packed, mlir::Value offset,
                    int64_t lanes);
  /// acc + the dot product in each lane.
  mlir::Value (*multiplyAdd)(mlir::ImplicitLocOpBuilder &b, mlir::Value acc, mlir::ValueRange lhs,
                             mlir::ValueRange rhs);
  /// Where factor `i` of a lane lies in a packed vector of weights (elements).
  int64_t (*rhsPlace)(int64_t lanes, int64_t lane, int64_t i);
};

struct Microkernel {
  llvm::StringRef name;
  DotOperands operands;
  CpuFeature feature;
  int64_t lanes;
  int64_t registers, registersPerChannelVector, registersFixed;
  int64_t dotCost, lhsCost, rhsCost;
  DotProof proof;
  const DotHooks *hooks;

  /// Products per lane and multiply.
  int64_t getDot() const { return codegen::getDot(operands); }
  /// Whether a tile's values fit the registers.
  bool fits(int64_t rows, int64_t vectors) const {
    return rows * vectors + vectors * registersPerChannelVector + registersFixed <= registers;
  }
  /// Of the packed weights.
  mlir::Type getElementType(mlir::MLIRContext *context) const;
  /// Bytes of packed weights for one lane and multiply.
  int64_t getLaneBytes() const;
  mlir::VectorType getAccumulatorType(mlir::MLIRContext *context) const;
};

llvm::ArrayRef<Microkernel> getMicrokernels();

/// The first row that `target` allows, given what holds for the weights.
const Microkernel &selectMicrokernel(const Target &target, DotOperands operands, bool pairSumsFit);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_MICROKERNEL_MICROKERNEL_H

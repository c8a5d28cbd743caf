// What an emitter gets to write one kernel: buffers on request, constants packed
// as it wants them, one parallel loop, and the epilogue of the group.
//
// A kernel is a function of memrefs and a range of units. Everything that differs
// between layers of equal shape (weights, scales, zero points, tables) comes in
// through buffers, so that equal kernels have equal bodies and are merged.

#ifndef OCTET_CODEGEN_KERNEL_KERNELBUILDER_H
#define OCTET_CODEGEN_KERNEL_KERNELBUILDER_H

#include "codegen/target/Target.h"
#include "dialect/Octet.h"
#include "dialect/reference/Tensor.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace octet::codegen {

class KernelBuilder;
struct TilingQuestion;

} // namespace octet::codegen

#include "codegen/kernel/KernelInterfaces.h.inc"

namespace octet::codegen {

/// A tensor in memory as a kernel sees it: a memref of the physical shape
/// (getPhysicalShape) and the tensor's type.
struct Buffer {
  mlir::Value memref;
  mlir::RankedTensorType type;

  /// Physical indices of a logical element (halo added, channels moved last).
  llvm::SmallVector<mlir::Value> index(mlir::ImplicitLocOpBuilder &b,
                                       mlir::ValueRange logical) const;
  /// The logical dimension whose elements are neighbours in memory: 1 for
  /// channels last, the last one for row-major, -1 for a scalar.
  int64_t getContiguousDim() const;
  /// Storage type of an element: i8 for quantized elements.
  mlir::Type getElementType() const;

  /// One stored element.
  mlir::Value load(mlir::ImplicitLocOpBuilder &b, mlir::ValueRange logical) const;
  void store(mlir::ImplicitLocOpBuilder &b, mlir::Value value, mlir::ValueRange logical) const;
  /// `lanes` stored elements along the contiguous dimension from `logical` on, of
  /// which the first `active` are read or written (a mask where active < lanes;
  /// the other lanes read as 0).
  mlir::Value loadVector(mlir::ImplicitLocOpBuilder &b, mlir::ValueRange logical, int64_t lanes,
                         int64_t active) const;
  void storeVector(mlir::ImplicitLocOpBuilder &b, mlir::Value value, mlir::ValueRange logical,
                   int64_t active) const;
};

/// Where in the result a value of an epilogue stands: `index` is the logical index
/// of its first lane. `lanes` is 0 for scalar code; else the value is a vector
/// whose lanes run along `vectorDim`, the first `active` of them real.
struct Position {
  llvm::SmallVector<mlir::Value> index;
  int64_t vectorDim = -1;
  int64_t lanes = 0;
  int64_t active = 0;
};

class KernelBuilder {
public:
  /// `op` is an octet.fused or a single op with KernelOpInterface.
  KernelBuilder(mlir::Operation *op, mlir::func::FuncOp function, const Target &target);

  const Target &getTarget() const { return target; }
  mlir::ImplicitLocOpBuilder &b() { return builder; }

  /// The op that shapes the loops; null for a group of elementwise ops only.
  mlir::Operation *getRoot() const { return root; }
  /// The octet.fused, or the single op.
  mlir::Operation *getOperation() const { return op; }
  /// The type of the kernel's result, after the epilogue.
  mlir::RankedTensorType getResultType() const;

  /// The buffer of a value that the root or an epilogue op uses: an operand of the
  /// group, looked through block arguments. Constants too, unless the emitter
  /// packs them itself and never asks. Adds an argument on the first call.
  Buffer getBuffer(mlir::Value value);
  Buffer getResult();
  /// The value of a constant operand (looked through block arguments), or nullopt.
  std::optional<reference::Tensor> getConstant(mlir::Value value) const;

  /// An argument bound to constant bytes laid out by the emitter; 64-byte aligned.
  mlir::Value addConstant(llvm::ArrayRef<char> bytes, mlir::MemRefType type);
  template <typename T>
  mlir::Value addConstant(llvm::ArrayRef<T> elements, mlir::MemRefType type) {
    return addConstant(llvm::ArrayRef<char>(reinterpret_cast<const char *>(elements.data()),
                                            elements.size() * sizeof(T)),
                       type);
  }
  /// `count` elements (f32 unless told otherwise) that this kernel alone uses while it runs:
  /// octet.scratch_bytes of the op. Threads share them.
  mlir::Value addScratch(int64_t count, mlir::Type element = {});
  /// A number that differs between layers, as an f32 or i32 loaded at entry.
  mlir::Value addParameter(float value);
  mlir::Value addParameter(int32_t value);

  /// `make()`, called once for each `owner` and `slot`: numbers and tables that
  /// belong to an op, however often its code is emitted.
  mlir::Value getOrAdd(mlir::Operation *owner, unsigned slot,
                       llvm::function_ref<mlir::Value()> make) {
    mlir::Value &value = owned[{owner, slot}];
    if (!value)
      value = make();
    return value;
  }

  /// The one loop over units of work, split between threads. `body` gets the unit.
  void parallelLoop(int64_t units, llvm::function_ref<void(mlir::Value)> body);
  /// The first unit of the range that this call computes. No other call of one launch has
  /// the same, so that it tells the threads' scratch memory apart.
  mlir::Value getFirstUnit() const { return begin; }

  /// Code that one thread runs, the one that has the first unit, before parallelLoop.
  /// Units of other threads run meanwhile.
  void runOnce(llvm::function_ref<void()> body);

  /// Whether ops follow the root in the group.
  bool hasEpilogue() const;
  /// The stored value for `value`, the root's result (or for a group without a
  /// root, null): applies the epilogue's ops in order, loading side operands at
  /// `position` by the rules of broadcasting. `value` is what the root's result
  /// type holds: f32 (scalar or vector), or i8 storage if it is quantized. The
  /// result has the storage type of the kernel's result.
  mlir::Value applyEpilogue(mlir::Value value, const Position &position);
  /// applyEpilogue and store. Once for each place of the result: a side operand may lie
  /// in the same bytes, so what is stored cannot be computed again.
  void storeResult(mlir::Value value, const Position &position);

  /// Set where the op is only asked how it would tile: takeTiling answers.
  TilingQuestion *tilingQuestion = nullptr;

  /// Used by EmitKernels when the emitter is done.
  struct Argument {
    mlir::Value tensor;               ///< an SSA tensor outside the group, or null
    llvm::SmallVector<char> constant; ///< else bytes
    bool isScratch = false;           ///< else bytes of the arena
  };
  llvm::ArrayRef<Argument> getArguments() const { return arguments; }
  int64_t getUnits() const { return units; }
  /// Appends the range arguments and the return.
  void finish();

private:
  mlir::Value getOutside(mlir::Value value) const;
  mlir::Value addArgument(mlir::MemRefType type, Argument argument);

  mlir::Operation *op, *root = nullptr;
  mlir::func::FuncOp function;
  Target target;
  mlir::ImplicitLocOpBuilder builder;
  llvm::DenseMap<mlir::Value, Buffer> buffers;
  llvm::DenseMap<std::pair<mlir::Operation *, unsigned>, mlir::Value> owned;
  llvm::SmallVector<Argument> arguments;
  llvm::SmallVector<int32_t> parameters;
  mlir::Value parameterBuffer;
  unsigned parameterArgument = 0;
  mlir::Value begin, end;
  int64_t units = -1;
};

/// The type of the physical buffer of a tensor type.
mlir::MemRefType getBufferType(mlir::RankedTensorType type);

/// A constant's elements in the physical order of `type` (halo and pad channels 0).
llvm::SmallVector<char> getPhysicalBytes(const reference::Tensor &tensor,
                                         mlir::RankedTensorType type);

} // namespace octet::codegen

#endif // OCTET_CODEGEN_KERNEL_KERNELBUILDER_H

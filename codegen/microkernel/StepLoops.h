// Kernels whose unit of work is a range of steps, of which neighbours share what the first of
// them has prepared: index arithmetic and loops over steps.

#ifndef OCTET_CODEGEN_MICROKERNEL_STEPLOOPS_H
#define OCTET_CODEGEN_MICROKERNEL_STEPLOOPS_H

#include "codegen/emit/Memory.h"
#include "codegen/kernel/KernelBuilder.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace octet::codegen {

class StepLoops {
protected:
  /// `units` of work have `steps` together.
  StepLoops(mlir::ImplicitLocOpBuilder &b, int64_t steps, int64_t units)
      : b(b), steps(steps), units(units) {}

  mlir::Value constant(int64_t value) { return constantIndex(b, value); }
  mlir::Value add(mlir::Value value, int64_t offset) {
    return offset == 0 ? value : mlir::arith::AddIOp::create(b, value, constant(offset));
  }
  mlir::Value add(mlir::Value a, mlir::Value c) { return mlir::arith::AddIOp::create(b, a, c); }
  mlir::Value mul(mlir::Value value, int64_t factor) {
    return mlir::arith::MulIOp::create(b, value, constant(factor));
  }
  mlir::Value equals(mlir::Value a, mlir::Value c) {
    return mlir::arith::CmpIOp::create(b, mlir::arith::CmpIPredicate::eq, a, c);
  }
  /// Of a unit; that of the next one is its end.
  mlir::Value getFirstStep(mlir::Value unit) {
    return mlir::arith::DivUIOp::create(b, mul(unit, steps), constant(units));
  }
  void loop(mlir::Value begin, mlir::Value end, int64_t step,
            llvm::function_ref<void(mlir::Value)> body) {
    auto loop = mlir::scf::ForOp::create(b, begin, end, constant(step));
    mlir::OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    body(loop.getInductionVar());
  }

  mlir::ImplicitLocOpBuilder &b;

private:
  int64_t steps, units;
};

} // namespace octet::codegen

#endif // OCTET_CODEGEN_MICROKERNEL_STEPLOOPS_H

#ifndef OCTET_CODEGEN_LOWER_PASSES_H
#define OCTET_CODEGEN_LOWER_PASSES_H

#include "dialect/Octet.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/Pass.h"

namespace octet {

#define GEN_PASS_DECL
#include "codegen/lower/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "codegen/lower/Passes.h.inc"

} // namespace octet

#endif // OCTET_CODEGEN_LOWER_PASSES_H

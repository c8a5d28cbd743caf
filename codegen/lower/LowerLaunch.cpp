// Launches are lowered last: every buffer is then a descriptor behind a cast, and
// its address is one extract away, whatever it was a view of.

#include "codegen/lower/Passes.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;

namespace octet {

#define GEN_PASS_DEF_LOWERLAUNCH
#include "codegen/lower/Passes.h.inc"

namespace {

class LowerLaunch : public impl::LowerLaunchBase<LowerLaunch> {
public:
  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (!module.lookupSymbol<LLVM::LLVMFuncOp>("entry")) {
      module.emitError("expected a function @entry in the LLVM dialect");
      return signalPassFailure();
    }
    auto pointer = LLVM::LLVMPointerType::get(&getContext());
    ImplicitLocOpBuilder b(module.getLoc(), &getContext());
    b.setInsertionPointToStart(module.getBody());
    auto signature =
        LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(&getContext()),
                                    {pointer, pointer, pointer, b.getI64Type(), b.getI32Type()});
    auto runtimeLaunch = LLVM::LLVMFuncOp::create(b, "octet_launch", signature);

    for (auto function : llvm::make_early_inc_range(module.getOps<LLVM::LLVMFuncOp>()))
      if (function.getName() == "entry" || function.getName().starts_with("entry."))
        if (failed(lower(function, runtimeLaunch)))
          return signalPassFailure();
  }

private:
  LogicalResult lower(LLVM::LLVMFuncOp entry, LLVM::LLVMFuncOp runtimeLaunch) {
    auto module = entry->getParentOfType<ModuleOp>();
    // They have been read into the model's descriptor; LLVM has no place for them.
    entry.removeArgAttrsAttr();
    auto pointer = LLVM::LLVMPointerType::get(&getContext());
    ImplicitLocOpBuilder b(module.getLoc(), &getContext());
    // One array serves all launches, since they follow each other.
    int64_t most = 1;
    entry.walk(
        [&](LaunchOp launch) { most = std::max<int64_t>(most, launch.getBuffers().size()); });
    b.setInsertionPointToStart(&entry.getBody().front());
    Value array = LLVM::AllocaOp::create(b, pointer, pointer,
                                         LLVM::ConstantOp::create(b, b.getI64IntegerAttr(most)),
                                         /*alignment=*/8);
    SymbolTable symbols(module);
    int32_t index = 0;
    WalkResult result = entry.walk([&](LaunchOp launch) {
      b.setInsertionPoint(launch);
      b.setLoc(launch.getLoc());
      for (auto [i, buffer] : llvm::enumerate(launch.getBuffers())) {
        auto cast = buffer.getDefiningOp<UnrealizedConversionCastOp>();
        if (!cast || !isa<LLVM::LLVMStructType>(cast.getOperand(0).getType())) {
          launch.emitOpError("expected buffers that are lowered to descriptors");
          return WalkResult::interrupt();
        }
        constexpr int64_t kAlignedPointer = 1;
        Value address = LLVM::ExtractValueOp::create(b, cast.getOperand(0), kAlignedPointer);
        Value slot = LLVM::GEPOp::create(b, pointer, pointer, array,
                                         ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(i)});
        LLVM::StoreOp::create(b, address, slot);
      }
      auto kernel = symbols.lookup<LLVM::LLVMFuncOp>(launch.getKernel());
      LLVM::LLVMFuncOp thunk = getThunk(symbols, kernel);
      Value units = LLVM::ConstantOp::create(b, b.getI64IntegerAttr(launch.getUnits()));
      Value number = LLVM::ConstantOp::create(b, b.getI32IntegerAttr(index++));
      LLVM::CallOp::create(b, runtimeLaunch,
                           ValueRange{entry.getArgument(0), LLVM::AddressOfOp::create(b, thunk),
                                      array, units, number});
      launch.erase();
      return WalkResult::advance();
    });
    return failure(result.wasInterrupted());
  }

  /// void thunk(ptr buffers, i64 begin, i64 end) around a kernel that takes a pointer
  /// for each buffer (the bare pointer convention).
  static LLVM::LLVMFuncOp getThunk(SymbolTable &symbols, LLVM::LLVMFuncOp kernel) {
    std::string name = kernel.getName().str() + ".thunk";
    if (auto known = symbols.lookup<LLVM::LLVMFuncOp>(name))
      return known;
    MLIRContext *context = kernel.getContext();
    auto pointer = LLVM::LLVMPointerType::get(context);
    ImplicitLocOpBuilder b(kernel.getLoc(), context);
    b.setInsertionPointAfter(kernel);
    auto thunk = LLVM::LLVMFuncOp::create(
        b, name,
        LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(context),
                                    {pointer, b.getI64Type(), b.getI64Type()}),
        LLVM::Linkage::Internal);
    Block *body = thunk.addEntryBlock(b);
    b.setInsertionPointToStart(body);
    SmallVector<Value> arguments;
    for (auto [i, type] : llvm::enumerate(kernel.getArgumentTypes())) {
      if (!isa<LLVM::LLVMPointerType>(type))
        continue;
      Value slot = LLVM::GEPOp::create(b, pointer, pointer, body->getArgument(0),
                                       ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(i)});
      arguments.push_back(LLVM::LoadOp::create(b, pointer, slot));
    }
    arguments.push_back(body->getArgument(1));
    arguments.push_back(body->getArgument(2));
    LLVM::CallOp::create(b, kernel, arguments);
    LLVM::ReturnOp::create(b, ValueRange());
    symbols.insert(thunk);
    return thunk;
  }
};

} // namespace
} // namespace octet

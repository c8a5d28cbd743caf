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

    SymbolTable symbols(module);
    auto entry = module.lookupSymbol<LLVM::LLVMFuncOp>("entry");
    for (unsigned i = 1; entry; ++i) {
      int32_t index = 0;
      auto sources = getSources(entry);
      if (failed(sources) || failed(lower(entry, *sources, runtimeLaunch, symbols, index)))
        return signalPassFailure();
      entry = symbols.lookup<LLVM::LLVMFuncOp>("entry." + std::to_string(i));
    }
  }

private:
  enum Parameter { Context, Inputs, Outputs, Arena };
  /// Where the runtime's call has an argument: a parameter of it, or an element of one.
  struct Source {
    Parameter parameter;
    int32_t element = 0;
  };

  static FailureOr<SmallVector<Source>> getSources(LLVM::LLVMFuncOp entry) {
    SmallVector<Source> sources{{Context}};
    int32_t inputs = 0, outputs = 0;
    for (unsigned i = 1; i + 1 < entry.getNumArguments(); ++i) {
      auto role = entry.getArgAttrOfType<StringAttr>(i, "octet.role");
      if (!role) {
        entry.emitOpError("expected the role of argument ") << i << ", got none";
        return failure();
      }
      bool isInput = role == "input";
      sources.push_back({isInput ? Inputs : Outputs, isInput ? inputs++ : outputs++});
    }
    sources.push_back({Arena});
    return sources;
  }

  /// Lowers an entry, or a part of one, whose first launch has number `index`.
  LogicalResult lower(LLVM::LLVMFuncOp entry, ArrayRef<Source> sources,
                      LLVM::LLVMFuncOp runtimeLaunch, SymbolTable &symbols, int32_t &index) {
    auto pointer = LLVM::LLVMPointerType::get(&getContext());
    ImplicitLocOpBuilder b(entry.getLoc(), &getContext());
    // One array serves all launches, since they follow each other.
    int64_t most = 1;
    entry.walk(
        [&](LaunchOp launch) { most = std::max<int64_t>(most, launch.getBuffers().size()); });
    b.setInsertionPointToStart(&entry.getBody().front());
    Value array = LLVM::AllocaOp::create(b, pointer, pointer,
                                         LLVM::ConstantOp::create(b, b.getI64IntegerAttr(most)),
                                         /*alignment=*/8);
    SmallVector<LLVM::CallOp> calls;
    WalkResult result = entry.walk([&](Operation *op) {
      if (auto call = dyn_cast<LLVM::CallOp>(op)) {
        calls.push_back(call);
        auto part = symbols.lookup<LLVM::LLVMFuncOp>(*call.getCallee());
        // Whole entries of thousands of launches are what LLVM is slow at.
        part.setNoInline(true);
        auto passed = llvm::map_to_vector(llvm::seq(part.getNumArguments()), [&](unsigned i) {
          return sources[part.getArgAttrOfType<IntegerAttr>(i, "octet.argument").getInt()];
        });
        return WalkResult(lower(part, passed, runtimeLaunch, symbols, index));
      }
      auto launch = dyn_cast<LaunchOp>(op);
      if (!launch)
        return WalkResult::advance();
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
    takeArrays(entry, sources, calls);
    return failure(result.wasInterrupted());
  }

  /// Gives the function the parameters of octet_model.entry: thousands of tensors would be as
  /// many arguments, which takes LLVM time by the square of their number.
  static void takeArrays(LLVM::LLVMFuncOp function, ArrayRef<Source> sources,
                         ArrayRef<LLVM::CallOp> calls) {
    auto pointer = LLVM::LLVMPointerType::get(function.getContext());
    Block &block = function.getBody().front();
    ImplicitLocOpBuilder b(function.getLoc(), function.getContext());
    SmallVector<Value> parameters;
    for (unsigned parameter = Context; parameter <= Arena; ++parameter)
      parameters.push_back(block.addArgument(pointer, function.getLoc()));
    for (LLVM::CallOp call : calls) {
      b.setInsertionPoint(call);
      LLVM::CallOp::create(b, TypeRange(), call.getCalleeAttr(), parameters);
      call.erase();
    }
    // What was passed on to parts is read there.
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (isOpTriviallyDead(&op))
        op.erase();
    b.setInsertionPointToStart(&block);
    for (auto [i, source] : llvm::enumerate(sources)) {
      BlockArgument argument = block.getArgument(i);
      if (argument.use_empty())
        continue;
      Value value = parameters[source.parameter];
      if (source.parameter == Inputs || source.parameter == Outputs)
        value = LLVM::LoadOp::create(b, pointer,
                                     LLVM::GEPOp::create(b, pointer, pointer, value,
                                                         ArrayRef<LLVM::GEPArg>{source.element}));
      argument.replaceAllUsesWith(value);
    }
    block.eraseArguments(0, sources.size());
    // They have been read into the model's descriptor; LLVM has no place for them.
    function.removeArgAttrsAttr();
    SmallVector<Type> types(parameters.size(), pointer);
    function.setFunctionType(
        LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(function.getContext()), types));
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

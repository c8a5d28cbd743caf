// One function for each distinct kernel, one launch for each op. Kernels take what
// differs between layers as buffers, so that equal ones are found by comparing
// their printed bodies: no signature has to be kept in step with the emitters.

#include "codegen/emit/ElementwiseKernel.h"
#include "codegen/kernel/KernelBuilder.h"
#include "codegen/lower/Passes.h"
#include "dialect/Entries.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;

namespace octet {

#define GEN_PASS_DEF_EMITKERNELS
#include "codegen/lower/Passes.h.inc"

namespace {

using codegen::KernelBuilder;

constexpr int64_t kConstantAlignment = 64;

/// Constant bytes of all kernels, equal ones stored once. Small ones, as the parameters
/// of a kernel, share lines.
class ConstantPool {
public:
  int64_t add(ArrayRef<char> content) {
    auto [entry, isNew] = offsets.try_emplace(StringRef(content.data(), content.size()), 0);
    if (isNew)
      entry->second = place(content);
    return entry->second;
  }
  ArrayRef<char> getBytes() const { return bytes; }

private:
  int64_t place(ArrayRef<char> content) {
    const int64_t size = content.size();
    // No element is larger, and nothing small crosses a line.
    constexpr int64_t kElementAlignment = 8;
    const int64_t share = llvm::alignTo(size, kElementAlignment);
    if (share > kConstantAlignment / 2 || lineLeft < share) {
      int64_t offset = bytes.size();
      bytes.resize(llvm::alignTo(offset + size, kConstantAlignment));
      llvm::copy(content, bytes.begin() + offset);
      if (share <= kConstantAlignment / 2) {
        lineNext = offset + share;
        lineLeft = kConstantAlignment - share;
      }
      return offset;
    }
    int64_t offset = lineNext;
    llvm::copy(content, bytes.begin() + offset);
    lineNext += share;
    lineLeft -= share;
    return offset;
  }

  /// The line that small constants are put in.
  int64_t lineNext = 0, lineLeft = 0;
  SmallVector<char, 0> bytes;
  llvm::StringMap<int64_t> offsets;
};

/// Emission of one module; a fresh one for each run of the pass.
class Emission {
public:
  Emission(ModuleOp module, const codegen::Target &target)
      : module(module), target(target), symbols(module) {}

  /// Emits `function` as @entryName. Entries share kernels and constants.
  LogicalResult run(func::FuncOp function, StringRef entryName) {
    main = function;
    base.clear();
    createEntry(entryName);
    for (Operation &op : main.getBody().front())
      if (!isa<ConstantOp>(op) && !op.hasTrait<OpTrait::IsTerminator>() && failed(emit(&op)))
        return failure();
    func::ReturnOp::create(*builder);
    entries.push_back(entry);
    main.erase();
    return success();
  }

  void finish() {
    SmallVector<char, 0> bytes(pool.getBytes());
    // Never empty, so that it has an address.
    bytes.resize(std::max<size_t>(bytes.size(), kConstantAlignment));
    MemRefType type = getBytesType(bytes.size());
    for (memref::GetGlobalOp reader : weightReaders)
      reader.getResult().setType(type);
    OpBuilder b(module.getContext());
    b.setInsertionPointAfter(entries.back());
    auto content = DenseResourceElementsAttr::get(
        RankedTensorType::get(type.getShape(), type.getElementType()), "weights",
        HeapAsmResourceBlob::allocateAndCopyWithAlign(ArrayRef<char>(bytes), kConstantAlignment));
    memref::GlobalOp::create(b, entries.front().getLoc(), "weights", b.getStringAttr("private"),
                             type, content, /*constant=*/true,
                             b.getI64IntegerAttr(kConstantAlignment));
  }

private:
  MemRefType getBytesType(int64_t bytes) {
    return MemRefType::get({bytes}, IntegerType::get(module.getContext(), 8));
  }

  /// entry(%context, inputs..., outputs..., %arena)
  void createEntry(StringRef name) {
    OpBuilder b(main);
    FunctionType type = main.getFunctionType();
    SmallVector<Type> arguments{LLVM::LLVMPointerType::get(b.getContext())};
    for (Type tensor : llvm::concat<const Type>(type.getInputs(), type.getResults()))
      arguments.push_back(getBytesType(getBufferBytes(cast<RankedTensorType>(tensor))));
    auto arenaBytes = main->getAttrOfType<IntegerAttr>("octet.arena_bytes");
    arguments.push_back(getBytesType(arenaBytes ? arenaBytes.getInt() : 0));
    entry = func::FuncOp::create(b, main.getLoc(), name, b.getFunctionType(arguments, {}));
    Block *body = entry.addEntryBlock();
    unsigned inputs = type.getNumInputs();
    // All at once: each single change would make another array of all of them, forever.
    SmallVector<DictionaryAttr> descriptions(arguments.size(), b.getDictionaryAttr({}));
    for (unsigned i = 0; i < inputs; ++i) {
      descriptions[1 + i] = describe(type.getInput(i), "input", main.getArgAttrDict(i));
      base[main.getArgument(i)] = {body->getArgument(1 + i), 0};
    }
    for (unsigned i = 0; i < type.getNumResults(); ++i)
      descriptions[1 + inputs + i] =
          describe(type.getResult(i), "output", main.getResultAttrDict(i));
    entry.setAllArgAttrs(descriptions);
    firstOutput = 1 + inputs;
    builder.emplace(main.getLoc(), OpBuilder::atBlockEnd(body));
    weights = memref::GetGlobalOp::create(*builder, getBytesType(1), "weights");
    weightReaders.push_back(weights);
  }

  DictionaryAttr describe(Type tensor, StringRef role, DictionaryAttr attributes) {
    NamedAttrList description(attributes);
    description.set("octet.type", TypeAttr::get(tensor));
    description.set("octet.role", StringAttr::get(module.getContext(), role));
    return description.getDictionary(module.getContext());
  }

  LogicalResult emit(Operation *op) {
    Value result = op->getResult(0);
    if (auto offset = op->getAttrOfType<IntegerAttr>("octet.view")) {
      auto [bytes, start] = base.lookup(op->getOperand(0));
      base[result] = {bytes, start + offset.getInt()};
      return success();
    }
    Block &body = entry.getBody().front();
    auto offset = op->getAttrOfType<IntegerAttr>("octet.offset");
    int64_t start = offset ? offset.getInt() : 0;
    if (auto output = op->getAttrOfType<IntegerAttr>("octet.output"))
      base[result] = {body.getArgument(firstOutput + output.getInt()), start};
    else if (offset)
      base[result] = {body.getArguments().back(), start};
    else
      return op->emitOpError("expected a place in memory; run octet-plan-memory first");
    if (cast<RankedTensorType>(result.getType()).getNumElements() == 0)
      return success();
    if (auto concat = dyn_cast<ConcatOp>(op))
      if (llvm::all_of(llvm::seq(concat.getNumOperands()),
                       [&](unsigned i) { return concat.isInPlace(i); }))
        return success();

    return emitKernel(op, getKernelName(op), [](KernelBuilder &kernel) -> LogicalResult {
      codegen::emitHaloFill(kernel);
      Operation *root = kernel.getRoot();
      if (!root)
        return codegen::emitElementwiseGroup(kernel);
      auto emitter = dyn_cast<codegen::KernelOpInterface>(root);
      if (!emitter)
        return root->emitOpError("has no kernel");
      return emitter.emitKernel(kernel);
    });
  }

  static std::string getKernelName(Operation *op) {
    Operation *root = op;
    if (auto group = dyn_cast<FusedOp>(op))
      root = group.getRoot() ? group.getRoot() : &group.getBlock().front();
    std::string name = root->getName().stripDialect().str();
    for (int64_t extent : cast<RankedTensorType>(op->getResult(0).getType()).getShape())
      name += "_" + std::to_string(extent);
    return name;
  }

  LogicalResult emitKernel(Operation *op, StringRef name,
                           llvm::function_ref<LogicalResult(KernelBuilder &)> emitBody) {
    auto function =
        func::FuncOp::create(op->getLoc(), name, FunctionType::get(op->getContext(), {}, {}));
    function.setPrivate();
    KernelBuilder kernel(op, function, target);
    if (failed(emitBody(kernel))) {
      function.erase();
      return failure();
    }
    kernel.finish();
    assert(kernel.getUnits() >= 0 && "kernel without a loop");
    auto isScratch = [](const KernelBuilder::Argument &argument) { return argument.isScratch; };
    if (llvm::any_of(kernel.getArguments(), isScratch) && !op->hasAttr("octet.scratch")) {
      function.erase();
      return op->emitOpError("expected a place for scratch memory; run octet-plan-memory first");
    }
    launch(op, share(function), kernel);
    return success();
  }

  /// The kernel itself, or an equal one that exists.
  func::FuncOp share(func::FuncOp function) {
    std::string key, name = function.getName().str();
    llvm::raw_string_ostream stream(key);
    function.setName("kernel");
    function.print(stream, OpPrintingFlags().useLocalScope().assumeVerified());
    auto [known, isNew] = kernels.try_emplace(key, function);
    if (!isNew) {
      function.erase();
      return known->second;
    }
    function.setName(name);
    symbols.insert(function);
    return function;
  }

  void launch(Operation *op, func::FuncOp function, const KernelBuilder &kernel) {
    SmallVector<Value> buffers;
    for (auto [argument, type] :
         llvm::zip(kernel.getArguments(), function.getFunctionType().getInputs())) {
      Value bytes = weights;
      int64_t offset = 0;
      if (argument.tensor) {
        std::tie(bytes, offset) = base.lookup(argument.tensor);
      } else if (argument.isScratch) {
        bytes = entry.getBody().front().getArguments().back();
        offset = op->getAttrOfType<IntegerAttr>("octet.scratch").getInt();
      } else {
        offset = pool.add(argument.constant);
      }
      Value position = arith::ConstantIndexOp::create(*builder, offset);
      buffers.push_back(
          memref::ViewOp::create(*builder, cast<MemRefType>(type), bytes, position, ValueRange()));
    }
    StringRef node = getNodeName(op->getLoc());
    LaunchOp::create(*builder, FlatSymbolRefAttr::get(function.getSymNameAttr()), buffers,
                     builder->getI64IntegerAttr(kernel.getUnits()),
                     builder->getStringAttr(node.empty() ? function.getName() : node));
  }

  ModuleOp module;
  func::FuncOp main, entry;
  const codegen::Target &target;
  SymbolTable symbols;
  std::optional<ImplicitLocOpBuilder> builder;
  memref::GetGlobalOp weights;
  SmallVector<func::FuncOp> entries;
  SmallVector<memref::GetGlobalOp> weightReaders;
  unsigned firstOutput = 0;
  DenseMap<Value, std::pair<Value, int64_t>> base; // tensor -> byte buffer, offset
  llvm::StringMap<func::FuncOp> kernels;
  ConstantPool pool;
};

class EmitKernels : public impl::EmitKernelsBase<EmitKernels> {
public:
  using EmitKernelsBase::EmitKernelsBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    func::FuncOp main = getEntry(module, 0);
    if (!main) {
      module.emitError("expected a function @main");
      return signalPassFailure();
    }
    std::string error;
    auto machine = codegen::lookupTarget(target, error);
    if (failed(machine)) {
      module.emitError(error);
      return signalPassFailure();
    }
    Emission emission(module, *machine);
    LogicalResult emitted = emission.run(main, "entry");
    for (unsigned i = 1; succeeded(emitted); ++i) {
      func::FuncOp other = getEntry(module, i);
      if (!other)
        break;
      emitted = emission.run(other, "entry." + std::to_string(i));
    }
    if (failed(emitted))
      return signalPassFailure();
    emission.finish();
  }
};

} // namespace
} // namespace octet

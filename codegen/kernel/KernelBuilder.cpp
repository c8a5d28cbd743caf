// Arguments, parameters and the parallel loop of one kernel. The epilogue is in
// codegen/emit/Epilogue.cpp.

#include "codegen/kernel/KernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

#include "codegen/kernel/KernelInterfaces.cpp.inc"

namespace octet::codegen {

// The parameters' arguments have this many elements until finish() knows better.
static constexpr int64_t kUnknownCount = 1;

KernelBuilder::KernelBuilder(Operation *op, func::FuncOp function, const Target &target)
    : op(op), function(function), target(target),
      builder(ImplicitLocOpBuilder::atBlockBegin(function.getLoc(), function.addEntryBlock())) {
  auto group = dyn_cast<FusedOp>(op);
  root = group ? group.getRoot() : op;
  Type index = builder.getIndexType();
  Block &entry = function.getBody().front();
  begin = entry.addArgument(index, function.getLoc());
  end = entry.addArgument(index, function.getLoc());
}

RankedTensorType KernelBuilder::getResultType() const {
  return cast<RankedTensorType>(op->getResult(0).getType());
}

Value KernelBuilder::getOutside(Value value) const {
  auto argument = dyn_cast<BlockArgument>(value);
  auto group = dyn_cast<FusedOp>(op);
  if (argument && group && argument.getOwner() == &group.getBlock())
    return group.getInputs()[argument.getArgNumber()];
  return value;
}

Value KernelBuilder::addArgument(MemRefType type, Argument argument) {
  Block &entry = function.getBody().front();
  Value value = entry.insertArgument(arguments.size(), type, function.getLoc());
  arguments.push_back(std::move(argument));
  return value;
}

Buffer KernelBuilder::getBuffer(Value value) {
  Value outside = getOutside(value);
  Buffer &buffer = buffers[outside];
  if (!buffer.memref) {
    buffer.type = cast<RankedTensorType>(outside.getType());
    MemRefType type = getBufferType(buffer.type);
    if (auto constant = getConstant(outside))
      buffer.memref = addArgument(type, {{}, getPhysicalBytes(*constant, buffer.type)});
    else
      buffer.memref = addArgument(type, {outside, {}});
  }
  return buffer;
}

Buffer KernelBuilder::getResult() { return getBuffer(op->getResult(0)); }

std::optional<reference::Tensor> KernelBuilder::getConstant(Value value) const {
  Value outside = getOutside(value);
  ElementsAttr attr = getConstantValue(outside);
  if (!attr)
    return std::nullopt;
  return reference::Tensor::fromAttr(attr, cast<RankedTensorType>(outside.getType()));
}

Value KernelBuilder::addConstant(ArrayRef<char> bytes, MemRefType type) {
  assert(static_cast<int64_t>(bytes.size()) ==
             type.getNumElements() * (type.getElementTypeBitWidth() / 8) &&
         "constant of another size than its type");
  return addArgument(type, {{}, SmallVector<char>(bytes)});
}

// Parameters of one element type share an argument. Its loads stand at the start
// of the function, where every loop can see them.
template <typename T>
static Value addParameterTo(KernelBuilder &kernel, SmallVectorImpl<T> &parameters, Value &memref,
                            Type element, T value, llvm::function_ref<Value(MemRefType)> add) {
  ImplicitLocOpBuilder &b = kernel.b();
  OpBuilder::InsertionGuard guard(b);
  if (!memref)
    memref = add(MemRefType::get({kUnknownCount}, element));
  Block &entry = cast<BlockArgument>(memref).getOwner()->getParentOp()->getRegion(0).front();
  Operation *lastLoad = nullptr;
  for (Operation *user : memref.getUsers())
    if (!lastLoad || lastLoad->isBeforeInBlock(user))
      lastLoad = user;
  if (lastLoad)
    b.setInsertionPointAfter(lastLoad);
  else
    b.setInsertionPointToStart(&entry);
  Value position = arith::ConstantIndexOp::create(b, parameters.size());
  parameters.push_back(value);
  return memref::LoadOp::create(b, memref, position);
}

Value KernelBuilder::addParameter(float value) {
  return addParameterTo(*this, floatParameters, floatParameterBuffer, builder.getF32Type(), value,
                        [&](MemRefType type) {
                          floatParameterArgument = arguments.size();
                          return addArgument(type, {});
                        });
}

Value KernelBuilder::addParameter(int32_t value) {
  return addParameterTo(*this, integerParameters, integerParameterBuffer, builder.getI32Type(),
                        value, [&](MemRefType type) {
                          integerParameterArgument = arguments.size();
                          return addArgument(type, {});
                        });
}

void KernelBuilder::parallelLoop(int64_t count, function_ref<void(Value)> body) {
  assert(units < 0 && "a kernel has one parallel loop");
  units = count;
  Value one = arith::ConstantIndexOp::create(builder, 1);
  auto loop = scf::ForOp::create(builder, begin, end, one);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

void KernelBuilder::finish() {
  builder.setInsertionPointToEnd(&function.getBody().front());
  func::ReturnOp::create(builder);
  auto close = [&](auto &parameters, Value memref, unsigned argument) {
    if (!memref)
      return;
    using T = std::decay_t<decltype(parameters[0])>;
    auto *bytes = reinterpret_cast<const char *>(parameters.data());
    arguments[argument].constant.assign(bytes, bytes + parameters.size() * sizeof(T));
    memref.setType(MemRefType::get({static_cast<int64_t>(parameters.size())},
                                   cast<MemRefType>(memref.getType()).getElementType()));
  };
  close(floatParameters, floatParameterBuffer, floatParameterArgument);
  close(integerParameters, integerParameterBuffer, integerParameterArgument);
  function.setFunctionType(
      builder.getFunctionType(function.getBody().front().getArgumentTypes(), {}));
}

} // namespace octet::codegen

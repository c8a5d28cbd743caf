// Arguments, parameters and the parallel loop of one kernel. The epilogue is in
// codegen/emit/Epilogue.cpp.

#include "codegen/kernel/KernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/bit.h"

using namespace mlir;

#include "codegen/kernel/KernelInterfaces.cpp.inc"

namespace octet::codegen {

// The parameters' argument has this many elements until finish() knows better.
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

Value KernelBuilder::addScratch(int64_t count, Type element) {
  Argument argument;
  argument.isScratch = true;
  return addArgument(MemRefType::get({count}, element ? element : builder.getF32Type()),
                     std::move(argument));
}

// All parameters share an argument, as words. Its loads stand at the start of the
// function, where every loop can see them.
Value KernelBuilder::addParameter(int32_t value) {
  OpBuilder::InsertionGuard guard(builder);
  if (!parameterBuffer) {
    parameterArgument = arguments.size();
    parameterBuffer = addArgument(MemRefType::get({kUnknownCount}, builder.getI32Type()), {});
  }
  Operation *lastLoad = nullptr;
  for (Operation *user : parameterBuffer.getUsers())
    if (!lastLoad || lastLoad->isBeforeInBlock(user))
      lastLoad = user;
  if (lastLoad)
    builder.setInsertionPointAfter(lastLoad);
  else
    builder.setInsertionPointToStart(&function.getBody().front());
  Value position = arith::ConstantIndexOp::create(builder, parameters.size());
  parameters.push_back(value);
  return memref::LoadOp::create(builder, parameterBuffer, position);
}

Value KernelBuilder::addParameter(float value) {
  Value word = addParameter(llvm::bit_cast<int32_t>(value));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointAfterValue(word);
  return arith::BitcastOp::create(builder, builder.getF32Type(), word);
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

void KernelBuilder::runOnce(function_ref<void()> body) {
  Value zero = arith::ConstantIndexOp::create(builder, 0);
  Value isFirst = arith::CmpIOp::create(builder, arith::CmpIPredicate::eq, begin, zero);
  auto branch = scf::IfOp::create(builder, isFirst, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(branch.thenBlock());
  body();
}

void KernelBuilder::finish() {
  builder.setInsertionPointToEnd(&function.getBody().front());
  func::ReturnOp::create(builder);
  if (parameterBuffer) {
    auto *bytes = reinterpret_cast<const char *>(parameters.data());
    arguments[parameterArgument].constant.assign(bytes,
                                                 bytes + parameters.size() * sizeof(int32_t));
    parameterBuffer.setType(
        MemRefType::get({static_cast<int64_t>(parameters.size())}, builder.getI32Type()));
  }
  function.setFunctionType(
      builder.getFunctionType(function.getBody().front().getArgumentTypes(), {}));
}

} // namespace octet::codegen

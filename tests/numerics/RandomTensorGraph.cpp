#include "tests/numerics/RandomTensorGraph.h"

#include "dialect/ExtentOps.h"
#include "dialect/IndexOps.h"
#include "dialect/LogicOps.h"
#include "tests/numerics/Native.h"

#include "mlir/IR/Verifier.h"

#include <cmath>

using namespace mlir;

namespace octet::test {

using reference::Tensor;

static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

RandomTensorGraph::RandomTensorGraph(MLIRContext &context, unsigned seed, int ops)
    : context(context), ops(ops), random(seed), b(UnknownLoc::get(&context), &context) {
  inputTypes.push_back(RankedTensorType::get(makeShape(4), b.getF32Type()));
  Type others[] = {b.getF32Type(),
                   b.getI32Type(),
                   b.getI64Type(),
                   b.getI8Type(),
                   IntegerType::get(&context, 8, IntegerType::Unsigned),
                   b.getI1Type()};
  for (int64_t i = range(0, 2); i > 0; --i) {
    // Of the first one's shape, or one that broadcasts with it.
    SmallVector<int64_t> shape(cast<RankedTensorType>(inputTypes[0]).getShape());
    if (chance(40))
      shape.erase(shape.begin(), shape.begin() + range(0, static_cast<int64_t>(shape.size()) - 1));
    for (int64_t &extent : shape)
      extent = chance(20) ? 1 : extent;
    inputTypes.push_back(RankedTensorType::get(
        shape, others[range(0, static_cast<int64_t>(std::size(others)) - 1)]));
  }
}

int64_t RandomTensorGraph::range(int64_t low, int64_t high) {
  return low + static_cast<int64_t>(random() % static_cast<uint64_t>(high - low + 1));
}
bool RandomTensorGraph::chance(int percent) { return range(0, 99) < percent; }

SmallVector<int64_t> RandomTensorGraph::makeShape(int64_t mostRank) {
  constexpr int64_t kExtents[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33};
  SmallVector<int64_t> shape;
  int64_t elements = 1;
  for (int64_t i = range(1, mostRank); i > 0; --i) {
    int64_t extent = kExtents[range(0, static_cast<int64_t>(std::size(kExtents)) - 1)];
    extent = elements * extent > 4000 ? range(1, 3) : extent;
    elements *= extent;
    shape.push_back(extent);
  }
  return shape;
}

Tensor RandomTensorGraph::makeTensor(RankedTensorType type) { return makeRandom(type, random); }

Value RandomTensorGraph::constant(ArrayRef<int64_t> shape, Type element, double scale) {
  Tensor tensor = makeTensor(RankedTensorType::get(shape, element));
  if (element.isF32())
    for (float &value : tensor.as<float>())
      value *= static_cast<float>(scale);
  return ConstantOp::create(b, tensor.getType(), tensor.toAttr("weights"));
}

Value RandomTensorGraph::scalar(float value) {
  Tensor tensor(RankedTensorType::get({}, b.getF32Type()));
  tensor.setFloat(0, value);
  return ConstantOp::create(b, tensor.getType(), tensor.toAttr("scalar"));
}

void RandomTensorGraph::rename() {
  std::string id = std::to_string(count++);
  b.setLoc(getOnnxLocation(&context, "node_" + id, "tensor_" + id));
}

RandomTensorGraph::Item RandomTensorGraph::any(Type element) {
  SmallVector<Item> fitting;
  for (const Item &item : items)
    if (!element || typeOf(item.value).getElementType() == element)
      fitting.push_back(item);
  size_t back = chance(60) ? 0 : random() % fitting.size();
  return fitting[fitting.size() - 1 - back];
}

RandomTensorGraph::Item RandomTensorGraph::partner(Item item) {
  SmallVector<Item> fitting;
  RankedTensorType type = typeOf(item.value);
  for (const Item &other : items)
    if (typeOf(other.value).getElementType() == type.getElementType() &&
        broadcastShapes(typeOf(other.value).getShape(), type.getShape()))
      fitting.push_back(other);
  if (chance(75))
    return fitting[random() % fitting.size()];
  SmallVector<int64_t> shape(type.getShape().drop_front(range(0, type.getRank())));
  for (int64_t &extent : shape)
    extent = chance(20) ? 1 : extent;
  return {constant(shape, type.getElementType()), true};
}

template <typename OpTy, typename... Args>
Value RandomTensorGraph::create(Args &&...args) {
  rename();
  OperationState state(b.getLoc(), OpTy::getOperationName());
  OpTy::build(b, state, Type(RankedTensorType::get({}, b.getF32Type())),
              std::forward<Args>(args)...);
  state.types.clear();
  ScopedDiagnosticHandler silence(&context, [](Diagnostic &) { return success(); });
  if (failed(OpTy::inferReturnTypes(&context, state.location, state.operands,
                                    state.attributes.getDictionary(&context),
                                    state.getRawProperties(), {}, state.types)))
    return {};
  auto type = cast<RankedTensorType>(state.types[0]);
  if (type.getNumElements() > 20000 || type.getNumElements() == 0 || type.getRank() > 6)
    return {};
  Operation *op = b.create(state);
  if (succeeded(verify(op)))
    return op->getResult(0);
  op->erase();
  return {};
}

void RandomTensorGraph::addUnary() {
  auto [x, exact] = any(b.getF32Type());
  auto number = [&](float value) { return llvm::APFloat(value); };
  switch (range(0, 14)) {
  case 0:
    return add<ReluOp>(exact, x);
  case 1:
    return add<NegOp>(exact, x);
  case 2:
    return add<AbsOp>(exact, x);
  case 3:
    return add<SigmoidOp>(false, x);
  case 4:
    return add<HardSwishOp>(false, x);
  case 5:
    return add<SiluOp>(false, x);
  case 6:
    return add<TanhOp>(false, x);
  case 7:
    return add<ErfOp>(false, x);
  case 8:
    return add<EluOp>(false, x, number(0.75f));
  case 9:
    return add<LeakyReluOp>(false, x, number(0.125f));
  case 10:
    return add<HardSigmoidOp>(false, x, number(0.2f), number(0.5f));
  case 11:
    return add<ClipOp>(exact, x, number(-1.5f), number(2.0f));
  case 12:
    if (Value clipped = create<ClipOp>(x, number(-4.0f), number(2.0f)))
      add<ExpOp>(false, clipped);
    return;
  default: { // away from poles
    Value positive = create<AbsOp>(x);
    positive = positive ? create<AddOp>(positive, scalar(0.5f)) : positive;
    if (!positive)
      return;
    int64_t kind = range(0, 2);
    if (kind == 0)
      add<SqrtOp>(false, positive);
    else if (kind == 1)
      add<LogOp>(false, positive);
    else
      add<ReciprocalOp>(false, positive);
  }
  }
}

void RandomTensorGraph::addJump() {
  auto [x, exact] = any(b.getF32Type());
  if (!exact)
    return;
  switch (range(0, 2)) {
  case 0:
    return add<FloorOp>(true, x);
  case 1:
    return add<CeilOp>(true, x);
  case 2:
    return add<RoundOp>(true, x);
  }
}

void RandomTensorGraph::addBinary() {
  Item left = any();
  Item right = partner(left);
  bool real = typeOf(left.value).getElementType().isF32();
  if (typeOf(left.value).getElementType().isInteger(1))
    return;
  bool exact = !real, kept = left.exact && right.exact;
  switch (range(0, real ? 6 : 4)) {
  case 0:
    return add<AddOp>(exact, left.value, right.value);
  case 1:
    return add<SubOp>(exact, left.value, right.value);
  case 2:
    return add<MulOp>(exact, left.value, right.value);
  case 3:
    return add<MinOp>(kept, left.value, right.value);
  case 4:
    return add<MaxOp>(kept, left.value, right.value);
  case 5:
    return add<PReluOp>(false, left.value, right.value);
  case 6: {
    Value divisor = create<AbsOp>(right.value);
    divisor = divisor ? create<AddOp>(divisor, scalar(0.5f)) : divisor;
    if (divisor)
      add<DivOp>(false, left.value, divisor);
    return;
  }
  }
}

void RandomTensorGraph::addLogic() {
  Item left = any();
  Item right = partner(left);
  Type element = typeOf(left.value).getElementType();
  bool exact = left.exact && right.exact;
  if (chance(40)) {
    for (const Item &item : items)
      if (typeOf(item.value).getElementType().isInteger(1) && chance(50))
        return add<SelectOp>(exact && item.exact, item.value, left.value, right.value);
  }
  if (!exact)
    return;
  if (element.isInteger() && chance(40))
    return add<BitwiseOp>(true, left.value, right.value, static_cast<BitwiseKind>(range(0, 2)));
  if (element.isUnsignedInteger() && chance(40))
    return add<ShiftOp>(true, left.value, right.value, static_cast<ShiftDirection>(range(0, 1)));
  if (element.isInteger() && !element.isInteger(1) && chance(30))
    return add<ModOp>(true, left.value, right.value, static_cast<ModKind>(range(0, 1)));
  add<CompareOp>(true, left.value, right.value,
                 static_cast<ComparePredicate>(range(0, getMaxEnumValForComparePredicate())));
}

void RandomTensorGraph::addCast() {
  auto [x, exact] = any();
  Type targets[] = {b.getF32Type(),
                    b.getI32Type(),
                    b.getI64Type(),
                    b.getI8Type(),
                    IntegerType::get(&context, 8, IntegerType::Unsigned),
                    b.getI1Type()};
  Type to = targets[exact ? range(0, static_cast<int64_t>(std::size(targets)) - 1) : 0];
  RankedTensorType type = typeOf(x);
  if (type.getElementType() == to)
    return;
  rename();
  Value y = CastOp::create(b, RankedTensorType::get(type.getShape(), to), x);
  items.push_back({y, exact});
  // What comes from 32 bits or more is out of proportion to the rest.
  if (to.isF32() && type.getElementTypeBitWidth() >= 8) {
    float scale = std::ldexp(1.0f, -static_cast<int>(type.getElementTypeBitWidth()) + 2);
    add<MulOp>(false, y, scalar(scale));
  }
}

void RandomTensorGraph::addMatMul() {
  Value x = any(b.getF32Type()).value;
  RankedTensorType type = typeOf(x);
  if (type.getRank() == 0)
    return;
  int64_t depth = type.getShape().back();
  constexpr int64_t kColumns[] = {1, 3, 8, 15, 16, 17, 33, 48};
  int64_t columns = kColumns[range(0, static_cast<int64_t>(std::size(kColumns)) - 1)];
  double scale = 1 / std::sqrt(static_cast<double>(depth));
  if (chance(60)) {
    Value w = constant({depth, columns}, b.getF32Type(), scale);
    Value bias = chance(50) ? constant({columns}, b.getF32Type()) : Value();
    return add<MatMulOp>(false, x, w, bias);
  }
  // By a computed matrix: another value that fits, or the transposed one.
  for (const Item &item : items) {
    RankedTensorType other = typeOf(item.value);
    if (other.getElementType().isF32() && other.getRank() >= 2 &&
        other.getDimSize(other.getRank() - 2) == depth && chance(70)) {
      if (Value product = create<MatMulOp>(x, item.value, Value()))
        add<MulOp>(false, product, scalar(static_cast<float>(scale)));
      return;
    }
  }
  if (type.getRank() < 2)
    return;
  auto permutation = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
  std::swap(permutation.back(), permutation[permutation.size() - 2]);
  Value turned = create<TransposeOp>(x, permutation);
  if (Value product = turned ? create<MatMulOp>(x, turned, Value()) : Value())
    add<MulOp>(false, product, scalar(static_cast<float>(scale)));
}

void RandomTensorGraph::addReduction() {
  auto [x, exact] = any();
  RankedTensorType type = typeOf(x);
  bool real = type.getElementType().isF32();
  if (type.getRank() == 0 || type.getElementType().isInteger(1))
    return;
  if (real && chance(40)) {
    int64_t axis = range(0, type.getRank() - 1);
    if (chance(70))
      return add<SoftmaxOp>(false, x, axis);
    return add<LogSoftmaxOp>(false, x, axis);
  }
  SmallVector<int64_t> axes;
  for (int64_t i = 0; i < type.getRank(); ++i)
    if (chance(50))
      axes.push_back(i);
  if (axes.empty())
    axes.push_back(type.getRank() - 1);
  ReduceKind kind = static_cast<ReduceKind>(range(0, 3));
  if (!real && kind == ReduceKind::Mean)
    kind = ReduceKind::Sum;
  bool picks = kind == ReduceKind::Max || kind == ReduceKind::Min;
  add<ReduceOp>(picks ? exact : !real, x, kind, axes, chance(50));
}

void RandomTensorGraph::addReshape() {
  auto [x, exact] = any();
  RankedTensorType type = typeOf(x);
  SmallVector<int64_t> shape(type.getShape());
  switch (range(0, 3)) {
  case 0:
    shape.insert(shape.begin() + range(0, type.getRank()), 1);
    break;
  case 1: // join two
    if (shape.size() < 2)
      return;
    shape[1] *= shape[0];
    shape.erase(shape.begin());
    break;
  case 2: // split one
    for (size_t i = 0; i < shape.size(); ++i)
      for (int64_t factor : {2, 3, 4})
        if (shape[i] > factor && shape[i] % factor == 0 && chance(60)) {
          shape[i] /= factor;
          shape.insert(shape.begin() + i + 1, factor);
          return add<ReshapeOp>(exact, x, shape);
        }
    return;
  case 3:
    shape = {type.getNumElements()};
    break;
  }
  add<ReshapeOp>(exact, x, shape);
}

void RandomTensorGraph::addMove() {
  auto [x, exact] = any();
  RankedTensorType type = typeOf(x);
  int64_t rank = type.getRank();
  if (rank == 0)
    return;
  SmallVector<int64_t> shape(type.getShape());
  switch (range(0, 3)) {
  case 0: {
    auto permutation = llvm::to_vector(llvm::seq<int64_t>(0, rank));
    for (int64_t i = rank - 1; i > 0; --i)
      std::swap(permutation[i], permutation[range(0, i)]);
    return add<TransposeOp>(exact, x, permutation);
  }
  case 1: {
    SmallVector<int64_t> offsets(rank, 0), sizes(shape), steps(rank, 1);
    for (int64_t i = 0; i < rank; ++i) {
      if (chance(50))
        continue;
      offsets[i] = range(0, shape[i] - 1);
      steps[i] = chance(30) ? range(1, 3) : 1;
      sizes[i] = range(1, llvm::divideCeil(shape[i] - offsets[i], steps[i]));
      if (chance(25)) {
        offsets[i] += (sizes[i] - 1) * steps[i];
        steps[i] = -steps[i];
      }
      steps[i] = sizes[i] == 1 ? 1 : steps[i];
    }
    return add<SliceOp>(exact, x, offsets, sizes, steps);
  }
  case 2: {
    SmallVector<int64_t> low(rank, 0), high(rank, 0);
    for (int64_t i = 0; i < rank; ++i)
      if (chance(50)) {
        low[i] = range(0, 2);
        high[i] = range(0, 3);
      }
    return add<PadOp>(exact, x, low, high, static_cast<PadMode>(range(0, 2)),
                      llvm::APFloat(chance(50) ? 0.0f : 1.0f));
  }
  case 3: {
    for (int64_t &extent : shape)
      extent = extent == 1 ? range(1, 5) : extent;
    if (chance(40))
      shape.insert(shape.begin(), range(1, 4));
    return add<ExpandOp>(exact, x, shape);
  }
  }
}

void RandomTensorGraph::addGather() {
  auto [x, exact] = any();
  RankedTensorType type = typeOf(x);
  if (type.getRank() == 0)
    return;
  int64_t axis = range(0, type.getRank() - 1), extent = type.getDimSize(axis);
  // Computed ones are clamped: any integers will do.
  for (const Item &item : items)
    if (item.exact && typeOf(item.value).getNumElements() < 40 &&
        (typeOf(item.value).getElementType().isInteger(32) ||
         typeOf(item.value).getElementType().isInteger(64)) &&
        chance(60))
      return add<GatherOp>(exact, x, item.value, axis);
  Tensor indices(RankedTensorType::get(makeShape(2), b.getI64Type()));
  if (indices.size() > 100)
    return;
  for (int64_t i = 0; i < indices.size(); ++i)
    indices.setInteger(i, range(-extent, extent - 1));
  Value given = ConstantOp::create(b, indices.getType(), indices.toAttr("indices"));
  add<GatherOp>(exact, x, given, axis);
}

// Ops that decide by order, so that operands are exact. Their indices go on to addGather.
void RandomTensorGraph::addOrder() {
  auto [x, exact] = any();
  RankedTensorType type = typeOf(x);
  if (!exact || type.getRank() == 0)
    return;
  int64_t axis = range(0, type.getRank() - 1), extent = type.getDimSize(axis);
  auto which = chance(50) ? Extremum::Largest : Extremum::Smallest;
  switch (range(0, 4)) {
  case 0:
    return add<ArgExtremumOp>(true, which, x, axis, chance(50));
  case 1: {
    Value indices = create<TopKIndicesOp>(which, x, range(1, extent), axis);
    if (!indices)
      return;
    items.push_back({indices, true});
    return add<GatherElementsOp>(true, x, indices, axis);
  }
  case 2:
    return add<SliceOrderOp>(true, x, axis);
  case 3:
    for (const Item &item : items)
      if (RankedTensorType mask = typeOf(item.value);
          item.exact && mask.getElementType().isInteger(1) && chance(60)) {
        Value flat = create<ReshapeOp>(item.value, ArrayRef<int64_t>{mask.getNumElements()});
        if (flat)
          add<TrueIndicesOp>(true, flat, range(-3, 3));
        return;
      }
    return;
  case 4:
    if (!type.getElementType().isInteger(1))
      add<CumulativeSumOp>(!type.getElementType().isF32(), x, axis, chance(50), chance(50));
    return;
  }
}

void RandomTensorGraph::addJoin() {
  Item item = any();
  RankedTensorType type = typeOf(item.value);
  if (type.getRank() == 0)
    return;
  int64_t axis = range(0, type.getRank() - 1);
  SmallVector<Value> joined{item.value};
  bool exact = item.exact;
  for (const Item &other : items) {
    RankedTensorType candidate = typeOf(other.value);
    if (candidate.getElementType() != type.getElementType() ||
        candidate.getRank() != type.getRank() || joined.size() > 3)
      continue;
    bool fits = true;
    for (int64_t i = 0; i < type.getRank(); ++i)
      fits &= i == axis || candidate.getDimSize(i) == type.getDimSize(i);
    if (!fits || chance(30))
      continue;
    joined.push_back(other.value);
    exact &= other.exact;
  }
  add<ConcatOp>(exact, joined, axis);
}

OwningOpRef<ModuleOp> RandomTensorGraph::build() {
  OwningOpRef<ModuleOp> module(ModuleOp::create(b.getLoc()));
  b.setInsertionPointToEnd(module->getBody());
  auto main = func::FuncOp::create(b, "main", b.getFunctionType(inputTypes, {}));
  b.setInsertionPointToStart(main.addEntryBlock());
  for (auto [i, argument] : llvm::enumerate(main.getArguments())) {
    main.setArgAttr(i, "octet.name", b.getStringAttr("input_" + std::to_string(i)));
    items.push_back({argument, true});
  }
  static constexpr void (RandomTensorGraph::*kKinds[])() = {
      &RandomTensorGraph::addUnary,     &RandomTensorGraph::addUnary,
      &RandomTensorGraph::addJump,      &RandomTensorGraph::addBinary,
      &RandomTensorGraph::addBinary,    &RandomTensorGraph::addLogic,
      &RandomTensorGraph::addCast,      &RandomTensorGraph::addMatMul,
      &RandomTensorGraph::addReduction, &RandomTensorGraph::addReshape,
      &RandomTensorGraph::addMove,      &RandomTensorGraph::addMove,
      &RandomTensorGraph::addGather,    &RandomTensorGraph::addJoin,
      &RandomTensorGraph::addOrder};
  size_t inputs = items.size();
  for (int made = 0, tries = 0; made < ops && tries < 20 * ops; ++tries) {
    size_t before = items.size();
    (this->*kKinds[range(0, static_cast<int64_t>(std::size(kKinds)) - 1)])();
    made += items.size() > before;
  }
  if (items.size() == inputs)
    add<ReluOp>(true, items[0].value);
  SmallVector<Value> results{items.back().value};
  for (size_t i = inputs; i + 1 < items.size(); ++i)
    if (items[i].value.use_empty() || chance(15))
      results.push_back(items[i].value);
  rename();
  func::ReturnOp::create(b, results);
  main.setFunctionType(b.getFunctionType(inputTypes, TypeRange(ValueRange(results))));
  for (size_t i = 0; i < results.size(); ++i)
    main.setResultAttr(i, "octet.name", b.getStringAttr("output_" + std::to_string(i)));
  return module;
}

SmallVector<Tensor> RandomTensorGraph::makeInputs() {
  SmallVector<Tensor> inputs;
  for (Type type : inputTypes)
    inputs.push_back(makeTensor(cast<RankedTensorType>(type)));
  return inputs;
}

} // namespace octet::test

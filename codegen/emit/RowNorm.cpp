// Layer norm and RMS norm: a unit is a row. Partial sums are as many as the row's length
// says, whatever the width of a register, and joined in a fixed order, so that every ISA
// gives the same bits and bytes quantized from them. A row is read three times (twice
// without a mean), from L1 but for the first time.

#include "codegen/emit/BFloat16.h"
#include "codegen/emit/Emit.h"
#include "codegen/emit/Nest.h"
#include "codegen/emit/Reduction.h"
#include "dialect/TransformerOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace octet::codegen {
namespace {

class RowNormEmitter {
public:
  RowNormEmitter(Operation *op, double epsilon, bool isCentered, KernelBuilder &kernel)
      : kernel(kernel), b(kernel.b()), epsilon(epsilon), isCentered(isCentered),
        buffer(kernel.getBuffer(op->getOperand(0))), x(getFlatView(b, buffer)),
        shape(buffer.type.getShape()), extent(shape.back()),
        lanes(extent % kWideLanes == 0 ? kWideLanes : kPartials),
        m(b, b.getLoc(), VectorType::get({lanes}, b.getF32Type())),
        scalar(b, b.getLoc(), b.getF32Type()) {}

  void emit() {
    int64_t rows = 1;
    for (int64_t outer : shape.drop_back())
      rows *= outer;
    kernel.parallelLoop(rows, [&](Value row) {
      SmallVector<Value> index = delinearize(b, row, shape.drop_back());
      index.push_back(constantIndex(b, 0));
      emitRow(index);
    });
  }

private:
  // Four registers of AVX-512: sums that do not wait for each other.
  static constexpr int64_t kWideLanes = 64;

  void emitRow(SmallVector<Value> index) {
    Value from = linearize(b, x.offset, index, x.strides);
    auto load = [&](Value i, int64_t active) {
      Value stored = loadLanes(kernel, x.memref, arith::AddIOp::create(b, from, i),
                               x.strides.back(), {lanes, active});
      return emitLoaded(m, stored, buffer.type.getElementType());
    };
    auto mean = [&](function_ref<Value(Value)> term) {
      Value sums = accumulate([&](Value i, int64_t active, Value sum) {
        return m.add(sum, selectActive(b, term(load(i, active)), m.f(0), active));
      });
      Value sum = emitHorizontal(
          b, sums, [](const LaneMath &part, Value p, Value q) { return part.add(p, q); });
      return scalar.div(sum, scalar.f(extent));
    };
    Value centre = isCentered ? m.splat(mean([](Value element) { return element; })) : Value();
    auto shift = [&](Value element) { return centre ? m.sub(element, centre) : element; };
    Value square = mean([&](Value element) {
      Value shifted = shift(element);
      return m.mul(shifted, shifted);
    });
    Value deviation = scalar.sqrt(scalar.add(square, scalar.f(epsilon)));
    Value factor = m.splat(scalar.div(scalar.f(1), deviation));
    forEachVector([&](Value i, int64_t active) {
      Position position;
      position.index = index;
      position.index.back() = i;
      position.vectorDim = shape.size() - 1;
      position.lanes = lanes;
      position.active = active;
      kernel.storeResult(m.mul(shift(load(i, active)), factor), position);
    });
  }

  Value accumulate(function_ref<Value(Value i, int64_t active, Value sum)> join) {
    Value sum = m.f(0);
    int64_t full = extent / lanes * lanes;
    if (full > 0) {
      auto loop = scf::ForOp::create(b, constantIndex(b, 0), constantIndex(b, full),
                                     constantIndex(b, lanes), sum);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(loop.getBody());
      scf::YieldOp::create(b, join(loop.getInductionVar(), lanes, loop.getRegionIterArg(0)));
      sum = loop.getResult(0);
    }
    return full < extent ? join(constantIndex(b, full), extent - full, sum) : sum;
  }

  void forEachVector(function_ref<void(Value i, int64_t active)> body) {
    int64_t full = extent / lanes * lanes;
    emitLoop(b, 0, full, lanes, [&](Value i) { body(i, lanes); });
    if (full < extent)
      body(constantIndex(b, full), extent - full);
  }

  KernelBuilder &kernel;
  ImplicitLocOpBuilder &b;
  double epsilon;
  bool isCentered;
  Buffer buffer;
  FlatView x;
  ArrayRef<int64_t> shape;
  int64_t extent, lanes;
  LaneMath m, scalar;
};

template <typename Op>
struct RowNormKernel : KernelOpInterface::ExternalModel<RowNormKernel<Op>, Op> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &kernel) const {
    double epsilon = cast<Op>(op).getEpsilon().convertToFloat();
    RowNormEmitter(op, epsilon, std::is_same_v<Op, LayerNormOp>, kernel).emit();
    return success();
  }
};

} // namespace

void registerRowNormKernels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, OctetDialect *) {
    LayerNormOp::attachInterface<RowNormKernel<LayerNormOp>>(*context);
    RmsNormOp::attachInterface<RowNormKernel<RmsNormOp>>(*context);
  });
}

} // namespace octet::codegen

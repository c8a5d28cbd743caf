// Any function of one byte costs the same as a table: 256 entries, computed here
// with the scalar meaning that the evaluator uses. So transcendental functions
// between integers cost no accuracy and no polynomial.

#include "passes/quantize/Graph.h"
#include "passes/quantize/Parameters.h"
#include "passes/quantize/Passes.h"
#include "passes/quantize/UnaryChain.h"

namespace octet {

#define GEN_PASS_DEF_TABULATEUNARY
#include "passes/quantize/Passes.h.inc"

using namespace mlir;

namespace {

using ByteType = quant::UniformQuantizedType;

struct TabulateUnary : impl::TabulateUnaryBase<TabulateUnary> {
  void runOnOperation() override {
    getOperation().walk([](FusedOp group) {
      for (Operation &op : llvm::make_early_inc_range(group.getBlock()))
        if (auto quantize = dyn_cast<QuantizeOp>(op))
          tabulate(group, quantize);
      eraseDeadOps(group.getBlock());
      tidyGroupInputs(group);
    });
  }

private:
  static void tabulate(FusedOp group, QuantizeOp quantize) {
    ByteType result = getByteType(quantize.getY());
    UnaryChain chain(group);
    if (!result || !chain.collect(quantize.getX()) || !chain.getSource() || !chain.hasOps())
      return;
    // Constants may broadcast the byte to a larger shape.
    auto source = cast<RankedTensorType>(chain.getSource().getType());
    if (source.getShape() != quantize.getY().getType().getShape())
      return;
    ByteType type = getByteType(chain.getSource());
    SmallVector<int8_t> table;
    for (int i = 0; i < 256; ++i) {
      int64_t q = type.isSigned() ? int64_t(int8_t(i)) : i;
      float y = chain.evaluate(quantize.getX(), dequantizeElement(q, type));
      table.push_back(static_cast<int8_t>(quantizeElement(y, result)));
    }
    OpBuilder builder(quantize);
    auto lookup = LookupOp::create(builder, quantize.getLoc(), quantize.getY().getType(),
                                   chain.getSource(), builder.getDenseI8ArrayAttr(table));
    quantize.getY().replaceAllUsesWith(lookup.getY());
  }
};

} // namespace

} // namespace octet

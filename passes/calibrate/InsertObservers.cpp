// Observation is made visible to the backend as plain results: calibration then
// runs compiled code without a single special case in it, and the price, the
// memory of all tensors of one sample at once, is known at compile time.

#include "passes/calibrate/Passes.h"

namespace octet {

#define GEN_PASS_DEF_INSERTOBSERVERS
#include "passes/calibrate/Passes.h.inc"

using namespace mlir;

namespace {

struct InsertObservers : impl::InsertObserversBase<InsertObservers> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal() || !function.getBody().hasOneBlock())
      return;
    SmallVector<Value> values;
    SmallVector<StringRef> names;
    auto observe = [&](Value value, StringRef name) {
      auto type = dyn_cast<RankedTensorType>(value.getType());
      if (!type || !type.getElementType().isF32() || name.empty() || type.getNumElements() == 0)
        return;
      values.push_back(value);
      names.push_back(name);
    };

    for (BlockArgument argument : function.getArguments()) {
      auto name = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(), "octet.name");
      if (!name) {
        function.emitError() << "expected argument " << argument.getArgNumber()
                             << " to have 'octet.name'";
        return signalPassFailure();
      }
      observe(argument, name);
    }
    for (Operation &op : function.getBody().front())
      if (isa_and_nonnull<OctetDialect>(op.getDialect()) && !isa<ConstantOp>(op))
        for (Value result : op.getResults())
          observe(result, getTensorName(op.getLoc()));

    Builder builder(function.getContext());
    SmallVector<DictionaryAttr> attributes;
    for (StringRef name : names)
      attributes.push_back(builder.getDictionaryAttr(
          builder.getNamedAttr(kObservedAttr, builder.getStringAttr(name))));
    function.getBody().front().getTerminator()->setOperands(values);
    function.setType(FunctionType::get(function.getContext(), function.getArgumentTypes(),
                                       ValueRange(values).getTypes()));
    function.setAllResultAttrs(attributes);
  }
};

} // namespace

} // namespace octet

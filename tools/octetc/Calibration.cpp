#include "tools/octetc/Calibration.h"

#include "codegen/object/JitModel.h"
#include "passes/calibrate/Passes.h"
#include "passes/graph/Passes.h"
#include "tools/npz/Samples.h"

#include "mlir/Pass/PassManager.h"

#include <algorithm>
#include <thread>

using namespace mlir;

namespace octet {

static std::optional<npz::DType> getNpyType(Type element) {
  using npz::DType;
  if (element.isF32())
    return DType::F32;
  if (element.isF64())
    return DType::F64;
  if (element.isF16())
    return DType::F16;
  auto integer = dyn_cast<IntegerType>(element);
  if (!integer)
    return std::nullopt;
  bool isUnsigned = integer.isUnsigned();
  switch (integer.getWidth()) {
  case 1:
    return DType::Bool;
  case 8:
    return isUnsigned ? DType::U8 : DType::I8;
  case 16:
    return isUnsigned ? DType::U16 : DType::I16;
  case 32:
    return isUnsigned ? DType::U32 : DType::I32;
  default:
    return isUnsigned ? DType::U64 : DType::I64;
  }
}

FailureOr<CalibrationTable> calibrate(ModuleOp graph, StringRef data) {
  OwningOpRef<ModuleOp> observed = graph.clone();
  PassManager pm(graph.getContext());
  pm.addNestedPass<func::FuncOp>(createInsertObservers());
  pm.addNestedPass<func::FuncOp>(createFuseEpilogues());
  if (failed(pm.run(*observed)))
    return failure();
  // The values do not depend on the number of threads.
  unsigned threads = std::clamp(std::thread::hardware_concurrency(), 1u, 8u);
  auto model = codegen::JitModel::compile(*observed, "native", threads);
  if (failed(model))
    return failure();

  const codegen::ModelInfo &info = model->getInfo();
  std::vector<npz::TensorSpec> specs;
  for (const codegen::IoInfo &io : info.inputs) {
    auto dtype = getNpyType(io.type.getElementType());
    if (!dtype)
      return graph.emitError("input '") << io.name << "' has type " << io.type.getElementType()
                                        << ", which no calibration array can have",
             failure();
    specs.push_back({io.name, *dtype, io.type.getShape().vec()});
  }
  // From here on the data may be at fault, not the model.
  Location loc = UnknownLoc::get(graph.getContext());
  auto samples = npz::Samples::open(data, specs);
  if (!samples)
    return emitError(loc, llvm::toString(samples.takeError())), failure();

  CalibrationTable table;
  SmallVector<reference::Tensor> inputs, outputs;
  for (const codegen::IoInfo &io : info.inputs)
    inputs.emplace_back(io.type);
  for (const codegen::IoInfo &io : info.outputs)
    outputs.emplace_back(io.type);
  for (int64_t sample = 0; sample < samples->size(); ++sample) {
    auto fail = [&](llvm::Error error) {
      return emitError(loc, data) << ": sample " << sample << ": "
                                  << llvm::toString(std::move(error)),
             failure();
    };
    for (auto [i, input] : llvm::enumerate(inputs))
      if (llvm::Error error = samples->read(sample, i, input.bytes().data()))
        return fail(std::move(error));
    model->run(inputs, outputs);
    for (auto [io, output] : llvm::zip(info.outputs, outputs))
      if (!io.observed.empty())
        if (llvm::Error error = table.observe(io.observed, output.as<float>()))
          return fail(std::move(error));
  }
  return table;
}

} // namespace octet

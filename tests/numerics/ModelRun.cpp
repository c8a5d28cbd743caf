#include "tests/numerics/ModelRun.h"

#include "codegen/object/JitModel.h"
#include "dialect/reference/Evaluate.h"
#include "tools/RegisterEverything.h"

#include "mlir/Pass/PassManager.h"

using namespace mlir;

namespace octet::test {

using reference::Tensor;

static std::vector<double> getElements(const Tensor &tensor) {
  std::vector<double> values;
  bool isReal = isa<FloatType>(tensor.getType().getElementType());
  for (int64_t i = 0; i < tensor.size(); ++i)
    values.push_back(isReal ? tensor.getDouble(i) : static_cast<double>(tensor.getInteger(i)));
  return values;
}

static Tensor makeTensor(RankedTensorType type, ArrayRef<double> values) {
  Tensor tensor(type);
  EXPECT_EQ(tensor.size(), static_cast<int64_t>(values.size()));
  for (int64_t i = 0; i < tensor.size(); ++i)
    if (isa<FloatType>(type.getElementType()))
      tensor.setDouble(i, values[i]);
    else
      tensor.setInteger(i, static_cast<int64_t>(values[i]));
  return tensor;
}

static LogicalResult fuse(ModuleOp module) {
  QuantizeOptions precision;
  precision.precision = Precision::F32;
  PassManager pm(module.getContext());
  buildGraphPipeline(pm, GraphOptions());
  buildAssignPrecisionPipeline(pm, precision);
  pm.addNestedPass<func::FuncOp>(createFuseEpilogues());
  buildQuantizePipeline(pm, precision);
  return pm.run(module);
}

ModelRun runModel(const ModelBuilder &model, const std::vector<std::vector<double>> &inputs) {
  ModelRun result;
  DialectRegistry registry;
  registerAllDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  llvm::SmallString<128> path;
  if (llvm::sys::fs::createTemporaryFile("octet-model", "onnx", path))
    return {"no temporary file", {}, {}};
  std::ofstream(path.c_str(), std::ios::binary) << model.bytes();
  llvm::raw_string_ostream stream(result.error);
  DiagnosticPrinter printer(&context, "octetc", "", stream);
  auto module = importOnnx(context, path);
  llvm::sys::fs::remove(path);
  if (failed(module))
    return result;
  auto main = (**module).lookupSymbol<func::FuncOp>("main");
  SmallVector<Tensor> arguments;
  for (auto [type, values] : llvm::zip_equal(main.getArgumentTypes(), inputs))
    arguments.push_back(makeTensor(cast<RankedTensorType>(type), values));
  auto evaluated = reference::evaluate(main, arguments);
  if (failed(evaluated) || failed(fuse(**module)))
    return result;
  auto native = codegen::JitModel::compile(**module, "native");
  if (failed(native))
    return result;
  for (const Tensor &output : *evaluated)
    result.evaluated.push_back(getElements(output));
  for (const Tensor &output : native->run(arguments))
    result.native.push_back(getElements(output));
  return result;
}

} // namespace octet::test

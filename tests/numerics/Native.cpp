#include "tests/numerics/Native.h"

#include "codegen/target/Target.h"
#include "dialect/reference/Evaluate.h"
#include "octet/runtime.h"
#include "tests/numerics/GuardedModel.h"
#include "tools/RegisterEverything.h"

#include "mlir/Parser/Parser.h"

#include <cmath>

using namespace mlir;

namespace octet::test {

using reference::Tensor;

Tensor makeRandom(RankedTensorType type, std::mt19937 &random) {
  Tensor tensor(type);
  if (isa<FloatType>(type.getElementType())) {
    std::normal_distribution<float> normal;
    for (int64_t i = 0; i < tensor.size(); ++i)
      tensor.setFloat(i, normal(random));
  } else {
    for (char &byte : tensor.bytes())
      byte = static_cast<char>(random());
    if (type.getElementType().isInteger(1))
      for (char &byte : tensor.bytes())
        byte &= 1;
  }
  return tensor;
}

static void compareTensor(const Tensor &expected, const Tensor &got, Comparison &result) {
  if (!isa<FloatType>(expected.getType().getElementType())) {
    for (int64_t i = 0; i < expected.size(); ++i)
      result.differentIntegers += expected.getInteger(i) != got.getInteger(i);
    return;
  }
  double largest = 0, worst = 0;
  for (int64_t i = 0; i < expected.size(); ++i) {
    double e = expected.getFloat(i), g = got.getFloat(i);
    if (std::isnan(e) != std::isnan(g) || (std::isinf(e) && e != g))
      worst = INFINITY;
    if (!std::isfinite(e))
      continue;
    largest = std::max(largest, std::fabs(e));
    worst = std::max(worst, std::isfinite(g) ? std::fabs(e - g) : INFINITY);
  }
  result.relativeError = std::max(result.relativeError, worst / std::max(largest, 1e-30));
}

Comparison compareNative(const std::string &text, const std::string &target, unsigned seed) {
  Comparison result;
  DialectRegistry registry;
  registerAllDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    result.error += diagnostic.str() + "\n";
    return success();
  });
  auto fail = [&](const char *stage) {
    result.error += stage;
    return result;
  };
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
  auto main = module ? module->lookupSymbol<func::FuncOp>("main") : func::FuncOp();
  if (!main)
    return fail("expected a function @main");
  std::mt19937 random(seed);
  SmallVector<Tensor> inputs;
  for (Type type : main.getArgumentTypes())
    inputs.push_back(makeRandom(cast<RankedTensorType>(type), random));
  auto expected = reference::evaluate(main, inputs);
  if (failed(expected))
    return fail("evaluation failed");
  auto native = GuardedModel::compile(*module, target);
  if (failed(native))
    return fail("compilation failed");
  SmallVector<Tensor> got = native->run(inputs);
  for (auto [e, g] : llvm::zip_equal(*expected, got))
    compareTensor(e, g, result);
  result.native.assign(got.begin(), got.end());
  return result;
}

std::vector<std::string> getTestTargets() { return {"x86-64-v3", "native"}; }

std::vector<std::string> getAllTargets() {
  // AVX2, AVX-VNNI, AVX-512 without and with VNNI, and with bf16.
  std::vector<std::string> targets;
  for (const char *name :
       {"x86-64-v3", "alderlake", "skylake-avx512", "cascadelake", "cooperlake"}) {
    std::string error;
    auto target = codegen::lookupTarget(name, error);
    octet_model model = {};
    model.abi_version = OCTET_ABI_VERSION;
    model.struct_bytes = sizeof model;
    model.cpu_features = succeeded(target) ? target->features : ~uint64_t(0);
    if (octet_runtime_api.missing_features(&model, nullptr, 0) == 0)
      targets.push_back(name);
  }
  targets.push_back("native");
  return targets;
}

} // namespace octet::test

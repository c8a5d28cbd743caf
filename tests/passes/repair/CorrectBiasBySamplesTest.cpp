// R2, full: the mean of each contraction's results becomes that of the graph in f32, though the
// inputs of the second are wrong by all that the first has lost.

#include "dialect/reference/Evaluate.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "passes/calibrate/CalibrationTable.h"
#include "passes/graph/Passes.h"
#include "passes/quantize/Pipeline.h"
#include "passes/repair/Passes.h"
#include "passes/repair/SampledModel.h"

#include <gtest/gtest.h>

#include <random>

using namespace octet;
using namespace mlir;

namespace {

constexpr int64_t kSamples = 50;

/// Runs graphs in the evaluator.
class Evaluated : public SampledModel {
public:
  explicit Evaluated(ModuleOp graph) : graph(graph.clone()) {}

  LogicalResult run(ArrayRef<SmallVector<float>> extra,
                    llvm::function_ref<void(unsigned, ArrayRef<float>)> observe) override {
    auto function = graph->lookupSymbol<func::FuncOp>("main");
    std::mt19937 random(7);
    std::uniform_real_distribution<float> uniform(0.0f, 1.0f);
    for (int64_t sample = 0; sample < kSamples; ++sample) {
      SmallVector<reference::Tensor> arguments;
      for (Type type : function.getArgumentTypes())
        arguments.emplace_back(cast<RankedTensorType>(type));
      for (float &value : arguments[0].as<float>())
        value = uniform(random);
      for (auto [i, values] : llvm::enumerate(extra))
        llvm::copy(values, arguments[i + 1].as<float>().begin());
      auto results = reference::evaluate(function, arguments);
      if (failed(results))
        return failure();
      for (auto [i, result] : llvm::enumerate(*results))
        observe(i, result.as<float>());
    }
    return success();
  }

private:
  OwningOpRef<ModuleOp> graph;
};

struct EvaluatingRunner : SampleRunner {
  unsigned compiled = 0;
  FailureOr<std::unique_ptr<SampledModel>> compile(ModuleOp graph) override {
    ++compiled;
    return std::unique_ptr<SampledModel>(std::make_unique<Evaluated>(graph));
  }
};

/// Two layers whose first clips: its results have a mean that no analysis of weights foretells.
constexpr const char *kGraph = R"(
func.func @main(%x: tensor<1x3xf32> {octet.name = "x"}) -> (tensor<1x2xf32> {octet.name = "z"}) {
  %w = octet.constant dense<[[0.31, 1.0], [-0.77, 0.013], [0.52, -0.4]]> : tensor<3x2xf32> : tensor<3x2xf32> loc("w"("w"))
  %v = octet.constant dense<[[1.27, 0.33], [-0.45, 0.61]]> : tensor<2x2xf32> : tensor<2x2xf32> loc("v"("v"))
  %b = octet.constant dense<[0.2, -0.1]> : tensor<2xf32> : tensor<2xf32> loc("b"("b"))
  %y = octet.matmul %x, %w, %b : (tensor<1x3xf32>, tensor<3x2xf32>, tensor<2xf32>) -> tensor<1x2xf32> loc("first"("y"))
  %r = octet.relu %y : (tensor<1x2xf32>) -> tensor<1x2xf32> loc("relu"("r"))
  %z = octet.matmul %r, %v : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32> loc("second"("z"))
  return %z : tensor<1x2xf32>
})";

/// Means of the results of @main over the samples.
SmallVector<double> getMeans(ModuleOp module) {
  SmallVector<double> means(2, 0);
  auto status = Evaluated(module).run({}, [&](unsigned, ArrayRef<float> values) {
    for (auto [mean, value] : llvm::zip_equal(means, values))
      mean += value / kSamples;
  });
  EXPECT_TRUE(succeeded(status));
  return means;
}

struct CorrectBiasBySamplesTest : testing::Test {
  CorrectBiasBySamplesTest() {
    context.loadDialect<OctetDialect>();
    module = parseSourceString<ModuleOp>(kGraph, &context);
    // Ranges that clip some of what passes.
    table = std::make_shared<CalibrationTable>();
    table->observe("x", {0.0f, 0.7f});
    table->observe("r", {0.0f, 0.3f});
  }

  /// Quantizes a clone, with the pass where repairs stand or without it.
  OwningOpRef<ModuleOp> quantize(bool correct) {
    OwningOpRef<ModuleOp> clone = module->clone();
    QuantizeOptions options;
    options.table = table;
    options.addRepairPasses = [&](OpPassManager &pm) {
      if (correct)
        pm.addPass(createCorrectBiasBySamples(runner, *module, options.weights));
    };
    PassManager pm(&context);
    buildAssignPrecisionPipeline(pm, options);
    pm.addNestedPass<func::FuncOp>(createFuseEpilogues());
    buildQuantizePipeline(pm, options);
    EXPECT_TRUE(succeeded(pm.run(*clone)));
    return clone;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  std::shared_ptr<CalibrationTable> table;
  std::shared_ptr<EvaluatingRunner> runner = std::make_shared<EvaluatingRunner>();
};

TEST_F(CorrectBiasBySamplesTest, MeansOfResultsReturn) {
  SmallVector<double> exact = getMeans(*module);
  SmallVector<double> rounded = getMeans(*quantize(false));
  SmallVector<double> corrected = getMeans(*quantize(true));
  // One of the graph in f32, one of the simulation, whatever the number of layers.
  EXPECT_EQ(runner->compiled, 2u);
  for (int i = 0; i < 2; ++i) {
    EXPECT_GT(std::abs(rounded[i] - exact[i]), 0.02) << i;
    // The rest is the rounding of biases.
    EXPECT_LT(std::abs(corrected[i] - exact[i]), 0.004) << i;
  }
}

TEST_F(CorrectBiasBySamplesTest, NeedsSamples) {
  PassManager pm(&context);
  pm.addNestedPass<func::FuncOp>(createCorrectBiasBySamples(nullptr, *module, {}));
  std::string message;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    message = diagnostic.str();
    return success();
  });
  EXPECT_TRUE(failed(pm.run(*module)));
  EXPECT_EQ(message, "expected samples to correct biases by");
}

} // namespace

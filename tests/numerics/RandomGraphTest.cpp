// The whole way behind the importer on random graphs: clean-up, fusion, quantization,
// layouts, memory plan, kernels. Where a stage may not change the numbers, the numbers are
// compared. Each graph is compiled for this machine and for one of the other rows of
// microkernels that it can execute.
//
// OCTET_SEEDS=1000-4999 in the environment gives other graphs than those of each day. A graph
// that fails is shown in the shortest form that does.

#include "tests/numerics/RandomGraph.h"

#include "dialect/reference/Compare.h"
#include "dialect/reference/Evaluate.h"
#include "passes/Pipelines.h"
#include "passes/calibrate/CalibrationTable.h"
#include "passes/graph/Passes.h"
#include "passes/quantize/Config.h"
#include "passes/quantize/Pipeline.h"
#include "tests/numerics/GuardedModel.h"
#include "tests/numerics/Native.h"
#include "tests/numerics/RandomTensorGraph.h"
#include "tools/RegisterEverything.h"

#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"

#include "gtest/gtest.h"

#include <cstdlib>

using namespace mlir;
using namespace octet;
using namespace octet::test;
using reference::Tensor;

namespace {

/// Convolutional graphs, those whose integers are determined to the last one, and graphs of
/// tensors of any kind.
enum class Kind { Convolutional, Exact, Tensors };

struct Subject {
  Kind kind;
  unsigned seed;
  int ops;
};

/// What is wrong with a subject; empty if nothing is.
using Problem = std::string;

/// One compilation of one subject.
class Experiment {
public:
  explicit Experiment(const Subject &subject) : subject(subject) {
    DialectRegistry registry;
    registerAllDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    context.getDiagEngine().registerHandler([this](Diagnostic &diagnostic) {
      if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
        diagnostics += diagnostic.str() + "\n";
      return success();
    });
    if (subject.kind == Kind::Tensors) {
      RandomTensorGraph graph(context, subject.seed, subject.ops);
      module = graph.build();
      inputs = graph.makeInputs();
      samples = graph.makeInputs();
      return;
    }
    RandomGraphOptions options;
    options.ops = subject.ops;
    options.exact = subject.kind == Kind::Exact;
    RandomGraph graph(context, subject.seed, options);
    module = graph.build();
    inputs = graph.makeInputs();
    samples = graph.makeInputs();
  }

  Problem checkF32();
  Problem checkInt8();
  /// All ops in bf16; mixed: int8, bf16 and f32 by turns.
  Problem checkBF16(bool mixed);
  std::string print() {
    std::string text;
    llvm::raw_string_ostream stream(text);
    module->print(stream,
                  OpPrintingFlags().elideLargeElementsAttrs(16).elideLargeResourceString(16));
    return text;
  }

private:
  using Values = SmallVector<Tensor>;

  func::FuncOp getMain() { return module->lookupSymbol<func::FuncOp>("main"); }
  Problem runPasses(llvm::function_ref<void(OpPassManager &)> build) {
    PassManager pm(&context);
    build(pm);
    return succeeded(pm.run(*module)) ? "" : "passes fail: " + diagnostics;
  }
  Problem cleanUp() {
    return runPasses([](OpPassManager &pm) { buildGraphPipeline(pm, GraphOptions()); });
  }
  Problem quantize(const QuantizeOptions &options) {
    return runPasses([&](OpPassManager &pm) {
      buildAssignPrecisionPipeline(pm, options);
      pm.addNestedPass<func::FuncOp>(createFuseEpilogues());
      buildQuantizePipeline(pm, options);
    });
  }
  Problem evaluate(Values &values) {
    auto results = reference::evaluate(getMain(), inputs);
    if (failed(results))
      return "evaluation fails: " + diagnostics;
    values = std::move(*results);
    return "";
  }
  std::shared_ptr<CalibrationTable> calibrate();
  Problem compare(const Values &want, const Values &got, double decibels, const std::string &what);
  Problem compareNative(const Values &want, double decibels);

  Subject subject;
  MLIRContext context{MLIRContext::Threading::DISABLED};
  OwningOpRef<ModuleOp> module;
  Values inputs, samples;
  std::string diagnostics;
};

// What ONNX names of f32 tensors hold when @main runs.
std::shared_ptr<CalibrationTable> Experiment::calibrate() {
  auto table = std::make_shared<CalibrationTable>();
  func::FuncOp main = getMain();
  llvm::DenseMap<Value, Tensor> values;
  auto observe = [&](StringRef name, const Tensor &tensor) {
    if (!name.empty() && tensor.getType().getElementType().isF32())
      table->observe(name, tensor.as<float>());
  };
  for (auto [i, input] : llvm::enumerate(samples)) {
    values[main.getArgument(i)] = input;
    observe(main.getArgAttrOfType<StringAttr>(i, "octet.name").getValue(), input);
  }
  for (Operation &op : main.getBody().front().without_terminator()) {
    SmallVector<Tensor> operands;
    for (Value operand : op.getOperands())
      operands.push_back(values.lookup(operand));
    auto results = reference::evaluate(&op, operands);
    values[op.getResult(0)] = results->front();
    observe(getTensorName(op.getLoc()), results->front());
  }
  return table;
}

Problem Experiment::compare(const Values &want, const Values &got, double decibels,
                            const std::string &what) {
  for (auto [i, w, g] : llvm::enumerate(want, got)) {
    std::string where = what + ", output " + std::to_string(i) + ": ";
    Type element = w.getType().getElementType();
    if (w.getType() != g.getType())
      return where + "types differ";
    if (!element.isF32()) {
      if (w.bytes() != g.bytes())
        return where + "integers differ";
      continue;
    }
    double sqnr =
        reference::getSqnr(w.template as<float>().data(), g.template as<float>().data(), w.size());
    if (!(sqnr >= decibels))
      return where + "expected " + std::to_string(decibels) + " dB, got " + std::to_string(sqnr);
  }
  return "";
}

// Threads, alignment and memory that is not the model's are GuardedModel's affair.
Problem Experiment::compareNative(const Values &want, double decibels) {
  std::vector<std::string> targets = getAllTargets();
  for (const std::string &target : {targets[subject.seed % (targets.size() - 1)], targets.back()}) {
    OwningOpRef<ModuleOp> copy = module->clone();
    auto native = GuardedModel::compile(*copy, target);
    if (failed(native))
      return "compilation for " + target + " fails: " + diagnostics;
    Values got = native->run(inputs);
    if (Problem problem = compare(want, got, decibels, target); !problem.empty())
      return problem;
  }
  return "";
}

Problem Experiment::checkF32() {
  if (failed(verify(*module)))
    return "the generator made no graph: " + diagnostics;
  Values want, rewritten;
  if (Problem problem = evaluate(want); !problem.empty())
    return problem;
  if (Problem problem = cleanUp(); !problem.empty())
    return problem;
  if (Problem problem = runPasses(
          [](OpPassManager &pm) { pm.addNestedPass<func::FuncOp>(createFuseEpilogues()); });
      !problem.empty())
    return problem;
  if (Problem problem = evaluate(rewritten); !problem.empty())
    return problem;
  // Products of products, and differences of near ones, lose more.
  bool general = subject.kind == Kind::Tensors;
  if (Problem problem = compare(want, rewritten, general ? 80 : 110, "graph passes");
      !problem.empty())
    return problem;
  return compareNative(want, general ? 70 : 100);
}

Problem Experiment::checkInt8() {
  if (Problem problem = cleanUp(); !problem.empty())
    return problem;
  QuantizeOptions options;
  options.table = calibrate();
  if (Problem problem = quantize(options); !problem.empty())
    return problem;
  Values want;
  if (Problem problem = evaluate(want); !problem.empty())
    return problem;
  // One integer that is off by one is far below this; a last bit of an f32 average behind the
  // last quantized value is above.
  if (subject.kind == Kind::Exact)
    return compareNative(want, 120);
  return compareNative(want, 20);
}

Problem Experiment::checkBF16(bool mixed) {
  if (Problem problem = cleanUp(); !problem.empty())
    return problem;
  Values exact, want;
  if (Problem problem = evaluate(exact); !problem.empty())
    return problem;
  QuantizeOptions options;
  options.precision = mixed ? Precision::Int8 : Precision::BF16;
  if (mixed) {
    options.table = calibrate();
    auto config = std::make_shared<Config>();
    int turn = static_cast<int>(subject.seed);
    for (Operation &op : getMain().getBody().front())
      if (StringRef name = getNodeName(op.getLoc());
          !name.empty() && !isa<ConstantOp, func::ReturnOp>(op) && turn++ % 3) {
        Config::Rule rule;
        rule.names.push_back(name.str());
        rule.precision = turn % 3 ? Precision::BF16 : Precision::F32;
        config->rules.push_back(std::move(rule));
      }
    options.config = config;
  }
  if (Problem problem = quantize(options); !problem.empty())
    return problem;
  if (Problem problem = evaluate(want); !problem.empty())
    return problem;
  if (Problem problem = compare(exact, want, mixed ? 15 : 35, "quantization"); !problem.empty())
    return problem;
  // Sums near a tie round to the other neighbour here and there.
  return compareNative(want, mixed ? 30 : 50);
}

class RandomGraphTest : public ::testing::TestWithParam<unsigned> {
protected:
  /// Runs `check`; a graph that fails, as few ops of it as will do.
  void expectNoProblem(Kind kind, int ops,
                       llvm::function_ref<Problem(Experiment &experiment)> check) {
    Subject subject{kind, GetParam(), ops};
    auto find = [&] {
      Experiment experiment(subject);
      return check(experiment);
    };
    Problem problem = find();
    if (problem.empty())
      return;
    for (subject.ops = 1; subject.ops < ops; ++subject.ops)
      if (Problem smaller = find(); !smaller.empty()) {
        problem = smaller;
        break;
      }
    ADD_FAILURE() << "seed " << subject.seed << ", " << subject.ops << " ops: " << problem << "\n"
                  << Experiment(subject).print();
  }
};

TEST_P(RandomGraphTest, F32) {
  expectNoProblem(Kind::Convolutional, 10, [](Experiment &e) { return e.checkF32(); });
}

TEST_P(RandomGraphTest, Int8) {
  expectNoProblem(Kind::Exact, 10, [](Experiment &e) { return e.checkInt8(); });
}

TEST_P(RandomGraphTest, BF16) {
  expectNoProblem(Kind::Convolutional, 10, [](Experiment &e) { return e.checkBF16(false); });
}

TEST_P(RandomGraphTest, Mixed) {
  expectNoProblem(Kind::Convolutional, 10, [](Experiment &e) { return e.checkBF16(true); });
}

TEST_P(RandomGraphTest, Tensors) {
  expectNoProblem(Kind::Tensors, 14, [](Experiment &e) { return e.checkF32(); });
}

TEST_P(RandomGraphTest, TensorsInt8) {
  expectNoProblem(Kind::Tensors, 14, [](Experiment &e) { return e.checkInt8(); });
}

std::pair<unsigned, unsigned> getSeeds() {
  unsigned first = 0, last = 34;
#if __has_feature(address_sanitizer)
  last = 4; // a fifth of the speed, and no graph is another one
#endif
  if (const char *given = std::getenv("OCTET_SEEDS")) {
    auto [low, high] = llvm::StringRef(given).split('-');
    if (low.getAsInteger(10, first) || high.getAsInteger(10, last) || last < first)
      llvm::report_fatal_error("expected OCTET_SEEDS=FIRST-LAST");
  }
  return {first, last};
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomGraphTest,
                         ::testing::Range(getSeeds().first, getSeeds().second + 1));

} // namespace

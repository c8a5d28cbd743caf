// Compiled models in programs with threads: one model in many contexts at once, and two
// models of one process.

#include "codegen/object/JitModel.h"
#include "octet/runtime.h"
#include "tests/numerics/Native.h"
#include "tools/RegisterEverything.h"

#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

#include <atomic>
#include <thread>

using namespace mlir;
using namespace octet;
using namespace octet::test;
using reference::Tensor;

namespace {

/// A few kernels that use the arena: products, a window, a softmax.
class Network {
public:
  Network(int64_t channels, unsigned seed) : random(seed), context(getRegistry()) {
    context.disableMultithreading();
    context.loadAllAvailableDialects();
    std::string x = "tensor<1x" + std::to_string(channels) + "x9x9xf32>";
    std::string flat = "tensor<" + std::to_string(channels) + "x81xf32>";
    std::string square =
        "tensor<" + std::to_string(channels) + "x" + std::to_string(channels) + "xf32>";
    std::string text =
        "func.func @main(%x: " + x + ", %w: " + flat + ") -> " + square + " {\n" +
        " %p = octet.max_pool %x {kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = "
        "array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>} : (" +
        x + ") -> " + x +
        "\n %f = octet.reshape %p {shape = array<i64: " + std::to_string(channels) + ", 81>} : (" +
        x + ") -> " + flat + "\n %t = octet.transpose %w {permutation = array<i64: 1, 0>} : (" +
        flat + ") -> tensor<81x" + std::to_string(channels) +
        "xf32>\n %m = octet.matmul %f, %t : (" + flat + ", tensor<81x" + std::to_string(channels) +
        "xf32>) -> " + square + "\n %s = octet.softmax %m {axis = 1 : i64} : (" + square + ") -> " +
        square + "\n return %s : " + square + "\n}";
    module = parseSourceString<ModuleOp>(text, &context);
    if (!module)
      return;
    for (Type type : module->lookupSymbol<func::FuncOp>("main").getArgumentTypes())
      inputs.push_back(makeRandom(cast<RankedTensorType>(type), random));
    auto compiled = codegen::JitModel::compile(*module, "native");
    if (failed(compiled))
      return;
    model.emplace(std::move(*compiled));
    expected = model->run(inputs)[0].as<float>().vec();
  }

  bool isReady() const { return model.has_value(); }
  const octet_model &getModel() const { return model->getModel(); }

  /// Runs in `context`, which is the caller's own.
  bool runsRight(octet_context *context) const {
    octet_buffer in[2], out;
    for (int i = 0; i < 2; ++i)
      in[i] = {const_cast<char *>(inputs[i].bytes().data()), inputs[i].bytes().size()};
    std::vector<float> result(expected.size());
    out = {result.data(), result.size() * sizeof(float)};
    return octet_runtime_api.run(context, in, 2, &out, 1) == OCTET_OK && result == expected;
  }

private:
  static DialectRegistry getRegistry() {
    DialectRegistry registry;
    registerAllDialects(registry);
    return registry;
  }

  std::mt19937 random;
  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  std::vector<Tensor> inputs;
  std::vector<float> expected;
  std::optional<codegen::JitModel> model;
};

/// Eight threads, caller i with networks[i % size]: contexts of 1 to 3 threads, thrice each.
int countRightRuns(ArrayRef<const Network *> networks) {
  std::atomic<int> good{0};
  std::vector<std::thread> callers;
  for (uint32_t caller = 0; caller < 8; ++caller)
    callers.emplace_back([&, caller] {
      const Network &network = *networks[caller % networks.size()];
      for (uint32_t threads = 1; threads <= 3; ++threads) {
        octet_context *context = nullptr;
        const octet_options options = {threads, caller % 2};
        if (octet_runtime_api.create(&network.getModel(), &options, &context) != OCTET_OK)
          continue;
        for (int i = 0; i < 10; ++i)
          good += network.runsRight(context);
        octet_runtime_api.destroy(context);
      }
    });
  for (std::thread &caller : callers)
    caller.join();
  return good;
}

TEST(Concurrency, OneModelFromEightThreads) {
  Network network(17, 1);
  ASSERT_TRUE(network.isReady());
  EXPECT_EQ(countRightRuns({&network}), 8 * 3 * 10);
}

TEST(Concurrency, TwoModelsAtOnce) {
  Network first(17, 1), second(33, 2);
  ASSERT_TRUE(first.isReady() && second.isReady());
  EXPECT_EQ(countRightRuns({&first, &second}), 8 * 3 * 10);
}

} // namespace

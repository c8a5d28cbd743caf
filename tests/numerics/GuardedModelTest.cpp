// The guard itself: kernels that stay inside pass, one that takes a single element too many
// is caught, at either end.

#include "tests/numerics/GuardedModel.h"

#include "tools/RegisterEverything.h"

#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace octet;
using namespace octet::test;
using reference::Tensor;

namespace {

// Copies 5 elements; the kernel's first element is `from`, the one it writes to is `to`.
std::string makeModule(int64_t from, int64_t to) {
  auto index = [](int64_t i) { return std::to_string(i); };
  return R"(
    func.func private @copy(%x: memref<5xf32>, %y: memref<5xf32>, %begin: index, %end: index) {
      %c1 = arith.constant 1 : index
      %from = arith.constant )" +
         index(from) + R"( : index
      %to = arith.constant )" +
         index(to) + R"( : index
      scf.for %i = %begin to %end step %c1 {
        %source = arith.addi %i, %from : index
        %target = arith.addi %i, %to : index
        %v = memref.load %x[%source] : memref<5xf32>
        memref.store %v, %y[%target] : memref<5xf32>
      }
      return
    }
    memref.global "private" constant @weights : memref<64xi8> = dense<0> {alignment = 64 : i64}
    func.func @entry(%context: !llvm.ptr,
        %x: memref<20xi8> {octet.name = "x", octet.role = "input", octet.type = tensor<5xf32>},
        %y: memref<20xi8> {octet.name = "y", octet.role = "output", octet.type = tensor<5xf32>},
        %arena: memref<64xi8>) {
      %c0 = arith.constant 0 : index
      %a = memref.view %x[%c0][] : memref<20xi8> to memref<5xf32>
      %m = memref.view %arena[%c0][] : memref<64xi8> to memref<5xf32>
      %b = memref.view %y[%c0][] : memref<20xi8> to memref<5xf32>
      octet.launch @copy(%a, %m) units(5) "first" : memref<5xf32>, memref<5xf32>
      octet.launch @copy(%m, %b) units(5) "second" : memref<5xf32>, memref<5xf32>
      return
    })";
}

std::vector<float> runCopy(int64_t from, int64_t to) {
  DialectRegistry registry;
  registerAllDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  auto module = parseSourceString<ModuleOp>(makeModule(from, to), &context);
  std::string error;
  auto target = codegen::lookupTarget("x86-64-v3", error);
  if (!module || failed(target))
    return {};
  auto model = GuardedModel::load(*module, *target);
  if (failed(model))
    return {};
  Tensor x(RankedTensorType::get({5}, Float32Type::get(&context)));
  for (int64_t i = 0; i < 5; ++i)
    x.setFloat(i, static_cast<float>(i + 1));
  SmallVector<Tensor> results = model->run({x});
  ArrayRef<float> values = results[0].as<float>();
  return {values.begin(), values.end()};
}

TEST(GuardedModel, KernelsInside) { EXPECT_EQ(runCopy(0, 0), (std::vector<float>{1, 2, 3, 4, 5})); }

TEST(GuardedModelDeathTest, ReadsBehindTheEnd) {
  EXPECT_DEATH(runCopy(1, 0), "launch 0 \\('first'\\) reaches outside of buffer 0 of 20 bytes: 0 "
                              "bytes behind its end");
}

TEST(GuardedModelDeathTest, WritesBehindTheEnd) {
  EXPECT_DEATH(runCopy(0, 1), "reaches outside of buffer 1 of 20 bytes: 0 bytes behind its end");
}

TEST(GuardedModelDeathTest, ReadsBeforeTheBegin) {
  EXPECT_DEATH(runCopy(-1, 0), "reaches outside of buffer 0 of 20 bytes: 4 bytes before its begin");
}

} // namespace

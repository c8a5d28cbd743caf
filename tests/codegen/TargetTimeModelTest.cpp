// The estimates that decide on precisions: what must hold of them whatever the constants.

#include "codegen/tune/TargetTimeModel.h"
#include "codegen/lower/Pipeline.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace octet;
using octet::codegen::TargetTimeModel;

namespace {

class TargetTimeModelTest : public testing::Test {
protected:
  TargetTimeModelTest() {
    DialectRegistry registry;
    registry.insert<OctetDialect, func::FuncDialect>();
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    b.emplace(UnknownLoc::get(&context), &context);
    module = ModuleOp::create(b->getLoc());
    b->setInsertionPointToEnd(module->getBody());
    auto function = func::FuncOp::create(*b, "f", b->getFunctionType({}, {}));
    b->setInsertionPointToStart(function.addEntryBlock());
  }

  RankedTensorType getType(ArrayRef<int64_t> shape) {
    return RankedTensorType::get(shape, b->getF32Type());
  }
  Value makeInput(ArrayRef<int64_t> shape) {
    Block *block = b->getInsertionBlock();
    return block->addArgument(getType(shape), b->getLoc());
  }
  Value makeConstant(ArrayRef<int64_t> shape) {
    return ConstantOp::create(*b, DenseElementsAttr::get(getType(shape), b->getF32FloatAttr(1)));
  }
  Operation *makeConv(int64_t c, int64_t size, int64_t o, int64_t k, int64_t group = 1) {
    Value x = makeInput({1, c, size, size}), w = makeConstant({o, c / group, k, k});
    SmallVector<int64_t> ones = {1, 1}, pads(4, k / 2);
    return ConvOp::create(*b, x, w, Value(), ones, pads, ones, group);
  }
  Operation *makeMatMul(int64_t m, int64_t k, int64_t n) {
    Value a = makeInput({m, k}), w = makeConstant({k, n});
    return MatMulOp::create(*b, a, w, Value());
  }
  static std::shared_ptr<const TimeModel> getModel(StringRef target) {
    std::string error;
    return TargetTimeModel::create(target, error);
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  std::optional<ImplicitLocOpBuilder> b;
};

constexpr const char *kTargets[] = {"x86-64-v3", "alderlake", "skylake-avx512", "cascadelake",
                                    "znver5"};

TEST_F(TargetTimeModelTest, MoreWorkTakesLonger) {
  for (const char *target : kTargets)
    for (Precision precision : {Precision::Int8, Precision::BF16, Precision::F32}) {
      auto model = getModel(target);
      auto getTime = [&](Operation *op) { return model->getTime(op, precision); };
      EXPECT_GT(getTime(makeConv(1, 1, 1, 1)), 0);
      EXPECT_GT(getTime(makeConv(64, 33, 64, 1)), getTime(makeConv(64, 17, 64, 1)));
      EXPECT_GT(getTime(makeConv(64, 17, 64, 3)), getTime(makeConv(64, 17, 64, 1)));
      EXPECT_GT(getTime(makeConv(64, 17, 64, 3)), getTime(makeConv(64, 17, 64, 3, 64)));
      EXPECT_GT(getTime(makeConv(64, 17, 64, 5, 64)), getTime(makeConv(64, 17, 64, 3, 64)));
      EXPECT_GT(getTime(makeMatMul(15, 300, 300)), getTime(makeMatMul(1, 300, 300)));
    }
}

TEST_F(TargetTimeModelTest, DotProductsPay) {
  // Four products for the price of one, on a shape that fills every register.
  for (const char *target : {"alderlake", "cascadelake", "znver5"}) {
    auto model = getModel(target);
    Operation *conv = makeConv(256, 14, 256, 5);
    double ratio = model->getTime(conv, Precision::F32) / model->getTime(conv, Precision::Int8);
    EXPECT_GT(ratio, 3) << target;
    EXPECT_LT(ratio, 4.5) << target;
  }
  auto model = getModel("x86-64-v3");
  Operation *conv = makeConv(256, 14, 256, 5);
  EXPECT_LT(model->getTime(conv, Precision::F32) / model->getTime(conv, Precision::Int8), 2);
}

TEST_F(TargetTimeModelTest, FloatsHaveTransformedTiles) {
  // They take a third of the products, integers do not, and are faster where there is no
  // dot product for bytes.
  Operation *conv = makeConv(64, 56, 64, 3);
  auto getRatio = [&](StringRef target) {
    auto model = getModel(target);
    return model->getTime(conv, Precision::F32) / model->getTime(conv, Precision::Int8);
  };
  EXPECT_GT(getRatio("znver5"), 1);
  EXPECT_LT(getRatio("znver5"), 2);
  EXPECT_LT(getRatio("x86-64-v3"), 1);
}

TEST_F(TargetTimeModelTest, WeightsHaveToArrive) {
  // A single row reads each weight for one multiply.
  for (const char *target : kTargets) {
    auto model = getModel(target);
    Operation *product = makeMatMul(1, 2048, 1000);
    EXPECT_GT(model->getTime(product, Precision::F32),
              2.5 * model->getTime(product, Precision::Int8))
        << target;
  }
}

TEST_F(TargetTimeModelTest, ReshapesAreFree) {
  Value x = makeInput({4, 6});
  Operation *op = ReshapeOp::create(*b, x, ArrayRef<int64_t>{24});
  EXPECT_EQ(getModel("x86-64-v3")->getTime(op, Precision::F32), 0);
}

TEST_F(TargetTimeModelTest, Borders) {
  auto model = getModel("x86-64-v3");
  auto small = getType({1, 16, 8, 8}), large = getType({1, 16, 80, 80});
  for (auto [from, to] :
       {std::pair(Precision::Int8, Precision::F32), std::pair(Precision::F32, Precision::Int8)}) {
    double inKernel = model->getBorderTime(small, from, to, BorderPlace::Kernel);
    double inRegisters = model->getBorderTime(small, from, to, BorderPlace::Registers);
    EXPECT_GT(inKernel, inRegisters);
    EXPECT_GT(inRegisters, 0);
    EXPECT_GT(model->getBorderTime(large, from, to, BorderPlace::Kernel), inKernel);
  }
  EXPECT_EQ(model->getBorderTime(small, Precision::F32, Precision::F32, BorderPlace::Kernel), 0);
}

TEST_F(TargetTimeModelTest, UnknownTarget) {
  std::string error;
  EXPECT_EQ(TargetTimeModel::create("z80", error), nullptr);
  EXPECT_NE(error.find("z80"), std::string::npos);
}

} // namespace

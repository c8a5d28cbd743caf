#include "tests/dialect/EvaluateTest.h"

using namespace octet::reference;

namespace {

using ShapeTest = EvaluateTest;
using Floats = std::vector<float>;
using Bytes = std::vector<uint8_t>;
using Longs = std::vector<int64_t>;

const char *kU8 = "!quant.uniform<u8:f32, 0.5:10>";

TEST_F(ShapeTest, Constant) {
  Tensor y = runFunction(R"(func.func @f() -> tensor<3xi64> {
    %0 = octet.constant dense<[1, -2, 3]> : tensor<3xi64> : tensor<3xi64>
    return %0 : tensor<3xi64>
  })",
                         {});
  EXPECT_EQ(values<int64_t>(y), (Longs{1, -2, 3}));
}

TEST_F(ShapeTest, SplatConstantOfQuantizedType) {
  Tensor y = runFunction(R"(func.func @f() -> tensor<3x!quant.uniform<u8:f32, 0.5:10>> {
    %0 = octet.constant dense<200> : tensor<3xi8> : tensor<3x!quant.uniform<u8:f32, 0.5:10>>
    return %0 : tensor<3x!quant.uniform<u8:f32, 0.5:10>>
  })",
                         {});
  EXPECT_EQ(values<uint8_t>(y), (Bytes{200, 200, 200}));
  EXPECT_EQ(y.getInteger(0), 200);
}

TEST_F(ShapeTest, BoolConstant) {
  Tensor y = runFunction(R"(func.func @f() -> tensor<3xi1> {
    %0 = octet.constant dense<[true, false, true]> : tensor<3xi1> : tensor<3xi1>
    return %0 : tensor<3xi1>
  })",
                         {});
  EXPECT_EQ(values<uint8_t>(y), (Bytes{1, 0, 1}));
}

TEST_F(ShapeTest, ReshapeKeepsTheOrder) {
  Tensor y = run("octet.reshape %a {shape = array<i64: 3, 1, 2>}", {count("2x3xi64")}, "3x1x2xi64");
  EXPECT_EQ(values<int64_t>(y), (Longs{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(y.getShape(), (llvm::ArrayRef<int64_t>{3, 1, 2}));
}

TEST_F(ShapeTest, Transpose) {
  Tensor y = run("octet.transpose %a {permutation = array<i64: 2, 0, 1>}", {count("1x2x3xf32")},
                 "3x1x2xf32");
  EXPECT_EQ(values(y), (Floats{0, 3, 1, 4, 2, 5}));
}

TEST_F(ShapeTest, TransposeOfEveryElementSize) {
  Bytes bits = values<uint8_t>(run("octet.transpose %a {permutation = array<i64: 1, 0>}",
                                   {make<uint8_t>("2x2xi1", {1, 0, 0, 0})}, "2x2xi1"));
  EXPECT_EQ(bits, (Bytes{1, 0, 0, 0}));
  for (std::string element : {"i8", "ui16", "f16", "bf16", "i32", "f32", "f64", "ui64"}) {
    Tensor y = run("octet.transpose %a {permutation = array<i64: 1, 0>}", {count("2x3x" + element)},
                   "3x2x" + element);
    for (auto [i, expected] : llvm::enumerate(Longs{0, 3, 1, 4, 2, 5}))
      EXPECT_EQ(llvm::isa<mlir::FloatType>(y.getType().getElementType())
                    ? static_cast<int64_t>(y.getDouble(i))
                    : y.getInteger(i),
                expected)
          << element;
  }
}

TEST_F(ShapeTest, ConcatAlongEachAxis) {
  Tensor a = count("2x2xi32"), b = count("2x1xi32", 10), c = count("1x2xi32", 20);
  EXPECT_EQ(values<int32_t>(run("octet.concat %a, %b {axis = 1 : i64}", {a, b}, "2x3xi32")),
            (std::vector<int32_t>{0, 1, 10, 2, 3, 11}));
  EXPECT_EQ(values<int32_t>(run("octet.concat %a, %b {axis = 0 : i64}", {c, a}, "3x2xi32")),
            (std::vector<int32_t>{20, 21, 0, 1, 2, 3}));
}

TEST_F(ShapeTest, ConcatWithEmptyOperand) {
  Tensor y = run("octet.concat %a, %b {axis = 0 : i64}", {count("0xi64"), count("2xi64")}, "2xi64");
  EXPECT_EQ(values<int64_t>(y), (Longs{0, 1}));
  run("octet.concat %a, %b {axis = 1 : i64}", {count("0x1xi64"), count("0x2xi64")}, "0x3xi64");
}

TEST_F(ShapeTest, SliceWithSteps) {
  Tensor x = count("3x4xf32");
  EXPECT_EQ(values(run("octet.slice %a {offsets = array<i64: 1, 0>, sizes = array<i64: 2, 2>, "
                       "steps = array<i64: 1, 3>}",
                       {x}, "2x2xf32")),
            (Floats{4, 7, 8, 11}));
  EXPECT_EQ(values(run("octet.slice %a {offsets = array<i64: 2, 3>, sizes = array<i64: 2, 2>, "
                       "steps = array<i64: -2, -2>}",
                       {x}, "2x2xf32")),
            (Floats{11, 9, 3, 1}));
}

TEST_F(ShapeTest, EmptySlice) {
  Tensor y = run("octet.slice %a {offsets = array<i64: 0>, sizes = array<i64: 0>, "
                 "steps = array<i64: 1>}",
                 {count("3xf32")}, "0xf32");
  EXPECT_EQ(y.size(), 0);
}

TEST_F(ShapeTest, PadModes) {
  Tensor x = count("1x3xf32", 1);
  EXPECT_EQ(values(run("octet.pad %a {low = array<i64: 1, 2>, high = array<i64: 0, 1>, mode = "
                       "#octet<pad_mode constant>, value = 9.0 : f32}",
                       {x}, "2x6xf32")),
            (Floats{9, 9, 9, 9, 9, 9, 9, 9, 1, 2, 3, 9}));
  EXPECT_EQ(values(run("octet.pad %a {low = array<i64: 0, 2>, high = array<i64: 0, 1>, mode = "
                       "#octet<pad_mode reflect>}",
                       {x}, "1x6xf32")),
            (Floats{3, 2, 1, 2, 3, 2}));
  EXPECT_EQ(values(run("octet.pad %a {low = array<i64: 0, 2>, high = array<i64: 0, 1>, mode = "
                       "#octet<pad_mode edge>}",
                       {x}, "1x6xf32")),
            (Floats{1, 1, 1, 2, 3, 3}));
}

TEST_F(ShapeTest, NegativePadsCrop) {
  EXPECT_EQ(values(run("octet.pad %a {low = array<i64: -1>, high = array<i64: 2>, mode = "
                       "#octet<pad_mode constant>, "
                       "value = -1.0 : f32}",
                       {count("3xf32")}, "4xf32")),
            (Floats{1, 2, -1, -1}));
}

TEST_F(ShapeTest, PadsOfQuantizedTensorsHoldTheQuantizedValue) {
  std::string type = kU8;
  EXPECT_EQ(values<uint8_t>(run("octet.pad %a {low = array<i64: 1>, high = array<i64: 0>, mode = "
                                "#octet<pad_mode constant>}",
                                {make<uint8_t>("1x" + type, {77})}, "2x" + type)),
            (Bytes{10, 77}));
  EXPECT_EQ(values<uint8_t>(run("octet.pad %a {low = array<i64: 1>, high = array<i64: 0>, mode = "
                                "#octet<pad_mode constant>, value = 3.0 : f32}",
                                {make<uint8_t>("1x" + type, {77})}, "2x" + type)),
            (Bytes{16, 77}));
}

TEST_F(ShapeTest, GatherAlongAxisWithNegativeIndices) {
  EXPECT_EQ(values(run("octet.gather %a, %b {axis = 1 : i64}",
                       {count("2x3xf32"), make<int64_t>("2xi64", {2, -3})}, "2x2xf32")),
            (Floats{2, 0, 5, 3}));
}

TEST_F(ShapeTest, GatherOfRankTwoIndices) {
  EXPECT_EQ(values(run("octet.gather %a, %b {axis = 0 : i64}",
                       {count("3x2xf32"), make<int32_t>("1x2xi32", {1, 1})}, "1x2x2xf32")),
            (Floats{2, 3, 2, 3}));
}

TEST_F(ShapeTest, GatherWithScalarIndexDropsTheAxis) {
  EXPECT_EQ(values<int64_t>(run("octet.gather %a, %b {axis = 0 : i64}",
                                {count("4xi64", 5), make<int64_t>("i64", {-1})}, "i64")),
            (Longs{8}));
}

TEST_F(ShapeTest, GatherClampsIndicesOutside) {
  EXPECT_EQ(values(run("octet.gather %a, %b {axis = 0 : i64}",
                       {count("3xf32"), make<int64_t>("3xi64", {99, -99, -4})}, "3xf32")),
            (Floats{2, 0, 0}));
}

TEST_F(ShapeTest, Expand) {
  EXPECT_EQ(
      values(run("octet.expand %a {shape = array<i64: 2, 2, 3>}", {count("2x1xf32")}, "2x2x3xf32")),
      (Floats{0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1}));
}

TEST_F(ShapeTest, DepthToSpaceModes) {
  // Channel c of 8 holds the value c: what the block holds tells the order.
  Tensor x = count("1x8x1x1xf32");
  EXPECT_EQ(
      values(run(
          "octet.depth_to_space %a {block_size = 2 : i64, mode = #octet<depth_to_space_mode dcr>}",
          {x}, "1x2x2x2xf32")),
      (Floats{0, 2, 4, 6, 1, 3, 5, 7}));
  EXPECT_EQ(
      values(run(
          "octet.depth_to_space %a {block_size = 2 : i64, mode = #octet<depth_to_space_mode crd>}",
          {x}, "1x2x2x2xf32")),
      (Floats{0, 1, 2, 3, 4, 5, 6, 7}));
}

TEST_F(ShapeTest, DepthToSpaceOfAPlane) {
  EXPECT_EQ(
      values(run(
          "octet.depth_to_space %a {block_size = 2 : i64, mode = #octet<depth_to_space_mode dcr>}",
          {count("1x4x1x2xf32")}, "1x1x2x4xf32")),
      (Floats{0, 2, 1, 3, 4, 6, 5, 7}));
}

TEST_F(ShapeTest, RelayoutKeepsLogicalOrder) {
  Tensor x = count("1x2x1x2xf32");
  EXPECT_EQ(values(run("octet.relayout %a", {x},
                       "1x2x1x2xf32, #octet.channels_last<pitch = 4, halo = [1, 1, 1, 1]>")),
            values(x));
}

TEST_F(ShapeTest, FoldableOnlyWithConstantOperandsAndBoundedResults) {
  auto module = mlir::parseSourceString<mlir::ModuleOp>(R"(
    func.func @f(%x: tensor<2xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
      %c = octet.constant dense<3.0> : tensor<2xf32> : tensor<2xf32>
      %0 = octet.concat %c, %c {axis = 0 : i64} : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
      %1 = octet.concat %c, %x {axis = 0 : i64} : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
      return %0, %1 : tensor<4xf32>, tensor<4xf32>
    })",
                                                        &context);
  auto concats = (*module->getOps<mlir::func::FuncOp>().begin()).getOps<octet::ConcatOp>();
  mlir::Operation *first = *concats.begin(), *second = *std::next(concats.begin());
  EXPECT_TRUE(isFoldable(first, 4));
  EXPECT_FALSE(isFoldable(first, 3));
  EXPECT_FALSE(isFoldable(second, 4));
  EXPECT_FALSE(isFoldable(first->getOperand(0).getDefiningOp(), 4));
  EXPECT_FALSE(isFoldable(first->getBlock()->getTerminator(), 4));
  auto folded = foldConstants(first);
  ASSERT_TRUE(mlir::succeeded(folded));
  EXPECT_EQ(values(Tensor::fromAttr(folded->front(), type("4xf32"))), (Floats{3, 3, 3, 3}));
}

TEST_F(ShapeTest, ToAttrKeepsBoolsAndLargeTensors) {
  Tensor bits = make<uint8_t>("3xi1", {1, 0, 1}), large = count("5x7xf64");
  EXPECT_EQ(values<uint8_t>(Tensor::fromAttr(bits.toAttr("b"), bits.getType())),
            values<uint8_t>(bits));
  EXPECT_EQ(values<double>(Tensor::fromAttr(large.toAttr("l"), large.getType())),
            values<double>(large));
}

} // namespace

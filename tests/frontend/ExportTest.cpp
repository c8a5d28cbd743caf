// A graph that is written and read again means what it meant.

#include "frontend/Export.h"
#include "ModelBuilder.h"
#include "dialect/reference/Evaluate.h"
#include "mlir/Parser/Parser.h"

#include <random>

using namespace octet;
using namespace octet::test;
using namespace mlir;
using reference::Tensor;

namespace {

class ExportTest : public testing::Test {
protected:
  void SetUp() override {
    context.loadDialect<OctetDialect, func::FuncDialect, quant::QuantDialect>();
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("octet-export", folder));
  }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }

  OwningOpRef<ModuleOp> parse(llvm::StringRef body) {
    return parseSourceString<ModuleOp>(body, &context);
  }

  OwningOpRef<ModuleOp> readBack(llvm::StringRef bytes) {
    std::string path = (folder + "/model.onnx").str();
    std::ofstream(path, std::ios::binary).write(bytes.data(), bytes.size());
    auto module = importOnnx(context, path);
    EXPECT_TRUE(succeeded(module));
    return succeeded(module) ? std::move(*module) : OwningOpRef<ModuleOp>();
  }

  SmallVector<Tensor> run(ModuleOp module) {
    auto function = module.lookupSymbol<func::FuncOp>("main");
    std::mt19937 random(7);
    SmallVector<Tensor> arguments;
    for (Type type : function.getArgumentTypes()) {
      Tensor tensor(cast<RankedTensorType>(type));
      for (int64_t i = 0; i < tensor.size(); ++i) {
        // Both signs, and nothing near a place where a function jumps.
        float value = 0.21f + static_cast<float>(random() % 16) / 16;
        if (type != function.getArgumentTypes()[0] && random() % 2)
          value = -value;
        isa<FloatType>(tensor.getType().getElementType())
            ? tensor.setFloat(i, value)
            : tensor.setInteger(i, static_cast<int64_t>(value * 4));
      }
      arguments.push_back(tensor);
    }
    auto results = reference::evaluate(function, arguments);
    EXPECT_TRUE(succeeded(results));
    return succeeded(results) ? *results : SmallVector<Tensor>();
  }

  /// `lines` use %p (positive), %x, both 1x4x6x6, %m (2x3) and %i (2xi64), and end in %y.
  void expectSame(const std::string &lines, const std::string &type) {
    SCOPED_TRACE(lines);
    auto module = parse(
        "func.func @main(%p: tensor<1x4x6x6xf32> {octet.name = \"p\"}, %x: tensor<1x4x6x6xf32> "
        "{octet.name = \"x\"}, %m: tensor<2x3xf32> {octet.name = \"m\"}, %i: tensor<2xi64> "
        "{octet.name = \"i\"}) -> (" +
        type + " {octet.name = \"y\"}) {\n" + lines + "\n return %y : " + type + "\n}");
    ASSERT_TRUE(module);
    auto bytes = exportQdqOnnx(*module);
    ASSERT_TRUE(succeeded(bytes));
    OwningOpRef<ModuleOp> again = readBack(*bytes);
    ASSERT_TRUE(again);
    SmallVector<Tensor> expected = run(*module), got = run(*again);
    ASSERT_EQ(expected.size(), 1u);
    ASSERT_EQ(got.size(), 1u);
    ASSERT_EQ(expected[0].getType(), got[0].getType());
    auto get = [](const Tensor &tensor, int64_t i) {
      return isa<FloatType>(tensor.getType().getElementType())
                 ? tensor.getDouble(i)
                 : static_cast<double>(tensor.getInteger(i));
    };
    for (int64_t i = 0; i < expected[0].size(); ++i)
      ASSERT_NEAR(get(expected[0], i), get(got[0], i), 1e-6 * std::fabs(get(expected[0], i))) << i;
  }
  void expectSameUnary(const std::string &op, const std::string &input = "%x") {
    expectSame("%y = octet." + op.substr(0, op.find(' ')) + " " + input +
                   (op.find(' ') == op.npos ? "" : op.substr(op.find(' '))) +
                   " : (tensor<1x4x6x6xf32>) -> tensor<1x4x6x6xf32>",
               "tensor<1x4x6x6xf32>");
  }

  MLIRContext context;
  llvm::SmallString<128> folder;
};

TEST_F(ExportTest, Functions) {
  for (const char *op : {"abs",
                         "ceil",
                         "erf",
                         "exp",
                         "floor",
                         "hard_swish",
                         "neg",
                         "relu",
                         "round",
                         "sigmoid",
                         "silu",
                         "tanh",
                         "reciprocal",
                         "clip {low = -0.25 : f32, high = 0.5 : f32}",
                         "clip {low = 0.125 : f32, high = 0x7F800000 : f32}",
                         "leaky_relu {alpha = 0.125 : f32}",
                         "elu {alpha = 0.5 : f32}",
                         "hard_sigmoid {alpha = 0.25 : f32, beta = 0.375 : f32}",
                         "softmax {axis = 1 : i64}",
                         "log_softmax {axis = 3 : i64}"})
    expectSameUnary(op);
  for (const char *op : {"log", "sqrt"})
    expectSameUnary(op, "%p");
  for (const char *op : {"add", "sub", "mul", "div", "min", "max", "prelu"})
    expectSame(std::string("%y = octet.") + op +
                   " %p, %x : (tensor<1x4x6x6xf32>, tensor<1x4x6x6xf32>) -> tensor<1x4x6x6xf32>",
               "tensor<1x4x6x6xf32>");
  expectSame("%y = octet.pow %p, %x : (tensor<1x4x6x6xf32>, tensor<1x4x6x6xf32>) -> "
             "tensor<1x4x6x6xf32>",
             "tensor<1x4x6x6xf32>");
}

TEST_F(ExportTest, Logic) {
  std::string real = "tensor<1x4x6x6xf32>", bits = "tensor<1x4x6x6xi1>";
  std::string types = " : (" + real + ", " + real + ") -> ";
  for (std::string kind : {"eq", "ne", "lt", "le", "gt", "ge"})
    expectSame("%y = octet.compare " + kind + " %x, %p" + types + bits, bits);
  expectSame("%y = octet.mod trunc %x, %p" + types + real, real);
  std::string compare = "%c = octet.compare lt %x, %p" + types + bits;
  expectSame(compare + "\n %y = octet.select %c, %x, %p : (" + bits + ", " + real + ", " + real +
                 ") -> " + real,
             real);
  for (std::string kind : {"and", "or", "xor"})
    expectSame(compare + "\n %d = octet.compare ge %x, %x" + types + bits +
                   "\n %y = octet.bitwise " + kind + " %c, %d : (" + bits + ", " + bits + ") -> " +
                   bits,
               bits);
}

TEST_F(ExportTest, Moves) {
  expectSame("%y = octet.reshape %x {shape = array<i64: 6, 24>} : (tensor<1x4x6x6xf32>) -> "
             "tensor<6x24xf32>",
             "tensor<6x24xf32>");
  expectSame("%y = octet.transpose %x {permutation = array<i64: 0, 2, 3, 1>} : "
             "(tensor<1x4x6x6xf32>) -> tensor<1x6x6x4xf32>",
             "tensor<1x6x6x4xf32>");
  expectSame("%y = octet.concat %x, %p {axis = 1 : i64} : (tensor<1x4x6x6xf32>, "
             "tensor<1x4x6x6xf32>) -> tensor<1x8x6x6xf32>",
             "tensor<1x8x6x6xf32>");
  expectSame("%y = octet.slice %x {offsets = array<i64: 0, 3, 1, 5>, sizes = array<i64: 1, 4, 2, "
             "3>, steps = array<i64: 1, -1, 2, -2>} : (tensor<1x4x6x6xf32>) -> tensor<1x4x2x3xf32>",
             "tensor<1x4x2x3xf32>");
  expectSame("%y = octet.pad %m {low = array<i64: 0, 1>, high = array<i64: 2, 0>, mode = "
             "#octet<pad_mode constant>, "
             "value = 1.5 : f32} : (tensor<2x3xf32>) -> tensor<4x4xf32>",
             "tensor<4x4xf32>");
  expectSame("%y = octet.pad %m {low = array<i64: 0, 1>, high = array<i64: 1, 0>, mode = "
             "#octet<pad_mode reflect>} "
             ": (tensor<2x3xf32>) -> tensor<3x4xf32>",
             "tensor<3x4xf32>");
  expectSame("%y = octet.gather %m, %i {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2xi64>) -> "
             "tensor<2x2xf32>",
             "tensor<2x2xf32>");
  expectSame("%y = octet.expand %m {shape = array<i64: 4, 2, 3>} : (tensor<2x3xf32>) -> "
             "tensor<4x2x3xf32>",
             "tensor<4x2x3xf32>");
  for (const char *mode : {"dcr", "crd"})
    expectSame(std::string("%y = octet.depth_to_space %x {block_size = 2 : i64, mode = "
                           "#octet<depth_to_space_mode ") +
                   mode + ">} : (tensor<1x4x6x6xf32>) -> tensor<1x1x12x12xf32>",
               "tensor<1x1x12x12xf32>");
  expectSame("%y = octet.cast %m : (tensor<2x3xf32>) -> tensor<2x3xi32>", "tensor<2x3xi32>");
}

TEST_F(ExportTest, WindowsAndReductions) {
  const std::string window = "kernel = array<i64: 3, 2>, pads = array<i64: 1, 0, 1, 1>, strides = "
                             "array<i64: 2, 1>, dilations = array<i64: 1, 1>";
  expectSame("%y = octet.max_pool %x {" + window +
                 "} : (tensor<1x4x6x6xf32>) -> "
                 "tensor<1x4x3x6xf32>",
             "tensor<1x4x3x6xf32>");
  expectSame("%y = octet.average_pool %x {" + window +
                 ", count_include_pad} : "
                 "(tensor<1x4x6x6xf32>) -> tensor<1x4x3x6xf32>",
             "tensor<1x4x3x6xf32>");
  for (const char *kind : {"mean", "sum", "max", "min", "prod"})
    expectSame(std::string("%y = octet.reduce ") + kind +
                   " %x {axes = array<i64: 1, 3>, keepdims} : (tensor<1x4x6x6xf32>) -> "
                   "tensor<1x1x6x1xf32>",
               "tensor<1x1x6x1xf32>");
  for (const char *mode : {"nearest", "linear"})
    for (const char *scale : {"2.0", "2.1"}) // 2.1 * 6 is not 12
      expectSame(std::string("%y = octet.resize %x {sizes = array<i64: 12, 12>, scales = "
                             "array<f32: 2.0, ") +
                     scale + ">, mode = #octet<resize_mode " + mode +
                     ">, coordinates = #octet<resize_coordinates half_pixel>, rounding = "
                     "#octet<resize_rounding round_prefer_floor>} : "
                     "(tensor<1x4x6x6xf32>) -> tensor<1x4x12x12xf32>",
                 "tensor<1x4x12x12xf32>");
}

TEST_F(ExportTest, Indices) {
  auto expect = [&](const std::string &op, const std::string &operands, const std::string &y) {
    expectSame("%y = octet." + op + " : " + "(" + operands + ")" + " -> " + y, y);
  };
  const std::string x = "tensor<1x4x6x6xf32>", m = "tensor<2x3xf32>", i = "tensor<2xi64>";
  for (const char *which : {"largest", "smallest"}) {
    expect(std::string("arg_extremum ") + which + " %x {axis = 2 : i64, last}", x,
           "tensor<1x4x1x6xi64>");
    expect(std::string("top_k_indices ") + which + " %x {axis = 3 : i64, k = 2 : i64}", x,
           "tensor<1x4x6x2xi64>");
  }
  expect("cumulative_sum %m {axis = 1 : i64, exclusive, reverse}", m, m);
  expect("gather_nd %m, %i {batch_dims = 0 : i64}", m + ", " + i, "tensor<f32>");
  expect("reverse_sequence %m, %i {batch_axis = 0 : i64, time_axis = 1 : i64}", m + ", " + i, m);
  const std::string values =
      "%v = octet.constant dense<[2.0, 5.0]> : tensor<2xf32> : tensor<2xf32>\n";
  expectSame(values +
                 "%y = octet.one_hot %i, %v {axis = 0 : i64, depth = 3 : i64} : (tensor<2xi64>, "
                 "tensor<2xf32>) -> tensor<3x2xf32>",
             "tensor<3x2xf32>");
  expectSame(
      values +
          "%y = octet.gather_elements %v, %i {axis = 0 : i64} : (tensor<2xf32>, tensor<2xi64>) -> "
          "tensor<2xf32>",
      "tensor<2xf32>");
  for (const char *kind : {"assign", "add", "mul"}) {
    expectSame(
        values + "%y = octet.scatter_elements " + kind +
            " %v, %i, %v {axis = 0 : i64} : (tensor<2xf32>, tensor<2xi64>, tensor<2xf32>) -> "
            "tensor<2xf32>",
        "tensor<2xf32>");
    expectSame(std::string("%u = octet.constant dense<3.0> : tensor<f32> : tensor<f32>\n%y = "
                           "octet.scatter_nd ") +
                   kind +
                   " %m, %i, %u : (tensor<2x3xf32>, tensor<2xi64>, tensor<f32>) -> "
                   "tensor<2x3xf32>",
               "tensor<2x3xf32>");
  }
  expect("max_pool_indices %x {kernel = array<i64: 3, 2>, pads = array<i64: 1, 0, 1, 1>, strides = "
         "array<i64: 2, 1>, dilations = array<i64: 1, 1>, ceil_mode, column_major}",
         x, "tensor<1x4x4x6xi64>");
}

TEST_F(ExportTest, Samples) {
  for (const char *mode : {"nearest", "linear", "cubic"})
    for (const char *padding : {"zeros", "border", "reflection"})
      expectSame(
          std::string("%g = octet.reshape %x {shape = array<i64: 1, 8, 9, 2>} : "
                      "(tensor<1x4x6x6xf32>) -> tensor<1x8x9x2xf32>\n%y = octet.grid_sample ") +
              mode + " %p, %g padding " + padding +
              " {align_corners} : (tensor<1x4x6x6xf32>, tensor<1x8x9x2xf32>) -> "
              "tensor<1x4x8x9xf32>",
          "tensor<1x4x8x9xf32>");
  for (const char *pixel : {"", ", half_pixel"})
    expectSame(
        std::string("%r = octet.constant dense<[[0.0, 1.0, 4.0, 5.0], [1.5, 0.5, 9.0, 3.0]]> : "
                    "tensor<2x4xf32> : tensor<2x4xf32>\n%y = octet.roi_align max %x, %r, %i "
                    "{height = 2 : i64, width = 3 : i64, sampling_ratio = 2 : i64, "
                    "spatial_scale = 0.5 : f32") +
            pixel +
            "} : (tensor<1x4x6x6xf32>, tensor<2x4xf32>, tensor<2xi64>) -> "
            "tensor<2x4x2x3xf32>",
        "tensor<2x4x2x3xf32>");
}

TEST_F(ExportTest, Contractions) {
  expectSame(
      "%w = octet.constant dense<0.5> : tensor<2x2x3x3xf32> : tensor<2x2x3x3xf32>\n"
      "%b = octet.constant dense<[1.0, 2.0]> : tensor<2xf32> : tensor<2xf32>\n"
      "%y = octet.conv %x, %w, %b {strides = array<i64: 1, 2>, pads = array<i64: 1, 0, 1, 2>, "
      "dilations = array<i64: 1, 2>, group = 2 : i64} : (tensor<1x4x6x6xf32>, "
      "tensor<2x2x3x3xf32>, tensor<2xf32>) -> tensor<1x2x6x2xf32>",
      "tensor<1x2x6x2xf32>");
  const std::string weights =
      "%w = octet.constant dense<0.5> : tensor<6x2xf32> : tensor<6x2xf32>\n"
      "%b = octet.constant dense<[1.0, 2.0]> : tensor<2xf32> : tensor<2xf32>\n";
  expectSame(weights + "%y = octet.matmul %x, %w, %b : (tensor<1x4x6x6xf32>, tensor<6x2xf32>, "
                       "tensor<2xf32>) -> tensor<1x4x6x2xf32>",
             "tensor<1x4x6x2xf32>");
}

// A group on integers, as the pipeline for borders leaves it. The last border stands for the
// result, which f32 readers want.
TEST_F(ExportTest, Integers) {
  expectSame(R"(
    %q = octet.quantize %x : (tensor<1x4x6x6xf32>) -> tensor<1x4x6x6x!quant.uniform<u8:f32, 0.0078125:100>>
    %w = octet.constant dense<[[[[3]], [[-4]], [[5]], [[127]]], [[[-128]], [[1]], [[0]], [[9]]]]> : tensor<2x4x1x1xi8> : tensor<2x4x1x1x!quant.uniform<i8:f32:0, {0.5, 0.25}>>
    %b = octet.constant dense<[100, -2000]> : tensor<2xi32> : tensor<2xi32>
    %s = octet.fused %q, %w, %b : (tensor<1x4x6x6x!quant.uniform<u8:f32, 0.0078125:100>>, tensor<2x4x1x1x!quant.uniform<i8:f32:0, {0.5, 0.25}>>, tensor<2xi32>) -> tensor<1x2x6x6xf32> {
    ^bb0(%0: tensor<1x4x6x6x!quant.uniform<u8:f32, 0.0078125:100>>, %1: tensor<2x4x1x1x!quant.uniform<i8:f32:0, {0.5, 0.25}>>, %2: tensor<2xi32>):
      %3 = octet.conv %0, %1, %2 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, group = 1 : i64} : (tensor<1x4x6x6x!quant.uniform<u8:f32, 0.0078125:100>>, tensor<2x4x1x1x!quant.uniform<i8:f32:0, {0.5, 0.25}>>, tensor<2xi32>) -> tensor<1x2x6x6xf32>
      %4 = octet.relu %3 : (tensor<1x2x6x6xf32>) -> tensor<1x2x6x6xf32>
      octet.yield %4 : tensor<1x2x6x6xf32>
    }
    %t = octet.quantize %s : (tensor<1x2x6x6xf32>) -> tensor<1x2x6x6x!quant.uniform<u8:f32, 0.25:7>>
    %r = octet.reshape %t {shape = array<i64: 2, 36>} : (tensor<1x2x6x6x!quant.uniform<u8:f32, 0.25:7>>) -> tensor<2x36x!quant.uniform<u8:f32, 0.25:7>>
    %v = octet.requantize %r : (tensor<2x36x!quant.uniform<u8:f32, 0.25:7>>) -> tensor<2x36x!quant.uniform<u8:f32, 0.5>>
    %y = octet.dequantize %v : (tensor<2x36x!quant.uniform<u8:f32, 0.5>>) -> tensor<2x36xf32>)",
             "tensor<2x36xf32>");
}

// Names of results are taken before those of other tensors; one value may have several.
TEST_F(ExportTest, Outputs) {
  auto module = parse(R"(
    func.func @main(%x: tensor<2xf32> {octet.name = "x"}) -> (tensor<2xf32> {octet.name = "a"},
        tensor<2xf32> {octet.name = "b"}, tensor<2xf32> {octet.name = "c"}) {
      %0 = octet.neg %x : (tensor<2xf32>) -> tensor<2xf32> loc("n"("b"))
      %1 = octet.abs %0 : (tensor<2xf32>) -> tensor<2xf32> loc("m"("tensor"))
      return %1, %1, %x : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
    })");
  auto bytes = exportQdqOnnx(*module);
  ASSERT_TRUE(succeeded(bytes));
  OwningOpRef<ModuleOp> again = readBack(*bytes);
  auto function = again->lookupSymbol<func::FuncOp>("main");
  EXPECT_EQ(function.getResultAttrOfType<StringAttr>(1, "octet.name").getValue(), "b");
  auto expected = run(*module), got = run(*again);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(expected[i].as<float>(), got[i].as<float>());
}

TEST_F(ExportTest, Refusals) {
  auto expectRefusal = [&](const std::string &line, llvm::StringRef message) {
    auto module = parse("func.func @main(%x: tensor<1x1x4x4xf32> {octet.name = \"x\"}) -> "
                        "(tensor<1x1x4x4xf32> {octet.name = \"y\"}) {\n" +
                        line + "\nreturn %x : tensor<1x1x4x4xf32>\n}");
    ASSERT_TRUE(module);
    std::string said;
    ScopedDiagnosticHandler handler(&context,
                                    [&](Diagnostic &diagnostic) { said += diagnostic.str(); });
    EXPECT_TRUE(failed(exportQdqOnnx(*module)));
    EXPECT_NE(said.find(message.str()), std::string::npos) << said;
  };
  expectRefusal(
      "%0 = octet.average_pool %x {kernel = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, "
      "strides = array<i64: 1, 1>, dilations = array<i64: 2, 1>} : (tensor<1x1x4x4xf32>) -> "
      "tensor<1x1x2x3xf32>",
      "expected dilations of 1 for ONNX, got 2, 1");
  expectRefusal("%q = octet.quantize %x : (tensor<1x1x4x4xf32>) -> "
                "tensor<1x1x4x4x!quant.uniform<u8:f32, 0.5>>\n"
                "%0 = octet.pad %q {low = array<i64: 0, 0, 1, 0>, high = array<i64: 0, 0, 0, 0>, "
                "mode = #octet<pad_mode constant>, "
                "value = 1.0 : f32} : (tensor<1x1x4x4x!quant.uniform<u8:f32, 0.5>>) -> "
                "tensor<1x1x5x4x!quant.uniform<u8:f32, 0.5>>",
                "expected a border of zeros for ONNX");
  expectRefusal(
      "%i = octet.constant dense<0> : tensor<1xi64> : tensor<1xi64>\n%u = octet.constant "
      "dense<0.0> : tensor<1x4x4xf32> : tensor<1x4x4xf32>\n%0 = octet.scatter_nd max %x, %i, "
      "%u : (tensor<1x1x4x4xf32>, tensor<1xi64>, tensor<1x4x4xf32>) -> tensor<1x1x4x4xf32>",
      "expected the kind assign, add or mul for ONNX, got max");
  expectRefusal(
      "%v = octet.reshape %x {shape = array<i64: 1, 1, 1, 4, 4>} : (tensor<1x1x4x4xf32>) -> "
      "tensor<1x1x1x4x4xf32>\n%g = octet.constant dense<0.0> : tensor<1x1x1x2x3xf32> : "
      "tensor<1x1x1x2x3xf32>\n%0 = octet.grid_sample linear %v, %g padding zeros : "
      "(tensor<1x1x1x4x4xf32>, tensor<1x1x1x2x3xf32>) -> tensor<1x1x1x1x2xf32>",
      "expected two spatial dimensions for ONNX, got");
  expectRefusal("%0 = octet.relayout %x : (tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32>",
                "has no form in ONNX");
}

} // namespace

// Shapes of inputs: what the model declares against what the user gives.

#include "ModelBuilder.h"

using namespace octet;
using namespace octet::test;

namespace {

class GraphInputs : public ImportTest {
protected:
  static ModelBuilder make(llvm::StringRef shape) {
    ModelBuilder model;
    model.input("x", shape).node("Relu", "x", "y").output("y");
    return model;
  }
  void expectShape(const ModelBuilder &model, llvm::StringRef type,
                   const ImportOptions &options = {}) {
    std::string body = importModel(model, options);
    EXPECT_NE(body.find(("-> (" + type + " {octet.name = \"y\"})").str()), std::string::npos)
        << body << diagnostics;
  }
  static ImportOptions shape(llvm::StringRef text) {
    ImportOptions options;
    options.shapes.push_back(*parseShapeOverride(text));
    return options;
  }
  static ImportOptions batch(int64_t extent) {
    ImportOptions options;
    options.batch = extent;
    return options;
  }
};

TEST_F(GraphInputs, Fixed) {
  expectShape(make("1x3x8x8"), "tensor<1x3x8x8xf32>");
  EXPECT_EQ(diagnostics, "");
}

TEST_F(GraphInputs, SymbolicBatch) {
  expectShape(make("Nx3x8x8"), "tensor<1x3x8x8xf32>");
  EXPECT_EQ(diagnostics, "octetc: remark: model.onnx: input 'x': symbolic first dimension taken "
                         "as 1 (--batch N gives another)\n");
  expectShape(make("-1x3"), "tensor<1x3xf32>");
  expectShape(make("Nx3x8x8"), "tensor<5x3x8x8xf32>", batch(5));
  EXPECT_EQ(diagnostics, "");
}

// The scalar has no first dimension to look at. Behind the other one, this once ended the process.
TEST_F(GraphInputs, ScalarBesideSymbolicBatch) {
  ModelBuilder model;
  model.input("x", "Nx4").input("s", "").node("Mul", "x s", "y").output("y");
  expectShape(model, "tensor<1x4xf32>");
  EXPECT_EQ(llvm::StringRef(diagnostics).count("symbolic first dimension"), 1u) << diagnostics;
}

TEST_F(GraphInputs, BatchWithoutSymbol) {
  expectErrors(make("1x3"),
               {"model.onnx: expected an input with a symbolic first dimension for "
                "--batch, got none"},
               batch(2));
}

TEST_F(GraphInputs, UnknownDimensions) {
  expectErrors(make("Nx3xHx-1"), {"model.onnx: input 'x': expected known dimensions, got unknown "
                                  "ones: give --shape x=1x3x<H>x?"});
  expectShape(make("Nx3xHxW"), "tensor<2x3x4x5xf32>", shape("x=2x3x4x5"));
  EXPECT_EQ(diagnostics, "");
}

TEST_F(GraphInputs, OverrideBindsOtherInputs) {
  ModelBuilder model;
  model.input("x", "NxL").input("z", "NxL").node("Add", "x z", "y").output("y");
  expectShape(model, "tensor<2x7xf32>", shape("x=2x7"));
  EXPECT_EQ(diagnostics, "");
}

TEST_F(GraphInputs, WrongOverrides) {
  expectErrors(make("Nx3"),
               {"model.onnx: expected --shape for an input of the model ('x'), got "
                "'z'"},
               shape("z=1x3"));
  expectErrors(make("Nx3"), {"model.onnx: input 'x': expected 2 dimensions in --shape, got 3"},
               shape("x=1x3x3"));
  ImportOptions twice = shape("x=1x3");
  twice.shapes.push_back(twice.shapes.front());
  expectErrors(make("Nx3"), {"model.onnx: expected one --shape for input 'x', got several"}, twice);
}

TEST_F(GraphInputs, NotTensors) {
  ModelBuilder model = make("1");
  model.graph().mutable_input(0)->mutable_type()->mutable_sequence_type();
  expectErrors(model, {"model.onnx: input 'x': expected a tensor, got a sequence"});
  ModelBuilder complex;
  complex.input("x", "1", onnx::TensorProto::COMPLEX64).node("Relu", "x", "y").output("y");
  expectErrors(complex, {"model.onnx: input 'x': element type complex64 is not supported"});
}

// Nothing is computed of an input without elements, nor from what follows from it alone.
TEST_F(GraphInputs, NoElements) {
  ModelBuilder model = make("0x3");
  std::string body = importModel(model);
  EXPECT_NE(body.find("%arg0: tensor<0x3xf32> {octet.name = \"x\"}"), std::string::npos) << body;
  EXPECT_NE(body.find("octet.constant"), std::string::npos) << body;
  EXPECT_EQ(body.find("octet.relu"), std::string::npos) << body;
}

TEST_F(GraphInputs, InitializerWins) {
  ModelBuilder model;
  model.input("x", "4").input("w", "4").weights("w", {4}).node("Add", "x w", "y").output("y");
  std::string body = importModel(model);
  EXPECT_NE(body.find("func.func @main(%arg0: tensor<4xf32> {octet.name = \"x\"}) -> "),
            std::string::npos)
      << body;
}

TEST(ShapeOverride, Parses) {
  auto given = parseShapeOverride("a=b=1x3x224x224");
  ASSERT_TRUE(given);
  EXPECT_EQ(given->input, "a=b");
  EXPECT_EQ(given->shape, (std::vector<int64_t>{1, 3, 224, 224}));
  for (const char *bad :
       {"", "x", "=1", "x=1x", "x=ax3", "x=0", "x=-1", "x=1x3,4", "x=99999999999999999999"})
    EXPECT_FALSE(parseShapeOverride(bad)) << bad;
  auto scalar = parseShapeOverride("x=");
  ASSERT_TRUE(scalar);
  EXPECT_TRUE(scalar->shape.empty());
}

} // namespace

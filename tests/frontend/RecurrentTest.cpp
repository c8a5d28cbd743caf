// What LSTM, GRU and RNN refuse, and what they become.

#include "ModelBuilder.h"

using namespace octet;
using namespace octet::test;

namespace {

using Recurrent = ImportTest;

ModelBuilder make(llvm::StringRef op, std::vector<int64_t> w, std::vector<int64_t> r,
                  llvm::StringRef x = "5x2x3", llvm::StringRef inputs = "x w r") {
  ModelBuilder model(14);
  model.input("x", x).output("y").weights("w", w).weights("r", r);
  return model.node(op, inputs, "y", "node");
}

std::string at(llvm::StringRef op, llvm::StringRef text) {
  return ("model.onnx: node 'node' (" + op + "): " + text).str();
}

TEST_F(Recurrent, Refusals) {
  expectErrors(make("RNN", {1, 4, 3}, {1, 4, 4}, "5x3"),
               {at("RNN", "expected X, W and R of three dimensions, got 'tensor<5x3xf32>', "
                          "'tensor<1x4x3xf32>' and 'tensor<1x4x4xf32>'")});
  expectErrors(make("RNN", {1, 4, 7}, {1, 4, 4}),
               {at("RNN", "expected input 1 of shape [1, 4, 3], got 'tensor<1x4x7xf32>'")});
  expectErrors(make("LSTM", {1, 16, 3}, {1, 12, 4}),
               {at("LSTM", "expected input 2 of shape [1, 16, 4], got 'tensor<1x12x4xf32>'")});
  expectErrors(make("GRU", {1, 12, 3}, {1, 12, 4}).integer("hidden_size", 5),
               {at("GRU", "expected a hidden_size of 4 as R has, got 5")});
  expectErrors(make("GRU", {1, 12, 3}, {1, 12, 4}).text("direction", "sideways"),
               {at("GRU", "expected forward, reverse or bidirectional as direction, got "
                          "'sideways'")});
  expectErrors(make("RNN", {1, 4, 3}, {1, 4, 4}).number("clip", -1),
               {at("RNN", "expected a clip of 0 or more, got -1.000000e+00")});
  expectErrors(make("RNN", {1, 4, 3}, {1, 4, 4}).texts("activations", {"Gelu"}),
               {at("RNN", "activation 'Gelu' is not supported")});
  expectErrors(make("LSTM", {1, 16, 3}, {1, 16, 4}).texts("activations", {"Tanh"}),
               {at("LSTM", "expected 3 activations, got 1")});
  expectErrors(make("RNN", {1, 4, 3}, {1, 4, 4}, "9000x1x3"),
               {at("RNN", "expected at most 8192 steps of all directions, got 9000")});
  // Of all nodes together.
  ModelBuilder layers = make("RNN", {1, 3, 3}, {1, 3, 3}, "8000x1x3");
  layers.output("y2")
      .output("y3")
      .node("RNN", "x w r", "y2", "second")
      .node("RNN", "x w r", "y3", "third");
  expectErrors(layers,
               {"model.onnx: node 'third' (RNN): expected at most 65536 nodes of all loops, "
                "branches and functions when unrolled, got 96000"});
  EXPECT_EQ(importModel(make("RNN", {1, 4, 3}, {1, 4, 4}, "5x0x3")), "");
  EXPECT_NE(diagnostics.find("expected inputs with elements, got 'tensor<5x0x3xf32>'"),
            std::string::npos)
      << diagnostics;
  ModelBuilder lengths = make("RNN", {1, 4, 3}, {1, 4, 4}, "5x2x3", "x w r - l");
  lengths.stored("l", onnx::TensorProto::INT32, {3}, {1, 2, 3});
  expectErrors(lengths, {at("RNN", "expected input 4 of shape [2], got 'tensor<3xi32>'")});
  ModelBuilder peepholes = make("GRU", {1, 12, 3}, {1, 12, 4}, "5x2x3", "x w r - - - p");
  expectErrors(peepholes.weights("p", {1, 12}),
               {at("GRU", "input 6 is not supported in opset 14")});
}

// One product for the inputs of all steps, none for a state of zeros.
TEST_F(Recurrent, Products) {
  std::string body = importModel(make("LSTM", {1, 16, 3}, {1, 16, 4}));
  size_t products = 0;
  for (size_t i = 0; (i = body.find("octet.matmul", i)) != std::string::npos; ++i)
    ++products;
  EXPECT_EQ(products, 5u) << body;
  EXPECT_NE(body.find("(tensor<10x3xf32>, tensor<3x16xf32>) -> tensor<10x16xf32>"),
            std::string::npos)
      << body;
}

} // namespace

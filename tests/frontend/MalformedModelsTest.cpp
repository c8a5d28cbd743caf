// What is wrong with a file is said in one line that names the place. Each case
// here once made some tool crash, hang, or read where it should not.

#include "ModelBuilder.h"

using namespace octet;
using namespace octet::test;

namespace {

using MalformedModels = ImportTest;

ModelBuilder makeRelu() {
  ModelBuilder model;
  model.input("x", "1x3x8x8").node("Relu", "x", "y", "relu").output("y");
  return model;
}

TEST_F(MalformedModels, GoodOneImports) {
  EXPECT_NE(importModel(makeRelu()).find("octet.relu"), std::string::npos) << diagnostics;
  EXPECT_EQ(diagnostics, "");
}

TEST_F(MalformedModels, MissingFile) {
  EXPECT_EQ(importFile("none.onnx"), "");
  EXPECT_EQ(diagnostics, "octetc: error: none.onnx: No such file or directory\n");
}

TEST_F(MalformedModels, FolderInsteadOfFile) {
  ASSERT_FALSE(llvm::sys::fs::create_directory(path("dir.onnx")));
  EXPECT_EQ(importFile("dir.onnx"), "");
  EXPECT_EQ(diagnostics, "octetc: error: dir.onnx: expected a regular file\n");
}

TEST_F(MalformedModels, EmptyFile) {
  EXPECT_EQ(importBytes(""), "");
  EXPECT_EQ(diagnostics, "octetc: error: model.onnx: expected an ONNX model, got an empty file\n");
}

// Every prefix of a model is refused or, cut between fields, read; none crashes.
TEST_F(MalformedModels, Truncated) {
  std::string bytes = makeRelu().bytes();
  for (size_t size = 1; size < bytes.size(); ++size)
    EXPECT_EQ(importBytes(bytes.substr(0, size)), "") << size;
  importBytes(bytes.substr(0, bytes.size() - 3));
  EXPECT_EQ(diagnostics, "octetc: error: model.onnx: expected an ONNX model, got bytes that do "
                         "not parse as one (truncated?)\n");
}

// Flips each byte in turn: whatever becomes of it, there is no crash, and no
// failure without a report (which importFile checks).
TEST_F(MalformedModels, CorruptedBytes) {
  ModelBuilder model(17);
  model.input("x", "Nx2x8x8")
      .weights("w", {4, 2, 3, 3})
      .integers("shape", {1, -1})
      .node("Conv", "x w", "c", "conv")
      .ints("pads", {1, 1, 1, 1})
      .node("MaxPool", "c", "p", "pool")
      .ints("kernel_shape", {2, 2})
      .node("Reshape", "p shape", "y", "reshape")
      .output("y");
  std::string bytes = model.bytes();
  for (size_t i = 0; i < bytes.size(); ++i)
    for (unsigned char flip : {0x01, 0x80, 0xff}) {
      std::string corrupted = bytes;
      corrupted[i] = static_cast<char>(corrupted[i] ^ flip);
      importBytes(corrupted);
    }
}

TEST_F(MalformedModels, OversizedFile) {
  ImportOptions options;
  options.limits.fileBytes = 16;
  EXPECT_EQ(importModel(makeRelu(), options), "");
  EXPECT_NE(diagnostics.find("expected at most 16 bytes, got "), std::string::npos);
}

TEST_F(MalformedModels, DeepNesting) {
  onnx::TypeProto type, *inner = &type;
  for (int i = 0; i < 200; ++i)
    inner = inner->mutable_sequence_type()->mutable_elem_type();
  ModelBuilder model = makeRelu();
  *model.graph().mutable_input(0)->mutable_type() = type;
  expectErrors(model, {"model.onnx: expected an ONNX model, got bytes that do not parse as one "
                       "(truncated?)"});
}

TEST_F(MalformedModels, Versions) {
  ModelBuilder old(0);
  old.input("x", "1").node("Relu", "x", "y").output("y");
  expectErrors(old, {"model.onnx: expected opset 1 or newer, got 0"});
  ModelBuilder ir = makeRelu();
  ir.model.set_ir_version(2);
  expectErrors(ir, {"model.onnx: expected IR version 3 or newer, got 2"});
  ModelBuilder none = makeRelu();
  none.model.clear_opset_import();
  expectErrors(none, {"model.onnx: expected an import of the default opset, got none"});
}

TEST_F(MalformedModels, NewestOpsetWarns) {
  ModelBuilder model(99);
  model.input("x", "1").node("Relu", "x", "y").output("y");
  EXPECT_NE(importModel(model), "");
  EXPECT_EQ(diagnostics, "octetc: warning: model.onnx: opset 99 is newer than 25, the newest "
                         "that is known: ops are read as in that one\n");
}

TEST_F(MalformedModels, Cycle) {
  ModelBuilder model;
  model.input("x", "4")
      .node("Add", "x c", "a", "first")
      .node("Relu", "a", "b", "second")
      .node("Neg", "b", "c", "third")
      .output("b");
  expectErrors(model, {"model.onnx: node 'first' (Add): expected an acyclic graph, got a cycle "
                       "through tensor 'a'"});
}

TEST_F(MalformedModels, UnsortedButAcyclic) {
  ModelBuilder model;
  model.input("x", "4").node("Neg", "a", "b").node("Relu", "x", "a").output("b");
  EXPECT_NE(importModel(model).find("octet.neg"), std::string::npos) << diagnostics;
}

TEST_F(MalformedModels, MissingTensor) {
  ModelBuilder model;
  model.input("x", "4").node("Add", "x ghost", "y", "add").output("y");
  expectErrors(model, {"model.onnx: node 'add' (Add): expected a tensor 'ghost', got no node, "
                       "input or initializer of that name"});
  ModelBuilder output = makeRelu();
  output.output("ghost");
  expectErrors(output, {"model.onnx: output 'ghost': expected a tensor of that name in the "
                        "graph, got none"});
}

TEST_F(MalformedModels, MissingInputOfOp) {
  ModelBuilder model;
  model.input("x", "1x1x4x4").node("Conv", "x", "y", "conv").output("y");
  expectErrors(model, {"model.onnx: node 'conv' (Conv): expected an input 1, got none"});
}

TEST_F(MalformedModels, DuplicateNames) {
  ModelBuilder model = makeRelu();
  model.node("Neg", "x", "y", "again");
  expectErrors(model, {"model.onnx: node 'again' (Neg): expected one definition of tensor 'y', "
                       "got two"});
  ModelBuilder weights = makeRelu();
  weights.weights("w", {1}).weights("w", {1});
  expectErrors(weights, {"model.onnx: initializer 'w': expected one definition, got two"});
}

TEST_F(MalformedModels, NamesWithControlCharacters) {
  ModelBuilder model;
  model.input("x", "4").node("Bogus", "x", "y", "two\nlines\x1b[0m").output("y");
  expectErrors(model, {"model.onnx: node 'two lines?[0m' (Bogus): op Bogus is not supported in "
                       "opset 13"});
}

TEST_F(MalformedModels, AllUnsupportedNodesInOneRun) {
  ModelBuilder model;
  model.input("x", "1x4")
      .node("Bogus", "x", "a", "first")
      .node("Relu", "a", "b", "fine")
      .node("MatMulNBits", "b", "c", "second")
      .node("Softmax", "b", "y", "third")
      .integer("spin", 1)
      .node("Gelu", "y", "z")
      .node("Sum", "z c", "end")
      .output("end");
  expectErrors(model,
               {"model.onnx: node 'first' (Bogus): op Bogus is not supported in opset 13",
                "model.onnx: node 'second' (MatMulNBits): op MatMulNBits is not supported in "
                "opset 13",
                "model.onnx: node 'third' (Softmax): attribute 'spin' is not supported in opset "
                "13",
                "model.onnx: node '#4' (Gelu): op Gelu is not supported in opset 13"});
}

TEST_F(MalformedModels, UnsupportedValueBehindUnsupportedOp) {
  ModelBuilder model;
  model.input("x", "1x4x8x8")
      .value("a", "1x4x8x8")
      .node("Bogus", "x", "a", "first")
      .node("DepthToSpace", "a", "y", "second")
      .integer("blocksize", 3)
      .output("y");
  expectErrors(model, {"model.onnx: node 'first' (Bogus): op Bogus is not supported in opset 13",
                       "model.onnx: node 'second' (DepthToSpace): expected a block size whose "
                       "square divides 4 channels, got 3"});
}

TEST_F(MalformedModels, UnusedUnsupportedNodeDoesNotMatter) {
  ModelBuilder model = makeRelu();
  model.node("Bogus", "x", "unused");
  EXPECT_NE(importModel(model), "") << diagnostics;
}

TEST_F(MalformedModels, Limits) {
  ImportOptions options;
  options.limits.errors = 2;
  ModelBuilder bogus;
  bogus.input("x", "4").output("y");
  for (const char *name : {"a", "b", "c"})
    bogus.node("Bogus", "x", name, name);
  bogus.node("Sum", "a b c", "y");
  expectErrors(bogus,
               {"model.onnx: node 'a' (Bogus): op Bogus is not supported in opset 13",
                "model.onnx: node 'b' (Bogus): op Bogus is not supported in opset 13",
                "model.onnx: expected a supported model, got 2 errors and stopped"},
               options);
  ModelBuilder ghosts;
  ghosts.input("x", "4").output("a");
  for (const char *name : {"a", "b", "c"})
    ghosts.node("Relu", "ghost", name, name);
  EXPECT_EQ(importModel(ghosts, options), "");
  EXPECT_EQ(diagnostics.find("'c'"), std::string::npos);

  options.limits.nodes = 3;
  expectErrors(bogus, {"model.onnx: expected at most 3 nodes, got 4"}, options);

  options.limits.generatedElements = 10;
  ModelBuilder generated;
  generated.input("x", "6").output("y").integers("s", {6});
  generated.node("ConstantOfShape", "s", "a", "zeros").node("ConstantOfShape", "s", "b", "more");
  generated.node("Sum", "x a b", "y");
  options.limits.nodes = 10;
  expectErrors(generated,
               {"model.onnx: node 'more' (ConstantOfShape): expected generated constants of 10 "
                "elements at most in all, got 12"},
               options);

  ModelBuilder rank;
  rank.input("x", "4").output("y").integers("axes", std::vector<int64_t>(1000, 0));
  rank.node("Unsqueeze", "x axes", "y", "deep");
  expectErrors(rank, {"model.onnx: node 'deep' (Unsqueeze): expected a result of rank 8 and "
                      "1073741824 elements at most, got [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, "
                      "1, 1, 1, ...]"});

  ModelBuilder attributes;
  attributes.input("x", "4").node("Relu", "x", "y", "relu").output("y");
  for (int i = 0; i < 20; ++i)
    attributes.integer("a" + std::to_string(i), i);
  EXPECT_EQ(importModel(attributes), "");
  EXPECT_EQ(llvm::StringRef(diagnostics).count('\n'), 8u);
}

TEST_F(MalformedModels, LimitsOfNamesAndOperands) {
  ImportOptions options;
  options.limits.operands = 3;
  ModelBuilder sum;
  sum.input("x", "4").node("Sum", "x x x x", "y", "sum").output("y");
  expectErrors(sum, {"model.onnx: node 'sum': expected at most 3 inputs, got 4"}, options);
  ModelBuilder split;
  split.input("x", "4").node("Split", "x", "a b c d").output("a");
  expectErrors(split, {"model.onnx: node #0: expected at most 3 outputs, got 4"}, options);
  ModelBuilder inputs, outputs;
  for (const char *name : {"a", "b", "c", "d"}) {
    inputs.input(name, "4");
    outputs.node("Relu", "x", name).output(name);
  }
  inputs.node("Sum", "a b", "y").output("y");
  outputs.input("x", "4");
  expectErrors(inputs, {"model.onnx: the graph: expected at most 3 inputs, got 4"}, options);
  expectErrors(outputs, {"model.onnx: the graph: expected at most 3 outputs, got 4"}, options);

  options.limits.nameBytes = 8;
  std::string name = "ninebytes";
  ModelBuilder node, tensor, input, output, weights, op;
  node.input("x", "4").node("Relu", "x", "y", name).output("y");
  expectErrors(node, {"model.onnx: node #0: expected names of at most 8 bytes, got one of 9"},
               options);
  tensor.input("x", "4").node("Relu", "x", name).node("Relu", name, "y").output("y");
  expectErrors(tensor, {"model.onnx: node #0: expected names of at most 8 bytes, got one of 9"},
               options);
  input.input(name, "4").node("Relu", "x", "y").output("y");
  expectErrors(input, {"model.onnx: an input: expected names of at most 8 bytes, got one of 9"},
               options);
  output.input("x", "4").node("Relu", "x", "y").output(name);
  expectErrors(output, {"model.onnx: an output: expected names of at most 8 bytes, got one of 9"},
               options);
  weights.input("x", "4").weights(name, {4}).node("Relu", "x", "y").output("y");
  expectErrors(weights,
               {"model.onnx: an initializer: expected names of at most 8 bytes, got one of 9"},
               options);
  op.input("x", "4").node(name, "x", "y").output("y");
  expectErrors(op, {"model.onnx: node #0: expected names of at most 8 bytes, got one of 9"},
               options);
}

// Recursion over nodes would end the stack here, anything quadratic the patience.
TEST_F(MalformedModels, DeepGraph) {
  constexpr int kNodes = 100000;
  ModelBuilder model;
  model.input("t0", "4").output("t" + std::to_string(kNodes));
  for (int i = 0; i < kNodes; ++i)
    model.node(i % 2 ? "Relu" : "Abs", "t" + std::to_string(i), "t" + std::to_string(i + 1));
  std::string text = importModel(model);
  EXPECT_EQ(diagnostics, "");
  EXPECT_EQ(llvm::StringRef(text).count("octet.relu"), static_cast<size_t>(kNodes / 2));
  // The same backwards, as unsorted files come, of constants.
  ModelBuilder constants;
  constants.input("x", "4").output("y").weights("t0", {4});
  constants.node("Add", "x t" + std::to_string(kNodes), "y");
  for (int i = kNodes; i-- > 0;)
    constants.node("Neg", "t" + std::to_string(i), "t" + std::to_string(i + 1));
  text = importModel(constants);
  EXPECT_EQ(diagnostics, "");
  EXPECT_EQ(llvm::StringRef(text).count("= octet."), 2u) << text.substr(0, 2000);
}

TEST_F(MalformedModels, UnknownDomain) {
  ModelBuilder model;
  model.input("x", "4").node("Relu", "x", "y", "relu").output("y");
  model.graph().mutable_node(0)->set_domain("com.example");
  expectErrors(model, {"model.onnx: node 'relu' (Relu): expected the model to import domain "
                       "'com.example', got no opset"});
  auto *set = model.model.add_opset_import();
  set->set_domain("com.example");
  set->set_version(2);
  expectErrors(model, {"model.onnx: node 'relu' (Relu): op Relu of domain 'com.example' is not "
                       "supported in opset 2"});
}

TEST_F(MalformedModels, AbsurdDimensions) {
  ModelBuilder model;
  model.input("x", "1099511627776x1099511627776").node("Relu", "x", "y").output("y");
  expectErrors(model, {"model.onnx: input 'x': expected rank 8 and "
                       "1073741824 elements at most, got [1099511627776, 1099511627776]"});
  ModelBuilder weights;
  weights.input("x", "4").node("Add", "x w", "y").output("y");
  weights.initializer("w", {int64_t(1) << 62, 4, 0}, onnx::TensorProto::FLOAT).set_raw_data("");
  expectErrors(weights, {"model.onnx: initializer 'w': expected a shape of rank 8 and 1073741824 "
                         "elements at most, got [4611686018427387904, 4, 0]"});
  ModelBuilder broadcast;
  broadcast.input("x", "1x100000000")
      .input("z", "100000000x1")
      .node("Mul", "x z", "y", "mul")
      .output("y");
  expectErrors(broadcast, {"model.onnx: node 'mul' (Mul): expected a result of rank 8 and "
                           "1073741824 elements at most, got [100000000, 100000000]"});
  ModelBuilder pads;
  pads.input("x", "1x1x4x4").weights("w", {1, 1, 3, 3}).node("Conv", "x w", "y", "conv");
  pads.ints("pads", {0, 0, int64_t(1) << 62, int64_t(1) << 62}).output("y");
  expectErrors(pads, {"model.onnx: node 'conv' (Conv): expected 4 pads of 0 to 16777216, got [0, "
                      "0, 4611686018427387904, 4611686018427387904]"});
}

TEST_F(MalformedModels, SizeOfData) {
  ModelBuilder model;
  model.input("x", "4").node("Add", "x w", "y").output("y");
  onnx::TensorProto &tensor = model.initializer("w", {4}, onnx::TensorProto::DOUBLE);
  tensor.set_raw_data(std::string(16, '\0'));
  expectErrors(model, {"model.onnx: initializer 'w': expected 32 bytes for shape [4] of float64, "
                       "got 16"});
  tensor.clear_raw_data();
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  tensor.add_float_data(1);
  expectErrors(model, {"model.onnx: initializer 'w': expected 4 elements for shape [4] of float32, "
                       "got 1"});
  tensor.set_data_type(onnx::TensorProto::STRING);
  expectErrors(model, {"model.onnx: initializer 'w': element type string is not supported"});
  tensor.set_data_type(17);
  expectErrors(model, {"model.onnx: initializer 'w': element type float8e4m3fn is not supported"});
}

TEST_F(MalformedModels, ElementTypes) {
  ModelBuilder model;
  model.input("x", "4", onnx::TensorProto::INT32).weights("w", {4});
  model.node("Add", "x w", "y", "add").output("y");
  expectErrors(model, {"model.onnx: node 'add' (Add): expected operands of one element type, got "
                       "'i32' and 'f32'"});
  ModelBuilder declared = makeRelu();
  declared.graph().mutable_output(0)->mutable_type()->mutable_tensor_type()->set_elem_type(7);
  expectErrors(declared, {"model.onnx: output 'y': expected elements of int64 as declared, got "
                          "'tensor<1x3x8x8xf32>'"});
}

TEST_F(MalformedModels, AttributeTypes) {
  ModelBuilder model;
  model.input("x", "1x4").node("Softmax", "x", "y", "softmax").number("axis", 1).output("y");
  expectErrors(model, {"model.onnx: node 'softmax' (Softmax): expected an integer as attribute "
                       "'axis', got another type"});
}

TEST_F(MalformedModels, UnreadInputsAndOutputs) {
  ModelBuilder model;
  model.input("x", "4").node("Relu", "x x", "y", "relu").output("y");
  expectErrors(model, {"model.onnx: node 'relu' (Relu): input 1 is not supported in opset 13"});
  ModelBuilder bounds;
  bounds.input("x", "1x1x4x4").node("Relu", "x", "y i", "relu").output("y").output("i");
  expectErrors(bounds, {"model.onnx: node 'relu' (Relu): output 1 ('i') is not supported"});
}

TEST_F(MalformedModels, ComputedShape) {
  ModelBuilder model;
  model.input("x", "4").input("s", "2", onnx::TensorProto::INT64);
  model.node("Reshape", "x s", "y", "reshape").output("y");
  expectErrors(model, {"model.onnx: node 'reshape' (Reshape): expected the shape to be constant, "
                       "got a computed tensor"});
}

TEST_F(MalformedModels, ConstantIndexOutside) {
  ModelBuilder model;
  model.input("x", "4").integers("i", {4}).node("Gather", "x i", "y", "gather").output("y");
  expectErrors(model, {"model.onnx: node 'gather' (Gather): expected indices of -4 to 3, got 4"});
}

// Folding fails after the op was made.
TEST_F(MalformedModels, ConstantsThatCannotBeEvaluated) {
  ModelBuilder model;
  model.input("x", "2", onnx::TensorProto::INT64).integers("a", {2, 3}).integers("b", {1, -2});
  model.node("Pow", "a b", "c", "pow").node("Add", "x c", "y").output("y");
  EXPECT_EQ(importModel(model), "");
  EXPECT_NE(diagnostics.find("node 'pow' (Pow): "), std::string::npos) << diagnostics;
}

// A float as an integer that it does not fit into.
TEST_F(MalformedModels, NumbersBeyondIntegers) {
  for (auto [bias, text] : {std::pair<float, const char *>{1e38f, "dense<2147483647>"},
                            std::pair<float, const char *>{-1e38f, "dense<-2147483648>"},
                            std::pair<float, const char *>{NAN, "dense<0>"}}) {
    ModelBuilder model;
    model.input("x", "3", onnx::TensorProto::INT32).node("Shrink", "x", "y");
    model.number("bias", bias).output("y");
    EXPECT_NE(importModel(model).find(text), std::string::npos) << text << "\n" << diagnostics;
  }
}

class ExternalData : public ImportTest {
protected:
  ModelBuilder makeModel(const std::map<std::string, std::string> &entries) {
    ModelBuilder model;
    model.input("x", "4").node("Add", "x w", "y").output("y");
    onnx::TensorProto &tensor = model.initializer("w", {4}, onnx::TensorProto::FLOAT);
    tensor.set_data_location(onnx::TensorProto::EXTERNAL);
    for (const auto &[key, value] : entries) {
      auto *entry = tensor.add_external_data();
      entry->set_key(key);
      entry->set_value(value);
    }
    return model;
  }
};

TEST_F(ExternalData, Loads) {
  const float values[] = {9, 1, 2, 3, 4};
  writeFile("w.bin", llvm::StringRef(reinterpret_cast<const char *>(values), sizeof(values)));
  std::string body =
      importModel(makeModel({{"location", "w.bin"}, {"offset", "4"}, {"length", "16"}}));
  EXPECT_NE(body.find("dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]>"),
            std::string::npos)
      << body << diagnostics;
}

TEST_F(ExternalData, StaysInsideTheFolder) {
  expectErrors(makeModel({{"location", "/etc/passwd"}}),
               {"model.onnx: initializer 'w': expected external data inside the model's folder, "
                "got '/etc/passwd'"});
  expectErrors(makeModel({{"location", "../w.bin"}}),
               {"model.onnx: initializer 'w': expected external data inside the model's folder, "
                "got '../w.bin'"});
  ASSERT_FALSE(llvm::sys::fs::create_link("/etc/passwd", path("link.bin")));
  expectErrors(makeModel({{"location", "link.bin"}}),
               {"model.onnx: initializer 'w': expected external data inside the model's folder, "
                "got 'link.bin', which is '/etc/passwd'"});
  // A sibling whose name merely starts like the folder's.
  std::string sibling = (folder + "2").str();
  ASSERT_FALSE(llvm::sys::fs::create_directory(sibling));
  std::ofstream(sibling + "/w.bin") << std::string(16, 'x');
  ASSERT_FALSE(llvm::sys::fs::create_link(sibling, path("sub")));
  EXPECT_EQ(importModel(makeModel({{"location", "sub/w.bin"}})), "");
  EXPECT_NE(diagnostics.find("expected external data inside the model's folder"),
            std::string::npos);
  llvm::sys::fs::remove_directories(sibling);
}

TEST_F(ExternalData, Bounds) {
  writeFile("w.bin", std::string(20, 'x'));
  expectErrors(makeModel({{"location", "none.bin"}}),
               {"model.onnx: initializer 'w': external data 'none.bin': No such file or "
                "directory"});
  expectErrors(makeModel({{"offset", "4"}}),
               {"model.onnx: initializer 'w': expected external data with a location, got none"});
  expectErrors(makeModel({{"location", "w.bin"}, {"offset", "8"}}),
               {"model.onnx: initializer 'w': external data 'w.bin': expected 16 bytes at offset "
                "8, got a file of 20"});
  expectErrors(makeModel({{"location", "w.bin"}, {"offset", "18446744073709551615"}}),
               {"model.onnx: initializer 'w': external data 'w.bin': expected 16 bytes at offset "
                "18446744073709551615, got a file of 20"});
  expectErrors(makeModel({{"location", "w.bin"}, {"length", "20"}}),
               {"model.onnx: initializer 'w': external data 'w.bin': expected 16 bytes for shape "
                "[4] of float32, got 20"});
  expectErrors(makeModel({{"location", "w.bin"}, {"offset", "four"}}),
               {"model.onnx: initializer 'w': expected a number as offset of external data, got "
                "'four'"});
}

TEST_F(ExternalData, TotalSize) {
  writeFile("w.bin", std::string(16, 'x'));
  ImportOptions options;
  options.limits.externalBytes = 15;
  expectErrors(makeModel({{"location", "w.bin"}}),
               {"model.onnx: initializer 'w': expected external data of 15 bytes at most in all, "
                "got 16"},
               options);
}

} // namespace

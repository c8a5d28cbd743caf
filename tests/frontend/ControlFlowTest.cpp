// Graphs in nodes and functions of the model: what is refused, and how ops are named.

#include "ModelBuilder.h"

using namespace octet;
using namespace octet::test;

namespace {

constexpr int kBool = onnx::TensorProto::BOOL, kI64 = onnx::TensorProto::INT64;

using ControlFlow = ImportTest;

ModelBuilder makeBranch(llvm::StringRef op, llvm::StringRef input, llvm::StringRef output) {
  ModelBuilder branch;
  branch.node(op, input, output).output(output);
  return branch;
}

ModelBuilder makeIf(const ModelBuilder &yes, const ModelBuilder &no) {
  ModelBuilder model;
  model.input("x", "3").input("c", "", kBool).output("y");
  model.node("If", "c", "y", "if").graphOf("then_branch", yes).graphOf("else_branch", no);
  return model;
}

TEST_F(ControlFlow, RefusedBranches) {
  ModelBuilder neg = makeBranch("Neg", "x", "t");
  expectErrors(makeIf(neg, makeBranch("Bogus", "x", "e")),
               {"model.onnx: node 'if/else/#0' (Bogus): op Bogus is not supported in opset 13"});
  expectErrors(makeIf(neg, makeBranch("Shape", "x", "e")),
               {"model.onnx: node 'if' (If): expected values of one type, as the condition is "
                "computed, got 'tensor<3xf32>' and 'tensor<1xi64>'"});
  expectErrors(makeIf(neg, makeBranch("Neg", "nowhere", "e")),
               {"model.onnx: node 'if' (If): expected a tensor 'nowhere', got no node, input or "
                "initializer of that name"});
  expectErrors(makeIf(neg, makeBranch("Neg", "x", "e").output("x")),
               {"model.onnx: node 'if' (If): expected branches without inputs and with 1 outputs, "
                "got 0 and 2"});
  expectErrors(makeIf(neg, ModelBuilder()),
               {"model.onnx: node 'if' (If): expected an output of the graph, got none"});
  ModelBuilder alone;
  alone.input("x", "3").input("c", "", kBool).output("y").node("If", "c", "y", "if");
  expectErrors(alone.graphOf("then_branch", neg),
               {"model.onnx: node 'if' (If): expected an attribute 'else_branch', got none"});
  ModelBuilder condition = makeIf(neg, neg);
  condition.graph().mutable_node(0)->set_input(0, "x");
  expectErrors(condition, {"model.onnx: node 'if' (If): expected one bool as condition, got "
                           "'tensor<3xf32>'"});
}

ModelBuilder makeLoop(const ModelBuilder &body, llvm::StringRef inputs = "n - x") {
  ModelBuilder model;
  model.input("x", "3").input("m", "", kI64).input("c", "", kBool).output("y").integers("n", {4});
  return model.node("Loop", inputs, "y", "loop").graphOf("body", body);
}

ModelBuilder makeBody() {
  ModelBuilder body;
  body.input("i", "", kI64).input("go", "", kBool).input("s", "3").node("Neg", "s", "t", "neg");
  return body.output("go").output("t");
}

TEST_F(ControlFlow, RefusedLoops) {
  expectErrors(makeLoop(makeBody(), "m - x"),
               {"model.onnx: node 'loop' (Loop): expected the trip count to be constant, got a "
                "computed tensor"});
  const char *computed = "model.onnx: node 'loop' (Loop): expected the condition to be constant "
                         "where there is no trip count or what iterations give is joined, got a "
                         "computed tensor";
  expectErrors(makeLoop(makeBody(), "- c x"), {computed});
  expectErrors(makeLoop(makeBody().output("s"), "n c x"), {computed});
  expectErrors(
      makeLoop(makeBody(), "n - x x"),
      {"model.onnx: node 'loop' (Loop): expected a body of 4 inputs and at least 3 outputs, "
       "got 3 and 2"});
  ModelBuilder grows;
  grows.input("i", "", kI64).input("go", "", kBool).input("s", "3");
  grows.node("Concat", "s s", "t").integer("axis", 0).output("go").output("t");
  expectErrors(makeLoop(grows, "n c x"),
               {"model.onnx: node 'loop' (Loop): expected values of one type, as the condition is "
                "computed, got 'tensor<6xf32>' and 'tensor<3xf32>'"});
  ModelBuilder scanned = grows;
  expectErrors(makeLoop(scanned.output("t")),
               {"model.onnx: node 'loop' (Loop): expected one type in all iterations, got "
                "'tensor<6xf32>' and 'tensor<12xf32>'"});
  ModelBuilder none = makeLoop(makeBody().output("s"));
  none.graph().mutable_initializer(0)->set_int64_data(0, 0);
  none.graph().mutable_node(0)->add_output("all");
  none.output("all");
  expectErrors(none, {"model.onnx: node 'loop' (Loop): expected a declared shape of what no "
                      "iteration computes, got none"});
}

// Neither a trip count nor an empty body keeps the import busy.
TEST_F(ControlFlow, EndlessLoops) {
  ModelBuilder forever = makeLoop(makeBody(), "- - x");
  expectErrors(forever, {"model.onnx: node 'loop' (Loop): expected at most 65536 nodes and "
                         "1073741824 bytes of all loops, branches and functions when unrolled, got "
                         "more"});
  ModelBuilder empty;
  empty.input("i", "", kI64).input("go", "", kBool).input("s", "3").output("go").output("s");
  ModelBuilder model = makeLoop(empty);
  model.graph().mutable_initializer(0)->set_int64_data(0, int64_t(1) << 62);
  expectErrors(model,
               {"model.onnx: node 'loop' (Loop): expected at most 65536 nodes and 1073741824 "
                "bytes of all loops, branches and functions when unrolled, got more"});
}

TEST_F(ControlFlow, DeepGraphs) {
  ModelBuilder inner = makeBranch("Neg", "x", "t");
  for (int i = 0; i < 17; ++i) {
    ModelBuilder outer;
    outer.node("If", "c", "t", "if").graphOf("then_branch", inner).graphOf("else_branch", inner);
    inner = outer.output("t");
    if (i > 3) // Both branches of all would be too many.
      inner.graph().mutable_node(0)->mutable_attribute(1)->mutable_g()->CopyFrom(
          makeBranch("Neg", "x", "t").graph());
  }
  inner.input("x", "3").input("c", "", kBool);
  importModel(inner);
  EXPECT_NE(diagnostics.find("expected graphs nested 16 deep at most"), std::string::npos)
      << diagnostics;
}

TEST_F(ControlFlow, CyclesThroughGraphs) {
  ModelBuilder model = makeIf(makeBranch("Neg", "z", "t"), makeBranch("Neg", "x", "e"));
  model.node("Abs", "y", "z", "abs");
  expectErrors(model, {"model.onnx: node 'if' (If): expected an acyclic graph, got a cycle through "
                       "tensor 'y'"});
}

// A graph reads what is computed behind its node in the file; what does not change is
// imported once; ops are told apart by their iteration.
TEST_F(ControlFlow, NamesAndInvariants) {
  ModelBuilder body;
  body.input("i", "", kI64).input("go", "", kBool).input("s", "3");
  body.node("Abs", "late", "a", "abs").node("Add", "s a", "t", "add").output("go").output("t");
  ModelBuilder model = makeLoop(body);
  model.node("Exp", "x", "late", "exp");
  mlir::MLIRContext context;
  writeFile("model.onnx", model.bytes());
  auto module = importOnnx(context, path("model.onnx"));
  ASSERT_TRUE(succeeded(module));
  std::vector<std::string> names;
  (*module)->walk([&](mlir::Operation *op) {
    if (mlir::isa<AbsOp, AddOp, ExpOp>(op))
      names.push_back((getNodeName(op->getLoc()) + ":" + getTensorName(op->getLoc())).str());
  });
  EXPECT_EQ(llvm::join(names, " "), "exp:late loop/0/abs:loop/0/a loop/0/add:loop/0/t "
                                    "loop/1/add:loop/1/t loop/2/add:loop/2/t loop/3/add:loop/3/t");
}

TEST_F(ControlFlow, RefusedScans) {
  ModelBuilder body;
  body.input("s", "2").input("v", "2").node("Add", "s v", "t").output("t");
  auto make = [&](llvm::StringRef shape) {
    ModelBuilder model;
    model.input("s0", "2").input("v", shape).output("y");
    return model.node("Scan", "s0 v", "y", "scan").graphOf("body", body);
  };
  expectErrors(make("3x2"), {"model.onnx: node 'scan' (Scan): expected an attribute "
                             "'num_scan_inputs', got none"});
  expectErrors(make("3x2").integer("num_scan_inputs", 3),
               {"model.onnx: node 'scan' (Scan): expected num_scan_inputs of 1 to 2, got 3"});
  expectErrors(make("3x2").integer("num_scan_inputs", 2),
               {"model.onnx: node 'scan' (Scan): expected inputs of one length, got 2 and 3"});
  expectErrors(make("3x2").integer("num_scan_inputs", 1).ints("scan_input_axes", {2}),
               {"model.onnx: node 'scan' (Scan): expected an axis of -2 to 1, got 2"});
  expectErrors(make("3x2").integer("num_scan_inputs", 1).ints("scan_input_axes", {0, 0}),
               {"model.onnx: node 'scan' (Scan): expected 1 axes and directions, got 2 and 1"});
  expectErrors(make("3x2").integer("num_scan_inputs", 1).ints("scan_input_directions", {2}),
               {"model.onnx: node 'scan' (Scan): expected 0 or 1 as direction, got 2"});
  auto batched = [&](std::vector<int64_t> lengths) {
    ModelBuilder model(8);
    model.input("s0", "2x2").input("v", "2x3x2").integers("l", lengths).output("y");
    model.node("Scan", "l s0 v", "y", "scan").graphOf("body", body);
    return model.integer("num_scan_inputs", 1);
  };
  expectErrors(batched({3}),
               {"model.onnx: node 'scan' (Scan): expected sequence_lens of 2 elements "
                "of int64, got 'tensor<1xi64>'"});
  expectErrors(batched({3, 4}),
               {"model.onnx: node 'scan' (Scan): expected sequence_lens of 1 to 3, got 4"});
  expectErrors(batched({0, 3}),
               {"model.onnx: node 'scan' (Scan): expected sequence_lens of 1 to 3, got 0"});
}

TEST_F(ControlFlow, RefusedFunctions) {
  auto make = [](llvm::StringRef op, llvm::StringRef inputs) {
    ModelBuilder model, nodes;
    onnx::FunctionProto &function = *model.model.add_functions();
    function.set_name("f");
    function.set_domain("own");
    function.add_input("x");
    function.add_output("y");
    auto *set = function.add_opset_import();
    set->set_domain("");
    set->set_version(13);
    nodes.node(op, "x", "y", "inner");
    *function.add_node() = nodes.graph().node(0);
    if (op == "f")
      function.mutable_node(0)->set_domain("own");
    model.input("x", "3").output("y").node("f", inputs, "y", "call");
    model.graph().mutable_node(0)->set_domain("own");
    return model;
  };
  expectErrors(make("Bogus", "x"),
               {"model.onnx: node 'call/inner' (Bogus): op Bogus is not supported in opset 13"});
  expectErrors(make("Neg", "x x"), {"model.onnx: node 'call' (f): expected at most 1 inputs and 1 "
                                    "outputs as its function has, got 2 and 1"});
  importModel(make("f", "x"));
  EXPECT_NE(diagnostics.find("expected calls of functions 16 deep at most"), std::string::npos)
      << diagnostics;
  ModelBuilder twice = make("Neg", "x");
  *twice.model.add_functions() = twice.model.functions(0);
  expectErrors(twice,
               {"model.onnx: function 'f' of domain 'own': expected one definition, got two"});
}

// What Octet will not have is told from what it has not yet.
TEST_F(ControlFlow, ForeignOps) {
  for (auto [op, kind] :
       {std::pair("SequenceConstruct", "sequences"), std::pair("Optional", "optional values"),
        std::pair("StringNormalizer", "strings")}) {
    ModelBuilder model;
    model.input("x", "3").output("y").node(op, "x", "y", "node");
    expectErrors(model, {std::string("model.onnx: node 'node' (") + op + "): op " + op +
                         " is not supported: it is about " + kind});
  }
  ModelBuilder training;
  training.input("x", "3").output("y").node("Adam", "x", "y", "node");
  training.graph().mutable_node(0)->set_domain("ai.onnx.preview.training");
  training.model.mutable_opset_import(0)->set_domain("ai.onnx.preview.training");
  training.model.mutable_opset_import(0)->set_version(1);
  expectErrors(training, {"model.onnx: node 'node' (Adam): op Adam of domain "
                          "'ai.onnx.preview.training' is not supported: it is about training"});
  ModelBuilder text;
  text.input("x", "3", onnx::TensorProto::STRING).output("y").node("Identity", "x", "y");
  expectErrors(text, {"model.onnx: input 'x': element type string is not supported"});
  for (int kind : {0, 1}) {
    ModelBuilder model;
    model.input("x", "3").output("y").node("Identity", "x", "y");
    onnx::TypeProto &type = *model.graph().mutable_input(0)->mutable_type();
    kind ? (void)type.mutable_map_type() : (void)type.mutable_optional_type();
    expectErrors(model, {std::string("model.onnx: input 'x': expected a tensor, got ") +
                         (kind ? "a map" : "an optional value")});
  }
}

} // namespace

// What If, Loop, Scan and functions of the model compute, worked out by hand.

#include "tests/numerics/ModelRun.h"

using namespace octet;
using namespace octet::test;

namespace {

constexpr int kBool = onnx::TensorProto::BOOL, kI64 = onnx::TensorProto::INT64;

ModelBuilder makeIf(llvm::StringRef thenOp, llvm::StringRef elseOp) {
  ModelBuilder model;
  ModelBuilder yes, no;
  yes.node(thenOp, "x", "t").output("t");
  no.node(elseOp, "x", "e").output("e");
  model.input("x", "3").output("y").output("b");
  return model.node("If", "c", "y", "if").graphOf("then_branch", yes).graphOf("else_branch", no);
}

TEST(If, ConstantConditionTakesItsBranch) {
  for (bool condition : {false, true}) {
    // The other branch may hold anything.
    ModelBuilder model = makeIf(condition ? "Neg" : "Bogus", condition ? "Bogus" : "Abs");
    model.stored("c", kBool, {}, {condition}).node("Identity", "y", "b");
    std::vector<double> expected =
        condition ? std::vector<double>{1, -2, 3} : std::vector<double>{1, 2, 3};
    expectOutputs(model, {{-1, 2, -3}}, {expected, expected});
  }
}

TEST(If, ComputedConditionSelects) {
  ModelBuilder model = makeIf("Neg", "Abs");
  model.input("c", "1", kBool).node("Identity", "c", "b");
  expectOutputs(model, {{-1, 2, -3}, {1}}, {{1, -2, 3}, {1}});
  expectOutputs(model, {{-1, 2, -3}, {0}}, {{1, 2, 3}, {0}});
}

// y' = y * 2 + x[i]; the sum of what was, and all of them.
ModelBuilder makeBody() {
  ModelBuilder body;
  body.input("i", "", kI64).input("go", "", kBool).input("y", "2");
  body.weights("two", {}, {2}).integers("zero", {0});
  body.node("Unsqueeze", "i zero", "at").node("Gather", "x at", "row").integer("axis", 0);
  body.integers("shape", {2}).node("Reshape", "row shape", "flat");
  body.node("Mul", "y two", "twice").node("Add", "twice flat", "next");
  return body;
}

TEST(Loop, ConstantTripCount) {
  ModelBuilder body = makeBody();
  body.node("Identity", "go", "on").output("on").output("next").output("twice");
  ModelBuilder model;
  model.input("x", "3x2").input("y0", "2").stored("n", kI64, {}, {}).output("y").output("all");
  model.graph().mutable_initializer(0)->add_int64_data(3);
  model.node("Loop", "n - y0", "y all", "loop").graphOf("body", body);
  expectOutputs(model, {{1, 2, 3, 4, 5, 6}, {10, 20}},
                {{95, 182}, {20, 40, 42, 84, 90, 176}}); // 21 42 | 45 88 | 95 182
}

TEST(Loop, ConditionThatIsKnownEnds) {
  // Counts to 4 on constants alone; x is added each time.
  ModelBuilder body;
  body.input("i", "", kI64).input("go", "", kBool).input("k", "", kI64).input("y", "2");
  body.integers("one", {1}).integers("most", {4}).node("Add", "k one", "k1");
  body.node("Less", "k1 most", "less").node("Squeeze", "less", "on");
  body.node("Add", "y x", "sum").output("on").output("k1").output("sum");
  ModelBuilder model;
  model.input("x", "2").output("y").integers("k0", {0}).weights("y0", {2}, {0, 0.5});
  model.stored("c", kBool, {}, {1});
  model.node("Loop", "- c k0 y0", "k y", "loop").graphOf("body", body);
  expectOutputs(model, {{1, 2}}, {{4, 8.5}});
}

TEST(Loop, ComputedConditionWithBound) {
  // Doubles while below the limit, ten times at most.
  ModelBuilder body;
  body.input("i", "", kI64).input("go", "", kBool).input("y", "1");
  body.weights("two", {}, {2}).node("Mul", "y two", "next").node("Less", "next limit", "less");
  body.node("Squeeze", "less", "on").output("on").output("next");
  ModelBuilder model;
  model.input("limit", "1").output("y").weights("y0", {1}, {1}).stored("c", kBool, {}, {1});
  model.integers("n", {10}).node("Loop", "n c y0", "y", "loop").graphOf("body", body);
  expectOutputs(model, {{20}}, {{32}});
  expectOutputs(model, {{0}}, {{2}});
  expectOutputs(model, {{1e9}}, {{1024}});
}

TEST(Loop, NoIteration) {
  ModelBuilder body;
  body.input("i", "", kI64).input("go", "", kBool).input("y", "2");
  body.node("Neg", "y", "next").node("Abs", "y", "out");
  body.output("go").output("next").output("out");
  onnx::ValueInfoProto type = body.graph().input(2);
  type.set_name("out");
  *body.graph().mutable_output(2) = type;
  ModelBuilder model;
  model.input("y0", "2").output("y").output("all").integers("n", {0});
  model.node("Loop", "n - y0", "y all", "loop").graphOf("body", body);
  expectOutputs(model, {{1, 2}}, {{1, 2}, {}});
}

TEST(Loop, BranchInLoopSeesAllNames) {
  // Iteration 0 and 1 take one branch, later ones the other; both read x of the main graph.
  ModelBuilder yes, no, body;
  yes.node("Add", "y x", "t").output("t");
  no.node("Mul", "y x", "e").output("e");
  body.input("i", "", kI64).input("go", "", kBool).input("y", "2");
  body.integers("border", {2}).node("Less", "i border", "early");
  body.node("If", "early", "next", "if").graphOf("then_branch", yes).graphOf("else_branch", no);
  body.output("go").output("next");
  ModelBuilder model;
  model.input("x", "2").output("y").integers("n", {3}).weights("y0", {2}, {1, 0});
  model.node("Loop", "n - y0", "y", "loop").graphOf("body", body);
  expectOutputs(model, {{2, 3}}, {{10, 18}});
}

TEST(Scan, AxesAndDirections) {
  ModelBuilder body;
  body.input("s", "2").input("a", "2").input("b", "");
  body.node("Add", "s a", "t").node("Mul", "t b", "next").node("Neg", "next", "out");
  body.output("next").output("out").output("next");
  ModelBuilder model;
  model.input("s0", "2").input("a", "2x3").input("b", "3");
  model.output("s").output("outs").output("states");
  model.node("Scan", "s0 a b", "s outs states", "scan").graphOf("body", body);
  model.integer("num_scan_inputs", 2).ints("scan_input_axes", {-1, 0});
  model.ints("scan_input_directions", {0, 1}).ints("scan_output_axes", {0, 1});
  model.ints("scan_output_directions", {0, 1});
  // b backwards: 3 2 1. States: (0+1)*3 (1+4)*3 | (3+2)*2 (15+5)*2 | (10+3)*1 (40+6)*1.
  expectOutputs(model, {{0, 1}, {1, 2, 3, 4, 5, 6}, {1, 2, 3}},
                {{13, 46}, {-3, -15, -10, -40, -13, -46}, {13, 10, 3, 46, 40, 15}});
}

// Of opset 8: a batch in front, each sample as long as it says, backwards from its own end.
TEST(Scan, SequenceLengths) {
  ModelBuilder body;
  body.input("s", "2").input("a", "2").input("b", "");
  body.node("Add", "s a", "t").node("Mul", "t b", "next").node("Neg", "next", "out");
  body.output("next").output("out");
  for (bool isComputed : {false, true}) {
    ModelBuilder model(8);
    if (isComputed)
      model.input("l", "2", kI64);
    else
      model.integers("l", {2, 3});
    model.input("s0", "2x2").input("a", "2x3x2").input("b", "2x3").output("s").output("outs");
    model.node("Scan", "l s0 a b", "s outs", "scan").graphOf("body", body);
    model.integer("num_scan_inputs", 2).ints("directions", {0, 1});
    std::vector<std::vector<double>> inputs{
        {0, 1, 1, 0}, {1, 2, 3, 4, 99, 98, 1, 1, 2, 2, 3, 3}, {1, 2, 97, 1, 2, 3}};
    if (isComputed)
      inputs.insert(inputs.begin(), {2, 3});
    // (0+1)*2 (1+2)*2 | (2+3)*1 (6+4)*1, and (1+1)*3 (0+1)*3 | (6+2)*2 (3+2)*2 | (16+3) (10+3).
    expectOutputs(model, inputs,
                  {{5, 10, 19, 13}, {-2, -6, -5, -10, 0, 0, -6, -3, -16, -10, -19, -13}});
  }
}

TEST(Function, AttributesAndMissingInputs) {
  // f(x, bias?) = Clip-free: LeakyRelu(x, alpha) twice, then Sum(., bias).
  ModelBuilder model;
  onnx::FunctionProto &function = *model.model.add_functions();
  function.set_name("f");
  function.set_domain("own");
  for (const char *input : {"x", "bias"})
    function.add_input(input);
  function.add_output("y");
  function.add_attribute("slope");
  auto *set = function.add_opset_import();
  set->set_domain("");
  set->set_version(13);
  ModelBuilder nodes;
  nodes.node("LeakyRelu", "x", "l").node("Clip", "l bias", "y");
  for (const onnx::NodeProto &node : nodes.graph().node())
    *function.add_node() = node;
  onnx::AttributeProto &slope = *function.mutable_node(0)->add_attribute();
  slope.set_name("alpha");
  slope.set_type(onnx::AttributeProto::FLOAT);
  slope.set_ref_attr_name("slope");
  set = model.model.add_opset_import();
  set->set_domain("own");
  set->set_version(1);
  model.input("x", "3").input("b", "").output("p").output("q");
  model.node("f", "x", "p", "call").number("slope", 0.5f).node("f", "x b", "q");
  for (int i : {0, 1})
    model.graph().mutable_node(i)->set_domain("own");
  expectOutputs(model, {{-4, 2, -1}, {-0.005}}, {{-2, 2, -0.5}, {-0.005, 2, -0.005}});
}

} // namespace

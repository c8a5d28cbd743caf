// Tensors whose extent depends on data: what has room for as many elements as there can be, how
// the used extent follows through a graph, and where that ends.

#include "ModelBuilder.h"

using namespace octet;
using namespace octet::test;

namespace {

constexpr int kInt64 = onnx::TensorProto::INT64, kBool = onnx::TensorProto::BOOL,
              kDouble = onnx::TensorProto::DOUBLE;

class DynamicExtents : public ImportTest {
protected:
  /// The type of the only result of a graph, and how its extent is known, without its name.
  std::string importResult(const ModelBuilder &model) {
    std::string text = importModel(model);
    size_t begin = text.find("-> ("), end = text.find(") {\n");
    if (begin == std::string::npos || end == std::string::npos)
      return diagnostics + text;
    return text.substr(begin + 4, end - begin - 4);
  }
  void expectResult(const ModelBuilder &model, const std::string &type, const std::string &axis) {
    EXPECT_EQ(importResult(model), type + " {octet.extent = array<i64: " + axis +
                                       ", 1>, octet.name = \"y\"}, tensor<i64> {octet.name = "
                                       "\"y.count\"}");
  }
  /// A graph in which 'u' [6 of which some are used, 3] is one of the operands of node 'n'.
  static ModelBuilder taken(int64_t opset = 13) {
    ModelBuilder model(opset);
    model.input("x", "6x3").input("c", "6", kBool).node("Compress", "x c", "u", "take");
    model.integer("axis", 0);
    return model;
  }
  void expectUsed(ModelBuilder &model, const std::string &type, const std::string &axis) {
    expectResult(model.output("y"), type, axis);
  }
  void expectRefusal(ModelBuilder &model, const std::string &op, const std::string &operand,
                     int axis = 0) {
    expectErrors(model.output("y"),
                 {"model.onnx: node 'n' (" + op +
                  "): expected extents that do not depend on data, "
                  "got operand " +
                  operand + " with such an extent along axis " + std::to_string(axis)});
  }
};

TEST_F(DynamicExtents, ComeFromData) {
  ModelBuilder nonZero, compress, flat, unique, along, boxes(11), open(11);
  nonZero.input("x", "2x3x4").node("NonZero", "x", "y", "n");
  expectUsed(nonZero, "tensor<3x24xi64>", "1");
  compress.input("x", "2x5").input("c", "4", kBool).node("Compress", "x c", "y", "n");
  compress.integer("axis", 1);
  expectUsed(compress, "tensor<2x4xf32>", "1");
  flat.input("x", "2x5").input("c", "10", kBool).node("Compress", "x c", "y", "n");
  expectUsed(flat, "tensor<10xf32>", "0");
  unique.input("x", "2x5", kDouble).node("Unique", "x", "y", "n");
  expectUsed(unique, "tensor<10xf64>", "0");
  along.input("x", "2x5").node("Unique", "x", "y", "n").integer("axis", -1);
  expectUsed(along, "tensor<2x5xf32>", "1");
  boxes.input("b", "2x9x4").input("s", "2x3x9").integers("m", {5});
  boxes.node("NonMaxSuppression", "b s m", "y", "n");
  expectUsed(boxes, "tensor<30x3xi64>", "0");
  // Without a known limit there is room for all boxes.
  open.input("b", "2x9x4").input("s", "2x3x9").input("m", "1", kInt64);
  open.node("NonMaxSuppression", "b s m", "y", "n");
  expectUsed(open, "tensor<54x3xi64>", "0");
}

TEST_F(DynamicExtents, OfConstantsAreKnown) {
  ModelBuilder nonZero, large, unique, boxes(11);
  nonZero.weights("x", {2, 3}, {0, 1, 0, 2, 3, 0}).node("NonZero", "x", "y", "n").output("y");
  EXPECT_EQ(importResult(nonZero), "tensor<2x3xi64> {octet.name = \"y\"}");
  // Beyond what is folded by the way.
  large.weights("x", {100, 100}).node("NonZero", "x", "y", "n").output("y");
  EXPECT_EQ(importResult(large), "tensor<2x9412xi64> {octet.name = \"y\"}");
  unique.weights("x", {5}, {3, 1, 3, 1, 2}).node("Unique", "x", "y", "n").output("y");
  EXPECT_EQ(importResult(unique), "tensor<3xf32> {octet.name = \"y\"}");
  boxes.weights("b", {1, 2, 4}, {0, 0, 1, 1, 5, 5, 6, 6}).weights("s", {1, 1, 2}, {1, 2});
  boxes.integers("m", {2}).node("NonMaxSuppression", "b s m", "y", "n").output("y");
  EXPECT_EQ(importResult(boxes), "tensor<2x3xi64> {octet.name = \"y\"}");
}

TEST_F(DynamicExtents, FollowThroughOps) {
  ModelBuilder add = taken().weights("w", {3}).node("Add", "u w", "y", "n");
  expectUsed(add, "tensor<6x3xf32>", "0");
  ModelBuilder same = taken().node("Relu", "u", "r").node("Mul", "r u", "y", "n");
  expectUsed(same, "tensor<6x3xf32>", "0");
  ModelBuilder reshape = taken().integers("s", {2, 3, 1, -1}).node("Transpose", "u", "t", "t");
  reshape.ints("perm", {1, 0}).integers("r", {1, 3, 6, 1}).node("Reshape", "t r", "y", "n");
  expectUsed(reshape, "tensor<1x3x6x1xf32>", "2");
  ModelBuilder slice = taken().integers("b", {1}).integers("e", {3}).integers("a", {1});
  slice.node("Slice", "u b e a", "y", "n");
  expectUsed(slice, "tensor<6x2xf32>", "0");
  ModelBuilder concat = taken().node("Concat", "u u", "y", "n").integer("axis", 1);
  expectUsed(concat, "tensor<6x6xf32>", "0");
  ModelBuilder columns = taken().integers("i", {2, 0}).node("Gather", "u i", "y", "n");
  columns.integer("axis", 1);
  expectUsed(columns, "tensor<6x2xf32>", "0");
  ModelBuilder rows = taken().integers("o", {0}).node("Gather", "u o", "g").integer("axis", 1);
  rows.node("Cast", "g", "i").integer("to", kInt64).input("t", "5x7x2");
  rows.node("Gather", "t i", "y", "n").integer("axis", 1);
  expectUsed(rows, "tensor<5x6x1x2xf32>", "1");
  ModelBuilder tuples = taken().node("Cast", "u", "i").integer("to", kInt64).input("t", "4x5x6x7");
  tuples.node("GatherND", "t i", "y", "n");
  expectUsed(tuples, "tensor<6x7xf32>", "0");
  ModelBuilder sum = taken().node("ReduceMax", "u", "y", "n").ints("axes", {1});
  sum.integer("keepdims", 0);
  expectUsed(sum, "tensor<6xf32>", "0");
  ModelBuilder best = taken().node("ArgMax", "u", "y", "n").integer("axis", 1);
  expectUsed(best, "tensor<6x1xi64>", "0");
  ModelBuilder product = taken().weights("w", {3, 5}).node("MatMul", "u w", "y", "n");
  expectUsed(product, "tensor<6x5xf32>", "0");
  ModelBuilder softmax = taken().node("Softmax", "u", "y", "n").integer("axis", 1);
  expectUsed(softmax, "tensor<6x3xf32>", "0");
  ModelBuilder running = taken().integers("a", {0}).node("CumSum", "u a", "y", "n");
  expectUsed(running, "tensor<6x3xf32>", "0");
}

TEST_F(DynamicExtents, BeginWithTheFirst) {
  ModelBuilder model = taken().integers("b", {0}).integers("e", {4}).node("Slice", "u b e", "y");
  std::string text = importModel(model.output("y"));
  EXPECT_NE(text.find("tensor<4x3xf32> {octet.extent = array<i64: 0, 1>"), std::string::npos)
      << diagnostics << text;
  EXPECT_NE(text.find("octet.min"), std::string::npos) << text;
}

TEST_F(DynamicExtents, MakeShapesThatAreComputed) {
  ModelBuilder shape = taken().node("Shape", "u", "y", "n").output("y");
  std::string text = importModel(shape);
  EXPECT_NE(text.find("octet.concat"), std::string::npos) << diagnostics << text;
  EXPECT_NE(text.find("-> (tensor<2xi64> {octet.name = \"y\"})"), std::string::npos) << text;
  ModelBuilder size = taken().node("Size", "u", "y", "n").output("y");
  text = importModel(size);
  EXPECT_NE(text.find("octet.mul"), std::string::npos) << diagnostics << text;
  ModelBuilder other = taken(15).node("Shape", "u", "y", "n").integer("start", 1).output("y");
  text = importModel(other);
  EXPECT_NE(text.find("octet.constant dense<3> : tensor<1xi64>"), std::string::npos) << text;
}

TEST_F(DynamicExtents, GiveWayToElementsThatChangeNothing) {
  auto expectNeutral = [&](const ModelBuilder &model, const std::string &neutral) {
    std::string text = importModel(model);
    EXPECT_NE(text.find("octet.select"), std::string::npos) << diagnostics << text;
    EXPECT_NE(text.find("dense<" + neutral + "> : tensor<"), std::string::npos) << text;
    EXPECT_EQ(text.find("octet.extent"), std::string::npos) << text;
  };
  auto reduce = [&](const char *op) {
    return taken(11).node(op, "u", "y", "n").ints("axes", {0}).output("y");
  };
  expectNeutral(reduce("ReduceSum"), "0.000000e+00");
  expectNeutral(reduce("ReduceProd"), "1.000000e+00");
  expectNeutral(reduce("ReduceMax"), "0xFF800000");
  expectNeutral(reduce("ReduceMin"), "0x7F800000");
  ModelBuilder best = taken().node("ArgMax", "u", "y", "n").integer("axis", 0).output("y");
  expectNeutral(best, "0x7FC00000");
  ModelBuilder integers = taken().node("Cast", "u", "i").integer("to", kInt64);
  integers.node("ArgMax", "i", "y", "n").integer("axis", 0).output("y");
  expectNeutral(integers, "-9223372036854775808");
  // As many of the best as there are.
  ModelBuilder sorted = taken().integers("k", {2}).node("TopK", "u k", "y -", "n");
  expectUsed(sorted.integer("axis", 0), "tensor<2x3xf32>", "0");
}

// A graph in a node is imported once, and looked at again with the node.
TEST_F(DynamicExtents, InBranches) {
  ModelBuilder branch, other, model = taken();
  branch.node("ReduceMax", "u", "m").ints("axes", {0}).output("m");
  other.node("ReduceMin", "u", "l").ints("axes", {0}).output("l");
  model.input("p", "1", kBool).node("If", "p", "y", "n");
  model.graphOf("then_branch", branch).graphOf("else_branch", other).output("y");
  EXPECT_NE(importModel(model).find("-> (tensor<1x3xf32> {octet.name = \"y\"})"), std::string::npos)
      << diagnostics;
}

TEST_F(DynamicExtents, EndWhereElementsMix) {
  const std::string rows = "0 of 'tensor<6x3xf32>'";
  ModelBuilder mean = taken().node("ReduceMean", "u", "y", "n").ints("axes", {0});
  expectRefusal(mean, "ReduceMean", rows);
  ModelBuilder best = taken().node("ArgMax", "u", "y", "n").integer("axis", 0);
  expectRefusal(best.integer("select_last_index", 1), "ArgMax", rows);
  ModelBuilder other = taken().input("z", "6x3").node("Add", "u z", "y", "n");
  expectRefusal(other, "Add", rows);
  ModelBuilder repeated = taken().input("z", "1x1x3").node("Concat", "u u", "y", "n");
  expectRefusal(repeated.integer("axis", 0), "Concat", rows);
  ModelBuilder last = taken().integers("i", {-1}).node("Gather", "u i", "y", "n");
  expectRefusal(last.integer("axis", 0), "Gather", rows);
  ModelBuilder end = taken().integers("b", {2}).integers("e", {6}).node("Slice", "u b e", "y", "n");
  expectRefusal(end, "Slice", rows);
  ModelBuilder pad = taken().integers("p", {0, 0, 1, 0}).node("Pad", "u p", "y", "n");
  expectRefusal(pad, "Pad", rows);
  ModelBuilder merged = taken().integers("s", {3, 6}).node("Reshape", "u s", "y", "n");
  expectRefusal(merged, "Reshape", rows);
  ModelBuilder product = taken().weights("w", {5, 6}).node("MatMul", "w u", "y", "n");
  expectRefusal(product, "MatMul", "1 of 'tensor<6x3xf32>'");
  // Used elements of used elements: two extents at once.
  ModelBuilder twice = taken().input("d", "2", kBool).node("Compress", "u d", "y", "n");
  expectRefusal(twice.integer("axis", 1), "Compress", rows);
  ModelBuilder mask = taken().node("NonZero", "u", "y", "n");
  mask.output("y");
  EXPECT_EQ(importModel(mask), "");
  EXPECT_NE(diagnostics.find("node 'n' (NonZero): expected extents that do not depend on data"),
            std::string::npos)
      << diagnostics;
}

TEST_F(DynamicExtents, NeedANameForTheirCount) {
  ModelBuilder model = taken().node("Relu", "x", "u.count").output("u").output("u.count");
  expectErrors(model, {"model.onnx: expected no output 'u.count', since that tells how much of "
                       "another one is used"});
}

TEST_F(DynamicExtents, Refusals) {
  ModelBuilder types(11), limits(11), halves(11);
  types.input("b", "1x5x4").input("s", "1x1x4").node("NonMaxSuppression", "b s", "y", "n");
  types.output("y");
  expectErrors(types, {"model.onnx: node 'n' (NonMaxSuppression): expected float32 boxes [batch, "
                       "count, 4] and scores [batch, classes, count], got 'tensor<1x5x4xf32>' and "
                       "'tensor<1x1x4xf32>'"});
  limits.input("b", "1x5x4").input("s", "1x1x5").integers("m", {1, 2});
  limits.node("NonMaxSuppression", "b s m", "y", "n").output("y");
  expectErrors(limits, {"model.onnx: node 'n' (NonMaxSuppression): expected one number as each "
                        "limit, got several"});
}

} // namespace

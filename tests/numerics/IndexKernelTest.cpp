// Ops that make indices or go by them, as machine code: every element type, extents
// that fill no vector, and indices of which some point outside.

#include "tests/numerics/EmissionCheck.h"

using octet::test::expectNative;

namespace {

std::string tensor(const std::string &shape, const std::string &element) {
  return "tensor<" + shape + "x" + element + ">";
}

struct Operand {
  std::string name, type;
};

/// One op from operands to the result. Operands of i32 and i64 are computed from bytes,
/// divided by `divisor`, so that about half of them are indices of small tensors.
std::string indexing(const std::string &op, const std::vector<Operand> &operands,
                     const std::string &y, int divisor = 20) {
  std::string arguments, body, types;
  for (const auto &[name, type] : operands) {
    std::string element = type.substr(type.rfind('x') + 1), bytes = type;
    bool isIndex = name[0] == 'i';
    if (isIndex)
      bytes.replace(bytes.rfind('x') + 1, std::string::npos, "i8>");
    arguments += (arguments.empty() ? "%" : ", %") + name + (isIndex ? "8" : "") + ": " + bytes;
    types += (types.empty() ? "" : ", ") + type;
    if (isIndex)
      body += " %d" + name + " = octet.constant dense<" + std::to_string(divisor) + "> : " + type +
              " : " + type + "\n %" + name + " = octet.fused %" + name + "8, %d" + name + " : (" +
              bytes + ", " + type + ") -> " + type + " {\n ^bb0(%a: " + bytes + ", %b: " + type +
              "):\n %c = octet.cast %a : (" + bytes + ") -> " + type +
              "\n %r = octet.div %c, %b : (" + type + ", " + type + ") -> " + type +
              "\n octet.yield %r : " + type + "\n }\n";
  }
  return "func.func @main(" + arguments + ") -> " + y + " {\n" + body + " %0 = octet." + op +
         " : (" + types + ") -> " + y + "\n return %0 : " + y + "\n}";
}

const char *const kMoved[] = {"f32", "i64", "i8", "i1", "bf16", "f16", "f64", "ui16"};
const char *const kCompared[] = {"f32", "bf16", "f64", "i8", "ui8", "i64", "ui64"};
const char *const kJoined[] = {"f32", "f64", "i32", "ui8", "i1"};

// Lines whose neighbours are lanes, lines of neighbours with and without a whole number
// of registers, and lines too short for that.
TEST(Index, FindsExtrema) {
  for (std::string e : kCompared)
    for (const char *which : {"largest", "smallest"})
      for (const char *last : {"", ", last"}) {
        std::string op = std::string("arg_extremum ") + which + " %x {axis = ";
        expectNative(indexing(op + "1 : i64" + last + "}", {{"x", tensor("3x7x21", e)}},
                              "tensor<3x1x21xi64>"));
        expectNative(
            indexing(op + "1 : i64" + last + "}", {{"x", tensor("3x53", e)}}, "tensor<3x1xi64>"));
      }
  for (const char *x : {"2x19", "2x1", "2x64"})
    expectNative(indexing("arg_extremum largest %x {axis = 1 : i64}", {{"x", tensor(x, "f32")}},
                          "tensor<2x1xi64>"));
  // Many equal elements.
  for (const char *last : {"", ", last"}) {
    expectNative(indexing(std::string("arg_extremum largest %x {axis = 0 : i64") + last + "}",
                          {{"x", tensor("301x3", "i1")}}, "tensor<1x3xi64>"));
    expectNative(indexing(std::string("arg_extremum largest %x {axis = 1 : i64") + last + "}",
                          {{"x", tensor("9x301", "i1")}}, "tensor<9x1xi64>"));
  }
  // NaN only where there is nothing else.
  for (const char *which : {"largest", "smallest"})
    expectNative(std::string("func.func @main(%x: tensor<1xf32>) -> tensor<1x3xi64> {\n %c = "
                             "octet.constant dense<[[0x7FC00000, 0x7FC00000, 0x7FC00000], "
                             "[0x7FC00000, 1.0, 0xFF800000], [0x7FC00000, 0x7FC00000, "
                             "0x7FC00000]]> : tensor<3x3xf32> : tensor<3x3xf32>\n %0 = "
                             "octet.arg_extremum ") +
                 which +
                 " %c {axis = 0 : i64} : (tensor<3x3xf32>) -> tensor<1x3xi64>\n return %0 : "
                 "tensor<1x3xi64>\n}");
}

TEST(Index, FindsTheBestInOrder) {
  for (std::string e : kCompared)
    for (const char *which : {"largest", "smallest"})
      for (int k : {1, 7, 37}) {
        std::string op = std::string("top_k_indices ") + which +
                         " %x {axis = 1 : i64, k = " + std::to_string(k) + " : i64}";
        expectNative(indexing(op, {{"x", tensor("3x37x5", e)}},
                              tensor("3x" + std::to_string(k) + "x5", "i64")));
      }
  expectNative(indexing("top_k_indices largest %x {axis = 0 : i64, k = 100 : i64}",
                        {{"x", "tensor<257xi8>"}}, "tensor<100xi64>"));
}

TEST(Index, AddsUp) {
  for (std::string e : {"f32", "f64", "i32", "ui8", "i64"})
    for (const char *flags : {"", ", exclusive", ", reverse", ", exclusive, reverse"})
      for (int axis = 0; axis < 3; ++axis)
        expectNative(
            indexing("cumulative_sum %x {axis = " + std::to_string(axis) + " : i64" + flags + "}",
                     {{"x", tensor("3x19x5", e)}}, tensor("3x19x5", e)));
}

TEST(Index, GathersElements) {
  for (std::string e : kMoved)
    for (std::string index : {"i32", "i64"}) {
      expectNative(indexing("gather_elements %x, %i {axis = 0 : i64}",
                            {{"x", tensor("7x5", e)}, {"i", tensor("11x3", index)}},
                            tensor("11x3", e)));
      expectNative(indexing("gather_elements %x, %i {axis = 1 : i64}",
                            {{"x", tensor("7x5", e)}, {"i", tensor("7x21", index)}},
                            tensor("7x21", e)));
    }
}

TEST(Index, GathersSlices) {
  for (std::string e : kMoved) {
    expectNative(indexing("gather_nd %x, %i {batch_dims = 0 : i64}",
                          {{"x", tensor("5x6x19", e)}, {"i", "tensor<3x7x2xi64>"}},
                          tensor("3x7x19", e)));
    expectNative(indexing("gather_nd %x, %i {batch_dims = 1 : i64}",
                          {{"x", tensor("3x6x5", e)}, {"i", "tensor<3x7x2xi32>"}},
                          tensor("3x7", e)));
    expectNative(indexing("gather_nd %x, %i {batch_dims = 2 : i64}",
                          {{"x", tensor("3x2x5x9", e)}, {"i", "tensor<3x2x1xi64>"}},
                          tensor("3x2x9", e)));
  }
}

TEST(Index, ReversesSequences) {
  for (std::string e : kMoved) {
    std::string x = tensor("4x5x19", e);
    expectNative(indexing("reverse_sequence %x, %i {batch_axis = 0 : i64, time_axis = 1 : i64}",
                          {{"x", x}, {"i", "tensor<4xi64>"}}, x));
    expectNative(indexing("reverse_sequence %x, %i {batch_axis = 2 : i64, time_axis = 0 : i64}",
                          {{"x", x}, {"i", "tensor<19xi32>"}}, x));
    expectNative(indexing("reverse_sequence %x, %i {batch_axis = 1 : i64, time_axis = 2 : i64}",
                          {{"x", x}, {"i", "tensor<5xi64>"}}, x, 6));
  }
}

TEST(Index, MarksOnePlace) {
  for (std::string e : kMoved)
    for (int axis = 0; axis < 3; ++axis) {
      std::string shape = axis == 0 ? "5x3x7" : axis == 1 ? "3x5x7" : "3x7x5";
      expectNative(
          indexing("one_hot %i, %v {axis = " + std::to_string(axis) + " : i64, depth = 5 : i64}",
                   {{"i", "tensor<3x7xi64>"}, {"v", tensor("2", e)}}, tensor(shape, e)));
    }
}

TEST(Index, ScattersElements) {
  for (std::string e : kMoved)
    expectNative(
        indexing("scatter_elements assign %x, %i, %u {axis = 1 : i64}",
                 {{"x", tensor("5x7x3", e)}, {"i", "tensor<4x9x2xi64>"}, {"u", tensor("4x9x2", e)}},
                 tensor("5x7x3", e)));
  for (std::string e : kJoined)
    for (std::string kind : {"add", "mul", "min", "max"})
      for (int axis : {0, 1})
        expectNative(indexing(
            "scatter_elements " + kind + " %x, %i, %u {axis = " + std::to_string(axis) + " : i64}",
            {{"x", tensor("7x7", e)}, {"i", "tensor<7x7xi32>"}, {"u", tensor("7x7", e)}},
            tensor("7x7", e)));
}

TEST(Index, ScattersSlices) {
  for (std::string e : kMoved)
    expectNative(
        indexing("scatter_nd assign %x, %i, %u",
                 {{"x", tensor("5x6x3", e)}, {"i", "tensor<4x9x2xi64>"}, {"u", tensor("4x9x3", e)}},
                 tensor("5x6x3", e)));
  for (std::string e : kJoined)
    for (std::string kind : {"add", "mul", "min", "max"}) {
      expectNative(
          indexing("scatter_nd " + kind + " %x, %i, %u",
                   {{"x", tensor("7", e)}, {"i", "tensor<19x1xi32>"}, {"u", tensor("19", e)}},
                   tensor("7", e)));
      // Slices that threads share.
      expectNative(
          indexing("scatter_nd " + kind + " %x, %i, %u",
                   {{"x", tensor("7x195", e)}, {"i", "tensor<9x1xi64>"}, {"u", tensor("9x195", e)}},
                   tensor("7x195", e)));
    }
}

TEST(Index, FindsMaximaOfWindows) {
  for (std::string e : {"f32", "i8", "ui8"})
    for (const char *order : {"", ", column_major"}) {
      std::string op = "max_pool_indices %x {";
      expectNative(indexing(op +
                                "kernel = array<i64: 3, 2>, strides = array<i64: 2, 1>, pads = "
                                "array<i64: 1, 0, 2, 1>, dilations = array<i64: 1, 2>" +
                                order + "}",
                            {{"x", tensor("2x3x7x9", e)}}, "tensor<2x3x4x8xi64>"));
      expectNative(indexing(op +
                                "kernel = array<i64: 2, 3, 2>, strides = array<i64: 1, 2, 2>, pads "
                                "= array<i64: 0, 1, 0, 0, 1, 0>, dilations = array<i64: 1, 1, 1>, "
                                "ceil_mode" +
                                order + "}",
                            {{"x", tensor("1x2x3x5x5", e)}}, "tensor<1x2x2x3x3xi64>"));
    }
}

} // namespace

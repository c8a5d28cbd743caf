// Reductions and softmax as machine code.

#include "tests/numerics/EmissionCheck.h"

using octet::test::expectNative;

namespace {

struct Reduction {
  const char *x, *axes, *y;
  bool keep;
};

const Reduction kReductions[] = {
    {"37", "0", "", false},
    {"3x37", "1", "3x1", true},
    {"3x37", "0", "37", false},
    {"2x3x5x7", "2, 3", "2x3", false},
    {"2x3x5x7", "1", "2x1x5x7", true},
    {"2x3x5x7", "0, 2", "3x7", false},
    {"2x3x5x7", "1, 3", "2x1x5x1", true},
    {"2x21x19", "0, 1, 2", "", false},
    {"5x1x3", "1", "5x3", false},
    {"4x5", "", "4x5", false},
    {"2x3x2x2x3x5", "1, 4", "2x2x2x5", false},
    {"2x1x3x2x7", "0, 2, 4", "1x1x1x2x1", true},
};

std::string reduce(const char *kind, const Reduction &r, const std::string &element) {
  auto tensor = [&](std::string shape) {
    return "tensor<" + shape + (shape.empty() ? "" : "x") + element + ">";
  };
  return "func.func @main(%x: " + tensor(r.x) + ") -> " + tensor(r.y) + " {\n %0 = octet.reduce " +
         kind + " %x {axes = array<i64" + (*r.axes ? std::string(": ") + r.axes : "") + ">" +
         (r.keep ? ", keepdims" : "") + "} : (" + tensor(r.x) + ") -> " + tensor(r.y) +
         "\n return %0 : " + tensor(r.y) + "\n}";
}

TEST(Reduce, Floats) {
  for (const Reduction &r : kReductions)
    for (const char *kind : {"mean", "sum", "max", "min", "prod"})
      expectNative(reduce(kind, r, "f32"), 3e-6);
}

// One unit in the last place, where the sum before rounding is near a tie.
constexpr double kUnit = 1.0 / 256;

TEST(Reduce, BF16) {
  for (const Reduction &r : kReductions)
    for (const char *kind : {"mean", "sum", "max", "min", "prod"})
      expectNative(reduce(kind, r, "bf16"), kUnit);
}

TEST(Reduce, F64) {
  for (const Reduction &r : {kReductions[0], kReductions[3], kReductions[4]})
    for (const char *kind : {"mean", "sum", "max", "min", "prod"})
      expectNative(reduce(kind, r, "f64"), 3e-6);
}

TEST(Reduce, Integers) {
  for (const Reduction &r : {kReductions[0], kReductions[3], kReductions[4]})
    for (const char *kind : {"mean", "sum", "max", "min", "prod"})
      for (const char *element : {"i32", "i64", "ui8", "i8", "ui16", "ui64"})
        expectNative(reduce(kind, r, element));
}

TEST(Softmax, AlongEveryAxis) {
  struct Case {
    const char *shape;
    int axes;
  } cases[] = {{"10", 1}, {"3x37", 2}, {"2x5x7", 3}, {"1x1000", 2}, {"2x3x4x16", 4}, {"5x1", 2}};
  for (const Case &c : cases)
    for (int axis = 0; axis < c.axes; ++axis)
      for (const char *op : {"softmax", "log_softmax"})
        for (std::string element : {"f32", "bf16"}) {
          std::string type = "tensor<" + std::string(c.shape) + "x" + element + ">";
          expectNative("func.func @main(%x: " + type + ") -> " + type + " {\n %0 = octet." + op +
                           " %x {axis = " + std::to_string(axis) + " : i64} : (" + type + ") -> " +
                           type + "\n return %0 : " + type + "\n}",
                       element == "f32" ? 5e-7 : kUnit);
        }
}

} // namespace

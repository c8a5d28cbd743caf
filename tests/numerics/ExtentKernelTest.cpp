// Ops that find out how many of something there are, as machine code: masks and slices of
// odd sizes, elements that are equal, and boxes that overlap in every way.

#include "tests/numerics/EmissionCheck.h"

using octet::test::expectNative;

namespace {

std::string tensor(const std::string &shape, const std::string &element) {
  return "tensor<" + shape + "x" + element + ">";
}

TEST(Extent, ListsWhereAMaskIsSet) {
  for (int size : {1, 3, 15, 17, 33, 400}) {
    std::string x = tensor(std::to_string(size), "f32"), mask = tensor(std::to_string(size), "i1"),
                y = tensor(std::to_string(size + 1), "i64");
    for (const char *bound : {"0.0", "-1000.0", "1000.0"})
      for (const char *fill : {"0", "-7"})
        expectNative("func.func @main(%x: " + x + ") -> " + y + " {\n %b = octet.constant dense<" +
                     bound + "> : tensor<f32> : tensor<f32>\n %m = octet.compare gt %x, %b : (" +
                     x + ", tensor<f32>) -> " + mask + "\n %0 = octet.true_indices %m {fill = " +
                     fill + " : i64} : (" + mask + ") -> " + y + "\n return %0 : " + y + "\n}");
  }
}

std::string order(const std::string &x, int axis, int extent) {
  std::string y = tensor(std::to_string(extent), "i64");
  return "func.func @main(%x: " + x + ") -> " + y +
         " {\n %0 = octet.slice_order %x {axis = " + std::to_string(axis) + " : i64} : (" + x +
         ") -> " + y + "\n return %0 : " + y + "\n}";
}

// Bytes repeat, so that many slices are equal and the first of them has to come first.
TEST(Extent, OrdersSlices) {
  for (std::string e : {"f32", "bf16", "f64", "i8", "ui8", "i64", "ui64", "i1"}) {
    for (int size : {1, 2, 3, 17, 33})
      expectNative(order(tensor(std::to_string(size), e), 0, size));
    expectNative(order(tensor("3x5", e), 0, 3));
    expectNative(order(tensor("3x17x2", e), 1, 17));
    expectNative(order(tensor("2x3x15", e), 2, 15));
  }
  expectNative(order("tensor<1000xi8>", 0, 1000));
  expectNative(order("tensor<500x1xi1>", 0, 500));
}

// NaN comes last; -0 and 0 are equal.
TEST(Extent, OrdersNumbersThatAreNone) {
  expectNative("func.func @main(%x: tensor<7xf32>) -> tensor<7xi64> {\n %c = octet.constant "
               "dense<[0x7FC00000, 1.0, 0xFFC00000, 0xFF800000, -0.0, 0.0, -0.0]> : tensor<7xf32> "
               ": tensor<7xf32>\n %s = octet.mul %c, %c : (tensor<7xf32>, tensor<7xf32>) -> "
               "tensor<7xf32>\n %n = octet.reshape %x {shape = array<i64: 7>} : (tensor<7xf32>) "
               "-> tensor<7xf32>\n %z = octet.constant dense<0.0> : tensor<f32> : tensor<f32>\n "
               "%p = octet.mul %n, %z : (tensor<7xf32>, tensor<f32>) -> tensor<7xf32>\n %a = "
               "octet.add %c, %p : (tensor<7xf32>, tensor<7xf32>) -> tensor<7xf32>\n %0 = "
               "octet.slice_order %a {axis = 0 : i64} : (tensor<7xf32>) -> tensor<7xi64>\n return "
               "%0 : tensor<7xi64>\n}");
}

struct Suppression {
  int batches, classes, count, most, room;
  const char *overlap = "0.3", *least = "-0.5";
};

std::string suppress(const Suppression &s, bool centered) {
  std::string b = std::to_string(s.batches), c = std::to_string(s.classes),
              n = std::to_string(s.count);
  std::string boxes = tensor(b + "x" + n + "x4", "f32"),
              scores = tensor(b + "x" + c + "x" + n, "f32"),
              y = tensor(b + "x" + c + "x" + std::to_string(std::min(s.room, s.count)), "i64");
  auto constant = [](const std::string &name, const std::string &value, const std::string &type) {
    return " %" + name + " = octet.constant dense<" + value + "> : " + type + " : " + type + "\n";
  };
  std::string text = "func.func @main(%b: " + boxes + ", %s: " + scores + ") -> " + y + " {\n" +
                     constant("m", std::to_string(s.most), "tensor<1xi64>") +
                     constant("o", s.overlap, "tensor<f32>");
  std::string types = "(" + boxes + ", " + scores + ", tensor<1xi64>, tensor<f32>";
  if (s.least) {
    text += constant("l", s.least, "tensor<1xf32>");
    types += ", tensor<1xf32>";
  }
  return text + " %0 = octet.non_max_suppression %b, %s most %m overlap %o" +
         (s.least ? " least %l" : "") + " {room = " + std::to_string(s.room) + " : i64" +
         (centered ? ", centered" : "") + "} : " + types + ") -> " + y + "\n return %0 : " + y +
         "\n}";
}

TEST(Extent, SuppressesBoxes) {
  for (bool centered : {false, true}) {
    expectNative(suppress({1, 1, 1, 1, 1}, centered));
    expectNative(suppress({1, 1, 33, 10, 10}, centered));
    expectNative(suppress({3, 5, 17, 3, 3}, centered));
    expectNative(suppress({2, 3, 15, 100, 100}, centered));
    expectNative(suppress({1, 3, 200, 50, 50}, centered));
    expectNative(suppress({1, 2, 33, 7, 20, "0.0", nullptr}, centered));
    expectNative(suppress({1, 2, 33, 20, 7, "0.9", "0.5"}, centered));
    // All of them, none of them, and a limit below 0.
    expectNative(suppress({1, 1, 20, 20, 20, "1.0", "-1000.0"}, centered));
    expectNative(suppress({1, 1, 20, 20, 20, "0.5", "1000.0"}, centered));
    expectNative(suppress({1, 1, 20, -3, 20}, centered));
    expectNative(suppress({1, 1, 20, 20, 20, "-1.0", nullptr}, centered));
  }
}

} // namespace

// Ops that compare, choose and act on bits as machine code, over shapes that leave tails.

#include "tests/numerics/ElementwiseFunction.h"
#include "tests/numerics/EmissionCheck.h"

using octet::test::expectNative;
using octet::test::Function;
using octet::test::kShapes;

namespace {

const char *const kPredicates[] = {"eq", "ne", "lt", "le", "gt", "ge"};

std::string tensor(const std::string &shape, const std::string &element) {
  return "tensor<" + shape + "x" + element + ">";
}

TEST(Logic, ComparesF32) {
  for (const char *shape : kShapes) {
    Function function({tensor(shape, "f32"), tensor(shape, "f32")});
    for (std::string kind : kPredicates)
      function.add("compare " + kind + " %a, %b", tensor(shape, "i1"));
    expectNative(function.getText());
  }
}

TEST(Logic, ComparesOtherElements) {
  for (const char *element :
       {"i1", "i8", "ui8", "i16", "ui32", "i64", "ui64", "f16", "bf16", "f64"}) {
    Function function({tensor("5x43", element), tensor("43", element)});
    for (std::string kind : kPredicates)
      function.add("compare " + kind + " %a, %b", tensor("5x43", "i1"));
    expectNative(function.getText());
  }
}

TEST(Logic, CombinesBits) {
  for (const char *element : {"i1", "i8", "ui16", "i32", "ui64"}) {
    Function function({tensor("3x1x37", element), tensor("5x1", element)});
    for (std::string kind : {"and", "or", "xor"})
      function.add("bitwise " + kind + " %a, %b", tensor("3x5x37", element));
    expectNative(function.getText());
  }
}

TEST(Logic, ShiftsByMoreThanTheWidth) {
  for (const char *element : {"ui8", "ui16", "ui32", "ui64"}) {
    std::string type = tensor("133", element);
    std::string places = tensor("7x1", element), y = tensor("7x133", element);
    std::string text =
        "func.func @main(%a: " + type + ") -> (" + y + ", " + y +
        ") {\n %b = octet.constant dense<[[1], [0], [7], [31], [8], [63], [64]]> : " + places +
        " : " + places;
    for (std::string kind : {"left", "right"})
      text += "\n %" + kind + " = octet.shift " + kind + " %a, %b : (" + type + ", " + places +
              ") -> " + y;
    expectNative(text + "\n return %left, %right : " + y + ", " + y + "\n}");
  }
}

TEST(Logic, RemaindersOfIntegers) {
  for (const char *element : {"i8", "ui8", "i16", "i32", "ui32", "i64", "ui64"}) {
    Function function({tensor("11x43", element), tensor("43", element)});
    for (std::string kind : {"floor", "trunc"})
      function.add("mod " + kind + " %a, %b", tensor("11x43", element));
    expectNative(function.getText());
  }
}

// Exact, like fmod of C.
TEST(Logic, RemaindersOfFloats) {
  for (const char *element : {"f32", "f64", "f16", "bf16"}) {
    Function function({tensor("11x43", element), tensor("43", element)});
    function.add("mod trunc %a, %b", tensor("11x43", element));
    expectNative(function.getText());
  }
}

TEST(Logic, RemaindersOfExtremeFloats) {
  std::string numbers = "dense<[0x7F7FFFFF, 0x00000001, 0xFF7FFFFF, 1.0, -7.5, 0x7F800000, 0.0, "
                        "0x7FC00000, 3.1415927, 0x00800003, 1.0e30, -4.0]> : ";
  std::string row = "tensor<12xf32>", column = "tensor<12x1xf32>", y = "tensor<12x12xf32>";
  numbers += row + " : ";
  // Infinities and NaN in the evaluator's result have to be the kernel's, too.
  expectNative("func.func @main(%z: " + row + ") -> " + y + " {\n %a = octet.constant " + numbers +
               row + "\n %b = octet.reshape %a {shape = array<i64: 12, 1>} : (" + row + ") -> " +
               column + "\n %y = octet.mod trunc %b, %a : (" + column + ", " + row + ") -> " + y +
               "\n return %y : " + y + "\n}");
}

TEST(Logic, SelectsAnyElements) {
  for (const char *element : {"i1", "ui8", "i16", "f16", "bf16", "f32", "i32", "f64", "i64"})
    for (const char *shape : {"7", "2x3x5", "3x1x129"}) {
      Function function({tensor(shape, "i1"), tensor(shape, element), tensor(shape, element)});
      function.add("select %a, %b, %c", tensor(shape, element));
      expectNative(function.getText());
    }
}

TEST(Logic, SelectBroadcastsThreeShapes) {
  const char *shapes[][4] = {{"4x37", "1", "37", "4x37"},
                             {"1x1x37", "3x5x1", "1", "3x5x37"},
                             {"1", "2x5", "2x5", "2x5"},
                             {"2x1x1x1", "1x3x1x7", "5x1", "2x3x5x7"}};
  for (auto &shape : shapes) {
    Function function({tensor(shape[0], "i1"), tensor(shape[1], "f32"), tensor(shape[2], "f32")});
    function.add("select %a, %b, %c", tensor(shape[3], "f32"));
    expectNative(function.getText());
  }
}

// A mask, its complement, and what they choose, in one kernel.
TEST(Logic, GroupsOfBooleansAndNumbers) {
  for (std::string shape : {"5", "3x67", "20011"}) {
    std::string real = tensor(shape, "f32"), bits = tensor(shape, "i1");
    expectNative("func.func @main(%x: " + real + ", %m: " + bits + ") -> " + real +
                 " {\n %0 = octet.fused %x, %m : (" + real + ", " + bits + ") -> " + real +
                 " {\n ^bb0(%a: " + real + ", %b: " + bits + "):\n %1 = octet.neg %a : (" + real +
                 ") -> " + real + "\n %2 = octet.compare lt %a, %1 : (" + real + ", " + real +
                 ") -> " + bits + "\n %3 = octet.bitwise xor %2, %b : (" + bits + ", " + bits +
                 ") -> " + bits + "\n %4 = octet.select %3, %1, %a : (" + bits + ", " + real +
                 ", " + real + ") -> " + real + "\n octet.yield %4 : " + real +
                 "\n }\n return %0 : " + real + "\n}");
  }
}

} // namespace

// Ops that move elements as machine code: any element size, both layouts.

#include "tests/numerics/EmissionCheck.h"

using octet::test::expectNative;

namespace {

std::string tensor(const std::string &shape, const std::string &element) {
  return "tensor<" + shape + "x" + element + ">";
}

/// One op from %x to the result. With `inPlane`, its operand comes from a pool and its
/// result goes to one, which makes both channels last.
std::string moving(const std::string &op, const std::string &x, const std::string &y) {
  return "func.func @main(%x: " + x + ") -> " + y + " {\n %0 = octet." + op + " : (" + x + ") -> " +
         y + "\n return %0 : " + y + "\n}";
}

std::string pool(const std::string &result, const std::string &operand, const std::string &type) {
  return result + " = octet.max_pool " + operand +
         " {kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, "
         "0>, dilations = array<i64: 1, 1>} : (" +
         type + ") -> " + type + "\n";
}

std::string movingInPlane(const std::string &op, const std::string &x, const std::string &y) {
  return "func.func @main(%arg: " + x + ") -> " + y + " {\n" + pool("%x", "%arg", x) +
         " %0 = octet." + op + " : (" + x + ") -> " + y + "\n" + pool("%1", "%0", y) +
         " return %1 : " + y + "\n}";
}

const char *const kElements[] = {
    "f32", "i64", "i8", "i1", "bf16", "f64", "!quant.uniform<u8:f32, 0.02:128>"};
const char *const kPlaneElements[] = {"f32", "!quant.uniform<u8:f32, 0.02:128>"};

TEST(Movement, EveryElementSize) {
  for (std::string e : kElements) {
    expectNative(moving("transpose %x {permutation = array<i64: 2, 0, 1>}", tensor("3x5x19", e),
                        tensor("19x3x5", e)));
    expectNative(moving("slice %x {offsets = array<i64: 2, 18, 0>, sizes = array<i64: 3, 9, 17>, "
                        "steps = array<i64: 1, -2, 1>}",
                        tensor("5x19x21", e), tensor("3x9x17", e)));
    expectNative(
        moving("expand %x {shape = array<i64: 2, 3, 37>}", tensor("3x1", e), tensor("2x3x37", e)));
    expectNative(moving("pad %x {low = array<i64: 1, -1, 2>, high = array<i64: 0, 2, 3>, mode = "
                        "#octet<pad_mode constant>, value = 3.0 : f32}",
                        tensor("2x5x21", e), tensor("3x6x26", e)));
  }
}

TEST(Movement, Transposes) {
  for (const char *permutation : {"0, 2, 3, 1", "0, 3, 1, 2", "3, 2, 1, 0", "1, 0, 3, 2"}) {
    int64_t extents[] = {2, 3, 5, 37};
    std::string shape;
    for (const char *c = permutation; *c; ++c)
      if (*c >= '0' && *c <= '3')
        shape += (shape.empty() ? "" : "x") + std::to_string(extents[*c - '0']);
    expectNative(moving("transpose %x {permutation = array<i64: " + std::string(permutation) + ">}",
                        tensor("2x3x5x37", "f32"), tensor(shape, "f32")));
  }
}

TEST(Movement, ReshapesBetweenLayouts) {
  for (std::string e : kPlaneElements) {
    std::string x = tensor("2x7x3x5", e), y = tensor("2x105", e), z = tensor("2x5x7x3", e);
    expectNative("func.func @main(%arg: " + x + ") -> (" + y + ", " + z + ") {\n" +
                 pool("%x", "%arg", x) + " %0 = octet.reshape %x {shape = array<i64: 2, 105>} : (" +
                 x + ") -> " + y + "\n %1 = octet.reshape %0 {shape = array<i64: 2, 5, 7, 3>} : (" +
                 y + ") -> " + z + "\n" + pool("%2", "%1", z) + " return %0, %2 : " + y + ", " + z +
                 "\n}");
  }
}

TEST(Movement, ConcatenatesAlongEveryAxis) {
  for (std::string e : kPlaneElements)
    for (int axis = 0; axis < 4; ++axis) {
      int64_t extents[2][4] = {{2, 9, 5, 7}, {2, 9, 5, 7}};
      extents[1][axis] = 3;
      auto shape = [&](bool both, int which) {
        std::string text;
        for (int d = 0; d < 4; ++d)
          text += (d ? "x" : "") +
                  std::to_string(extents[which][d] + (both && d == axis ? extents[1][d] : 0));
        return tensor(text, e);
      };
      std::string a = shape(false, 0), b = shape(false, 1), y = shape(true, 0);
      std::string concat = " = octet.concat %a, %b {axis = " + std::to_string(axis) +
                           " : i64} : (" + a + ", " + b + ") -> " + y + "\n";
      expectNative("func.func @main(%a: " + a + ", %b: " + b + ") -> " + y + " {\n %0" + concat +
                   " return %0 : " + y + "\n}");
      expectNative("func.func @main(%p: " + a + ", %q: " + b + ") -> " + y + " {\n" +
                   pool("%a", "%p", a) + pool("%b", "%q", b) + " %0" + concat +
                   pool("%1", "%0", y) + " return %1 : " + y + "\n}");
    }
}

TEST(Movement, ChannelsLast) {
  for (std::string e : kPlaneElements) {
    expectNative(movingInPlane("slice %x {offsets = array<i64: 0, 3, 1, 0>, sizes = array<i64: 1, "
                               "17, 2, 5>, steps = array<i64: 1, 1, 2, 1>}",
                               tensor("1x21x5x5", e), tensor("1x17x2x5", e)));
    for (const char *mode : {"dcr", "crd"})
      expectNative(movingInPlane(
          "depth_to_space %x {block_size = 2 : i64, mode = #octet<depth_to_space_mode " +
              std::string(mode) + ">}",
          tensor("2x20x3x5", e), tensor("2x5x6x10", e)));
    for (const char *mode : {"constant", "reflect", "edge"})
      expectNative(movingInPlane("pad %x {low = array<i64: 0, 0, 2, 1>, high = array<i64: 0, 0, 1, "
                                 "3>, mode = #octet<pad_mode " +
                                     std::string(mode) + ">, value = -1.5 : f32}",
                                 tensor("2x9x4x5", e), tensor("2x9x7x9", e)));
  }
}

TEST(Movement, PadsReflectAndRepeat) {
  for (const char *mode : {"reflect", "edge"})
    expectNative(moving(
        "pad %x {low = array<i64: 1, 4, -1>, high = array<i64: 2, 0, 5>, mode = #octet<pad_mode " +
            std::string(mode) + ">}",
        tensor("3x5x7", "f32"), tensor("6x9x11", "f32")));
}

TEST(Movement, GathersWithIndicesOfAnyValue) {
  struct Case {
    int axis;
    const char *x, *indices, *y;
  } cases[] = {{0, "7x19", "3", "3x19"},
               {1, "7x19", "2x3", "7x2x3"},
               {1, "5x7x3", "4", "5x4x3"},
               {0, "7", "2x5", "2x5"}};
  for (const Case &c : cases)
    for (std::string index : {"i32", "i64"})
      for (std::string e : {"f32", "i8"})
        expectNative("func.func @main(%x: " + tensor(c.x, e) + ", %i: " + tensor(c.indices, index) +
                     ") -> " + tensor(c.y, e) +
                     " {\n %s = octet.constant dense<9> : " + tensor(c.indices, index) + " : " +
                     tensor(c.indices, index) + "\n %m = octet.fused %i, %s : (" +
                     tensor(c.indices, index) + ", " + tensor(c.indices, index) + ") -> " +
                     tensor(c.indices, index) + " {\n ^bb0(%a: " + tensor(c.indices, index) +
                     ", %b: " + tensor(c.indices, index) + "):\n %r = octet.div %a, %b : (" +
                     tensor(c.indices, index) + ", " + tensor(c.indices, index) + ") -> " +
                     tensor(c.indices, index) + "\n octet.yield %r : " + tensor(c.indices, index) +
                     "\n }\n %0 = octet.gather %x, %m {axis = " + std::to_string(c.axis) +
                     " : i64} : (" + tensor(c.x, e) + ", " + tensor(c.indices, index) + ") -> " +
                     tensor(c.y, e) + "\n return %0 : " + tensor(c.y, e) + "\n}");
}

} // namespace

// Accuracy of the transcendental functions as machine code, in units of the last
// place, over their whole domain and at the special values of C's math functions.

#include "codegen/object/JitModel.h"
#include "tests/numerics/Native.h"
#include "tools/RegisterEverything.h"

#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

#include <cmath>
#include <limits>

using namespace mlir;
using octet::reference::Tensor;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// Native results of an op on vectors of arguments.
std::vector<float> run(const std::string &op, ArrayRef<std::vector<float>> arguments,
                       const std::string &target) {
  DialectRegistry registry;
  octet::registerAllDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  std::string type = "tensor<" + std::to_string(arguments[0].size()) + "xf32>";
  bool isBinary = arguments.size() == 2;
  std::string text = "func.func @main(%a: " + type + (isBinary ? ", %b: " + type : "") + ") -> " +
                     type + " {\n %r = octet." + op + (isBinary ? " %a, %b" : " %a") + " : (" +
                     type + (isBinary ? ", " + type : "") + ") -> " + type +
                     "\n return %r : " + type + "\n}";
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
  if (!module)
    return {};
  SmallVector<Tensor> inputs;
  auto main = module->lookupSymbol<func::FuncOp>("main");
  for (auto [values, argument] : llvm::zip(arguments, main.getArgumentTypes())) {
    Tensor tensor(cast<RankedTensorType>(argument));
    llvm::copy(values, tensor.as<float>().begin());
    inputs.push_back(tensor);
  }
  auto native = octet::codegen::JitModel::compile(*module, target);
  if (failed(native))
    return {};
  SmallVector<Tensor> results = native->run(inputs);
  ArrayRef<float> values = results[0].as<float>();
  return {values.begin(), values.end()};
}

/// Distance in units of the last place of the correctly rounded result.
double getUlps(double expected, float got) {
  float rounded = static_cast<float>(expected);
  if (std::isnan(rounded) || std::isnan(got))
    return std::isnan(rounded) && std::isnan(got) ? 0 : kInfinity;
  if (rounded == got)
    return 0;
  if (std::isinf(rounded) || std::isinf(got))
    return kInfinity;
  float magnitude = std::fabs(rounded);
  return std::fabs(expected - got) / (std::nextafter(magnitude, kInfinity) - magnitude);
}

std::vector<float> makeGrid(double low, double high) {
  std::vector<float> values;
  constexpr int kSteps = 60000;
  for (int i = 0; i <= kSteps; ++i)
    values.push_back(static_cast<float>(low + (high - low) * i / kSteps));
  return values;
}

const float kSpecial[] = {
    0.0f,   -0.0f,   1.0f,      -1.0f,      0.5f,       -0.5f,
    1e-40f, -1e-40f, 1e-30f,    -1e-30f,    3.4e38f,    -3.4e38f,
    100.0f, -100.0f, kInfinity, -kInfinity, kNan,       std::nextafter(1.0f, 2.0f),
    -2.0f,  3.0f,    -3.0f,     2.0f,       16777217.0f};

// Beyond it neighbouring floats lie turns apart.
constexpr double kLargestAngle = 4503599627370496.0;

void expectAccurate(const std::string &op, double (*exact)(double), double low, double high,
                    double bound, double largest = kInfinity) {
  std::vector<float> arguments = makeGrid(low, high);
  for (float x : kSpecial)
    if (!(std::fabs(x) > largest))
      arguments.push_back(x);
  for (const std::string &target : octet::test::getTestTargets()) {
    std::vector<float> got = run(op, {arguments}, target);
    ASSERT_EQ(got.size(), arguments.size());
    double worst = 0;
    float at = 0;
    for (auto [x, y] : llvm::zip_equal(arguments, got))
      if (double ulps = getUlps(exact(x), y); ulps > worst) {
        worst = ulps;
        at = x;
      }
    EXPECT_LE(worst, bound) << op << " on " << target << " at " << at;
  }
}

TEST(Polynomial, Exp) { expectAccurate("exp", std::exp, -104.5, 89.5, 1.5); }
TEST(Polynomial, Log) {
  expectAccurate("log", std::log, 1e-6, 4, 2);
  expectAccurate("log", std::log, 1, 1e30, 2);
}
TEST(Polynomial, Tanh) { expectAccurate("tanh", std::tanh, -12, 12, 2.5); }
TEST(Polynomial, Erf) { expectAccurate("erf", std::erf, -5, 5, 2.5); }
TEST(Polynomial, Sigmoid) {
  // As the op defines it in f32: once exp(-x) is infinite, the result is 0.
  auto exact = [](double x) {
    double e = std::exp(-x);
    return e > std::numeric_limits<float>::max() ? 0 : 1 / (1 + e);
  };
  expectAccurate("sigmoid", exact, -80, 30, 3);
}

TEST(Polynomial, SinesOfSmallAndLargeAngles) {
  for (double turns : {8.0, 1e5, 1e9, 1e15}) {
    expectAccurate("sin", std::sin, -turns, turns, 2, kLargestAngle);
    expectAccurate("cos", std::cos, -turns, turns, 2, kLargestAngle);
    expectAccurate("tan", std::tan, -turns, turns, 4, kLargestAngle);
  }
}
TEST(Polynomial, AnglesWithoutMeaningCountAsZero) {
  for (const std::string &target : octet::test::getTestTargets()) {
    EXPECT_EQ(run("sin", {{1e16f, -3e38f}}, target), (std::vector<float>{0, 0}));
    EXPECT_EQ(run("cos", {{1e16f, -3e38f}}, target), (std::vector<float>{1, 1}));
  }
}
TEST(Polynomial, Arcs) {
  expectAccurate("asin", std::asin, -1, 1, 2.5);
  expectAccurate("acos", std::acos, -1, 1, 2.5);
  expectAccurate("atan", std::atan, -10, 10, 2.5);
}
TEST(Polynomial, Hyperbolic) {
  expectAccurate("sinh", std::sinh, -90, 90, 3);
  expectAccurate("sinh", std::sinh, -2, 2, 3);
  expectAccurate("cosh", std::cosh, -90, 90, 3);
  expectAccurate("asinh", std::asinh, -3, 3, 4);
  expectAccurate("asinh", std::asinh, -1e11, 1e11, 4);
  expectAccurate("acosh", std::acosh, 1, 3, 4);
  expectAccurate("acosh", std::acosh, 1, 1e11, 4);
  expectAccurate("atanh", std::atanh, -1, 1, 4);
}
TEST(Polynomial, Softplus) {
  auto exact = [](double x) {
    return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
  };
  expectAccurate("softplus", exact, -100, 100, 3);
  expectAccurate("softplus", exact, -3, 3, 3);
}

TEST(Polynomial, Pow) {
  std::vector<float> bases, exponents;
  for (float base : kSpecial)
    for (float exponent : kSpecial) {
      bases.push_back(base);
      exponents.push_back(exponent);
    }
  for (float base : {1e-3f, 0.7f, 0.999f, 1.01f, 3.3f, 1e5f, -1.7f})
    for (int i = -300; i <= 300; ++i) {
      bases.push_back(base);
      exponents.push_back(base < 0 ? i / 10 : i / 10.0f);
    }
  for (const std::string &target : octet::test::getTestTargets()) {
    std::vector<float> got = run("pow", {bases, exponents}, target);
    ASSERT_EQ(got.size(), bases.size());
    for (size_t i = 0; i < got.size(); ++i)
      EXPECT_LE(getUlps(std::pow(double(bases[i]), double(exponents[i])), got[i]), 1)
          << bases[i] << " to the power " << exponents[i] << " on " << target << ", got " << got[i];
  }
}

} // namespace

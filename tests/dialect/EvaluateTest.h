// Evaluates one op, written as in a .mlir file, on tensors given in the test.

#ifndef OCTET_TESTS_DIALECT_EVALUATETEST_H
#define OCTET_TESTS_DIALECT_EVALUATETEST_H

#include "dialect/reference/Evaluate.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"

#include "gtest/gtest.h"

namespace octet::reference {

class EvaluateTest : public ::testing::Test {
protected:
  EvaluateTest() { context.loadDialect<OctetDialect, mlir::func::FuncDialect>(); }

  /// "2x3xf32" or "4x!quant.uniform<...>": what stands in `tensor<...>`.
  mlir::RankedTensorType type(const std::string &text) {
    return mlir::cast<mlir::RankedTensorType>(mlir::parseType("tensor<" + text + ">", &context));
  }

  /// T has the size of the storage element.
  template <typename T = float>
  Tensor make(const std::string &text, const std::vector<T> &values) {
    Tensor result(type(text));
    auto elements = result.as<T>();
    EXPECT_EQ(elements.size(), values.size());
    std::copy(values.begin(), values.end(), elements.begin());
    return result;
  }

  /// Elements first, first + 1, ...
  Tensor count(const std::string &text, int64_t first = 0) {
    Tensor result(type(text));
    for (int64_t i = 0; i < result.size(); ++i) {
      if (mlir::isa<mlir::FloatType>(result.getType().getElementType()))
        result.setFloat(i, first + i);
      else
        result.setInteger(i, first + i);
    }
    return result;
  }

  /// Small pseudo-random elements; exact in f32, f64 and, within a range of 8
  /// bits, as stored integers.
  Tensor scatter(const std::string &text, uint32_t seed) {
    Tensor result(type(text));
    for (int64_t i = 0; i < result.size(); ++i) {
      seed = seed * 1664525u + 1013904223u;
      int64_t value = seed >> 24;
      if (mlir::isa<mlir::FloatType>(result.getType().getElementType()))
        result.setFloat(i, (value - 128) / 16.0f);
      else
        result.setInteger(i, value);
    }
    return result;
  }

  /// The result of `op` ("octet.add %a, %b {attributes}") on operands %a, %b, ...
  Tensor run(const std::string &op, std::vector<Tensor> operands, const std::string &result) {
    std::string arguments, types, name = "a";
    for (const Tensor &operand : operands) {
      std::string text;
      llvm::raw_string_ostream(text) << operand.getType();
      arguments += (types.empty() ? "%" : ", %") + name + ": " + text;
      types += (types.empty() ? "" : ", ") + text;
      ++name[0];
    }
    std::string y = "tensor<" + result + ">";
    return runFunction("func.func @f(" + arguments + ") -> " + y + " {\n  %y = " + op + " : (" +
                           types + ") -> " + y + "\n  return %y : " + y + "\n}",
                       operands);
  }

  /// The only result of the function `text`.
  Tensor runFunction(const std::string &text, const std::vector<Tensor> &operands) {
    auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    EXPECT_TRUE(module) << text;
    if (!module)
      std::abort();
    auto results = evaluate(*module->getOps<mlir::func::FuncOp>().begin(), operands);
    EXPECT_TRUE(mlir::succeeded(results)) << text;
    if (mlir::failed(results))
      std::abort();
    return results->front();
  }

  template <typename T = float>
  static std::vector<T> values(const Tensor &tensor) {
    return std::vector<T>(tensor.as<T>().begin(), tensor.as<T>().end());
  }

  mlir::MLIRContext context;
};

} // namespace octet::reference

#endif // OCTET_TESTS_DIALECT_EVALUATETEST_H

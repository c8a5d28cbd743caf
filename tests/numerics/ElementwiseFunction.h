// Text of functions that compute elementwise ops, for tests of their kernels.

#ifndef OCTET_TESTS_NUMERICS_ELEMENTWISEFUNCTION_H
#define OCTET_TESTS_NUMERICS_ELEMENTWISEFUNCTION_H

#include <string>
#include <vector>

namespace octet::test {

// Loops below in each of these shapes: shorter than a vector, with every kind of
// tail, and long enough to be split between threads.
inline const char *const kShapes[] = {"1", "7", "2x3x5", "1x37", "3x1x129", "20011"};

/// A function whose results are those of `ops` on the arguments, each op in a group of
/// its own. One module for many ops, since compiling takes longer than running.
class Function {
public:
  explicit Function(std::vector<std::string> argumentTypes) : types(std::move(argumentTypes)) {}

  /// `op` names its operands %a and %b.
  void add(const std::string &op, const std::string &result) {
    std::string operands, inputs, block, id = std::to_string(results.size());
    for (size_t i = 0; i < types.size(); ++i) {
      std::string comma = i ? ", " : "", name(1, char('a' + i));
      operands += comma + "%arg" + std::to_string(i);
      inputs += comma + types[i];
      block += comma + "%" + name + ": " + types[i];
    }
    body += " %r" + id + " = octet.fused " + operands + " : (" + inputs + ") -> " + result +
            " {\n ^bb0(" + block + "):\n  %r = octet." + op + " : (" + inputs + ") -> " + result +
            "\n  octet.yield %r : " + result + "\n }\n";
    results.push_back(result);
  }

  std::string getText() const {
    std::string arguments, resultTypes, values;
    for (size_t i = 0; i < types.size(); ++i)
      arguments += (i ? ", " : "") + ("%arg" + std::to_string(i)) + ": " + types[i];
    for (size_t i = 0; i < results.size(); ++i) {
      resultTypes += (i ? ", " : "") + results[i];
      values += (i ? ", " : "") + ("%r" + std::to_string(i));
    }
    return "func.func @main(" + arguments + ") -> (" + resultTypes + ") {\n" + body + " return " +
           values + " : " + resultTypes + "\n}";
  }

private:
  std::vector<std::string> types, results;
  std::string body;
};

} // namespace octet::test

#endif // OCTET_TESTS_NUMERICS_ELEMENTWISEFUNCTION_H

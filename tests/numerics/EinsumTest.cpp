// Einsum against the sum that its equation spells: over all values of all letters.

#include "tests/numerics/ModelRun.h"

using namespace octet;
using namespace octet::test;

namespace {

using Vector = std::vector<double>;

struct Operand {
  std::string letters; ///< an ellipsis is spelt as capital letters
  std::vector<int64_t> shape;
};

/// The sum by the definition. `extents` of all letters; an extent of 1 repeats.
Vector sum(const std::vector<Operand> &operands, const std::vector<Vector> &values,
           const std::string &result) {
  std::map<char, int64_t> extents, at;
  for (const Operand &operand : operands)
    for (size_t d = 0; d < operand.letters.size(); ++d)
      extents[operand.letters[d]] = std::max(extents[operand.letters[d]], operand.shape[d]);
  std::string order = result;
  for (auto [letter, extent] : extents)
    if (result.find(letter) == std::string::npos)
      order += letter;
  int64_t size = 1, total = 1;
  for (char letter : order)
    total *= extents[letter];
  for (char letter : result)
    size *= extents[letter];
  Vector sums(size);
  for (int64_t i = 0; i < total; ++i) {
    int64_t rest = i;
    for (char letter : llvm::reverse(order)) {
      at[letter] = rest % extents[letter];
      rest /= extents[letter];
    }
    double product = 1;
    for (size_t k = 0; k < operands.size(); ++k) {
      int64_t offset = 0;
      for (size_t d = 0; d < operands[k].letters.size(); ++d)
        offset = offset * operands[k].shape[d] +
                 (operands[k].shape[d] == 1 ? 0 : at[operands[k].letters[d]]);
      product *= values[k][offset];
    }
    sums[i / (total / size)] += product;
  }
  return sums;
}

void check(const std::string &equation, const std::vector<Operand> &operands,
           const std::string &result, int type = onnx::TensorProto::FLOAT) {
  SCOPED_TRACE(equation);
  ModelBuilder model;
  std::vector<Vector> values;
  std::string names;
  for (const Operand &operand : operands) {
    std::string name = "x" + std::to_string(values.size()), shape;
    int64_t size = 1;
    for (int64_t extent : operand.shape) {
      shape += (shape.empty() ? "" : "x") + std::to_string(extent);
      size *= extent;
    }
    names += (names.empty() ? "" : " ") + name;
    model.input(name, shape, type);
    Vector &value = values.emplace_back(size);
    for (int64_t i = 0; i < size; ++i)
      value[i] = static_cast<double>((i * 7 + static_cast<int64_t>(values.size()) * 3) % 11 - 5);
  }
  model.output("y").node("Einsum", names, "y").text("equation", equation);
  expectOutputs(model, values, {sum(operands, values, result)}, 1e-4);
}

TEST(Einsum, Products) {
  check("ij,jk->ik", {{"ij", {3, 5}}, {"jk", {5, 4}}}, "ik");
  check("bij,bjk->bik", {{"bij", {2, 3, 5}}, {"bjk", {2, 5, 4}}}, "bik");
  check("bhqd,bhkd->bhqk", {{"bhqd", {2, 3, 5, 4}}, {"bhkd", {2, 3, 7, 4}}}, "bhqk");
  check("bqhd,khd->bkq", {{"bqhd", {2, 5, 3, 4}}, {"khd", {6, 3, 4}}}, "bkq");
  check("i,j->ij", {{"i", {3}}, {"j", {4}}}, "ij");
  check("i,i->", {{"i", {7}}, {"i", {7}}}, "");
  check("ab,ab->ba", {{"ab", {3, 4}}, {"ab", {3, 4}}}, "ba");
  check("ij , jk", {{"ij", {3, 5}}, {"jk", {5, 4}}}, "ik");
  check("ba", {{"ba", {3, 4}}}, "ab");
}

TEST(Einsum, SumsAndDiagonals) {
  check("ij->", {{"ij", {3, 5}}}, "");
  check("ijk->ki", {{"ijk", {3, 5, 2}}}, "ki");
  check("ii->i", {{"ii", {4, 4}}}, "i");
  check("ii", {{"ii", {4, 4}}}, "");
  check("iji->ji", {{"iji", {4, 3, 4}}}, "ji");
  check("iii->i", {{"iii", {3, 3, 3}}}, "i");
  check("ijij->ij", {{"ijij", {2, 3, 2, 3}}}, "ij");
  // k and l stand in one operand alone.
  check("ik,jl->ij", {{"ik", {3, 5}}, {"jl", {2, 4}}}, "ij");
}

TEST(Einsum, ManyOperands) {
  check("ij,jk,kl->il", {{"ij", {2, 3}}, {"jk", {3, 4}}, {"kl", {4, 5}}}, "il");
  check("i,i,i->i", {{"i", {4}}, {"i", {4}}, {"i", {4}}}, "i");
  check("ij,jk,ik->", {{"ij", {2, 3}}, {"jk", {3, 4}}, {"ik", {2, 4}}}, "");
  check("bn,anm,bm->ba", {{"bn", {2, 3}}, {"anm", {5, 3, 4}}, {"bm", {2, 4}}}, "ba");
}

TEST(Einsum, EllipsisAndBroadcast) {
  check("...ij,...jk->...ik", {{"AZij", {2, 3, 4, 5}}, {"Zjk", {3, 5, 2}}}, "AZik");
  check("...ij,...jk->...ik", {{"Zij", {1, 4, 5}}, {"Zjk", {3, 5, 2}}}, "Zik");
  check("...ij,jk", {{"Zij", {3, 4, 5}}, {"jk", {5, 2}}}, "Zik");
  check("...ii->...i", {{"Zii", {3, 4, 4}}}, "Zi");
  check("i...->...", {{"iYZ", {3, 4, 2}}}, "YZ");
  check("...->...", {{"YZ", {4, 2}}}, "YZ");
  check("ij,ij->ij", {{"ij", {1, 4}}, {"ij", {3, 1}}}, "ij");
  check("ij,jk->ik", {{"ij", {3, 1}}, {"jk", {5, 4}}}, "ik");
}

TEST(Einsum, OtherElements) {
  for (int type : {onnx::TensorProto::DOUBLE, onnx::TensorProto::INT32, onnx::TensorProto::INT64}) {
    check("bij,bjk->bik", {{"bij", {2, 3, 5}}, {"bjk", {2, 5, 4}}}, "bik", type);
    check("ij,kj,j->ki", {{"ij", {2, 3}}, {"kj", {4, 3}}, {"j", {3}}}, "ki", type);
  }
}

TEST(Einsum, Refusals) {
  auto refuse = [](const std::string &equation, const std::string &expected) {
    ModelBuilder model;
    model.input("a", "2x3").input("b", "3x4").output("y");
    model.node("Einsum", "a b", "y", "node").text("equation", equation);
    EXPECT_EQ(runModel(model, {}).error,
              "octetc: error: node 'node' (Einsum): expected " + expected + "\n");
  };
  refuse("ij->ij", "an equation of 2 operands, got 'ij->ij'");
  refuse("ij,j->i", "2 letters for 2 dimensions, got 'j'");
  refuse("ij,jkl...->i", "at most 2 letters for 2 dimensions, got 'jkl...'");
  refuse("ij,ik->jk", "one extent for each letter, got 2 and 3");
  refuse("ii,ik->ik", "one extent for each letter, got 2 and 3");
  refuse("ij,jk->im", "letters of the operands once in the result, got 'ij,jk->im'");
  refuse("ij,jk->ii", "letters of the operands once in the result, got 'ij,jk->ii'");
  refuse("i1,jk->i", "letters and one ellipsis for each operand, got 'i1'");
  refuse("......,jk->", "letters and one ellipsis for each operand, got '......'");
}

} // namespace

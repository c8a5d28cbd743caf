#include "tests/conformance/Page.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <map>

namespace octet::conformance {

using llvm::ArrayRef;
using llvm::StringRef;

namespace {

struct Counts {
  int cases = 0, passed = 0, constant = 0, folded = 0, failed = 0, foreign = 0;

  void add(const Row &row) {
    ++cases;
    passed += row.result.outcome == Outcome::Passed;
    constant += row.result.outcome == Outcome::PassedConstant;
    folded += row.result.outcome == Outcome::PassedFolded;
    foreign += row.isOutOfScope();
    failed += !row.isPassed() && !row.isOutOfScope();
  }
  void print(llvm::raw_ostream &out) const {
    for (int count : {cases, passed, constant, folded, failed, foreign}) {
      out << " | ";
      if (count)
        out << count;
    }
    out << " |";
  }
};

} // namespace

static constexpr char kHead[] = R"(# Conformance

Written by `octet-conformance --write docs/conformance.md`; do not edit. The ONNX project stores test cases for its
operators: models, inputs, and the outputs that they must give. Each of those that Debian packages (`libonnx-testdata`,
of ONNX 1.12) is compiled to machine code and called through the C interface of
`runtime/include/octet/runtime.h`; outputs are compared with the tolerances of the project's own runner (1e-3 relative, 1e-7
absolute; integers exactly). The evaluator, which is the oracle of the other tests, has to give the stored outputs, too.

- *passed*: with all inputs of the case as inputs of the compiled model.
- *constant inputs*: passed, with some inputs as constants of the model, since shapes are static: a shape, axes, the
  number of results. No more inputs are made constant than the compiler asks for.
- *folded*: passed, with all inputs as constants, so that the compiler computed the result.
- *not passed*: refused with the reason given, wrong, or crashed.
- *out of scope*: refused, and of a kind that Octet does not have: strings, sequences, optional values, training.

)";

namespace {

/// A case whose stored result is not what the operator's text says.
struct Dispute {
  const char *name, *reason;
};

constexpr Dispute kDisputes[] = {
    {"test_bernoulli", "random numbers, of which others are as right"},
    {"test_bernoulli_double", "random numbers, of which others are as right"},
    {"test_bernoulli_double_expanded", "random numbers, of which others are as right"},
    {"test_bernoulli_expanded", "random numbers, of which others are as right"},
    {"test_bernoulli_seed", "random numbers, of which others are as right"},
    {"test_bernoulli_seed_expanded", "random numbers, of which others are as right"},
    {"test_cast_FLOAT_to_BFLOAT16", "the case cuts bits off, the standard rounds"},
    {"test_castlike_FLOAT_to_BFLOAT16", "the case cuts bits off, the standard rounds"},
    {"test_castlike_FLOAT_to_BFLOAT16_expanded", "the case cuts bits off, the standard rounds"},
    {"test_resize_downsample_scales_cubic_align_corners",
     "the case scales by an extent that is no integer, runtimes by the one of the result"},
    {"test_resize_downsample_scales_linear_align_corners",
     "the case scales by an extent that is no integer, runtimes by the one of the result"},
    {"test_training_dropout", "random numbers, of which others are as right"},
    {"test_training_dropout_default", "random numbers, of which others are as right"},
    {"test_training_dropout_default_mask", "random numbers, of which others are as right"},
    {"test_training_dropout_mask", "random numbers, of which others are as right"},
};

} // namespace

// One line of a table; the message of a diagnostic may hold anything.
static std::string escape(StringRef text) {
  std::string line;
  for (char c : text) {
    if (c == '|' || c == '\\')
      line += '\\';
    line += c == '\n' || c == '`' ? ' ' : c;
  }
  return line;
}

static std::string getReason(const Row &row) {
  for (const Dispute &dispute : kDisputes)
    if (row.name == dispute.name && row.result.outcome == Outcome::Wrong)
      return std::string("stored result disputed: ") + dispute.reason;
  switch (row.result.outcome) {
  case Outcome::Wrong:
    return "**wrong**: " + row.result.text;
  case Outcome::Crashed:
    return "**crashed**: " + row.result.text;
  default:
    return row.isOutOfScope() ? row.foreign + ": " + row.result.text : row.result.text;
  }
}

// Cases of one reason together.
static void printFailures(ArrayRef<const Row *> rows, llvm::raw_ostream &out) {
  std::map<std::string, std::string> reasons;
  for (const Row *row : rows)
    if (!row->isPassed())
      reasons[escape(getReason(*row))] += " `" + row->name + "`";
  bool isFirst = true;
  for (auto &[reason, names] : reasons) {
    out << (isFirst ? " " : "<br>") << reason << ":" << names;
    isFirst = false;
  }
}

std::string printPage(ArrayRef<Row> rows) {
  // A reader looks for an operator, not for the folder of a case.
  auto isLess = [](const std::string &a, const std::string &b) {
    int order = StringRef(a).compare_insensitive(b);
    return order ? order < 0 : a < b;
  };
  std::map<std::string, std::vector<const Row *>, decltype(isLess)> groups(isLess);
  llvm::MapVector<StringRef, Counts> parts;
  Counts total;
  for (const Row &row : rows) {
    groups[row.group].push_back(&row);
    parts[row.part].add(row);
    total.add(row);
  }
  std::string text;
  llvm::raw_string_ostream out(text);
  out << kHead << total.passed + total.constant + total.folded << " of " << total.cases
      << " cases pass.\n\n";
  constexpr char kColumns[] =
      " | cases | passed | constant inputs | folded | not passed | out of scope |";
  out << "| cases of" << kColumns << "\n|---|---|---|---|---|---|---|\n";
  for (auto &[part, counts] : parts) {
    out << "| " << part;
    counts.print(out);
    out << "\n";
  }
  out << "| all";
  total.print(out);
  out << "\n\n## Operators\n\n| operators" << kColumns
      << " why |\n|---|---|---|---|---|---|---|---|\n";
  for (auto &[group, members] : groups) {
    Counts counts;
    for (const Row *row : members)
      counts.add(*row);
    out << "| " << escape(group);
    counts.print(out);
    printFailures(members, out);
    out << " |\n";
  }
  return text;
}

llvm::StringSet<> readFailures(StringRef page) {
  llvm::StringSet<> names;
  StringRef rest = page.split("## Operators").second;
  while (!rest.empty()) {
    auto [name, after] = rest.split('`').second.split('`');
    names.insert(name);
    rest = after;
  }
  names.erase("");
  return names;
}

} // namespace octet::conformance

#include "passes/quantize/Scope.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Regex.h"

using namespace mlir;

namespace octet {

namespace {

class Scopes {
public:
  Scopes(const Config &config, func::FuncOp function);

  FailureOr<Config> resolve();

private:
  using Names = llvm::SetVector<StringRef>;

  InFlightDiagnostic error(const Config::Rule &rule) {
    good = false;
    // The mistake is in the configuration, not at a place of the model.
    InFlightDiagnostic diagnostic = emitError(UnknownLoc::get(function.getContext()));
    if (!rule.isFlag && !config.source.empty())
      diagnostic << config.source << ": ";
    if (!rule.origin.empty())
      diagnostic << rule.origin << ": ";
    return diagnostic;
  }
  void reportUnknown(const Config::Rule &rule, StringRef what, StringRef word,
                     ArrayRef<StringRef> known) {
    InFlightDiagnostic diagnostic = error(rule);
    diagnostic << "unknown " << what << " '" << word << "'";
    if (StringRef nearest = findNearest(word, known); !nearest.empty())
      diagnostic << "; did you mean '" << nearest << "'?";
  }

  void addName(const Config::Rule &rule, StringRef name, Names &names);
  void addType(const Config::Rule &rule, StringRef type, Names &names);
  void addPattern(const Config::Rule &rule, StringRef pattern, Names &names);
  void addSubgraph(const Config::Rule &rule, const Config::Subgraph &subgraph, Names &names);

  const Config &config;
  func::FuncOp function;
  llvm::MapVector<StringRef, SmallVector<Operation *>> nodes; ///< in the order of the graph
  bool good = true;
};

/// ONNX and the dialect spell the same type in different ways: MaxPool, max_pool.
bool isSpelling(StringRef a, StringRef b) {
  auto plain = [](StringRef text) {
    std::string letters;
    for (char c : text)
      if (c != '_')
        letters += llvm::toLower(c);
    return letters;
  };
  return plain(a) == plain(b);
}

bool isOfType(Operation *op, StringRef type) {
  StringRef onnx = getNodeType(op->getLoc()), mnemonic = op->getName().stripDialect();
  if (isSpelling(type, mnemonic) || isSpelling(type, onnx))
    return true;
  return onnx.empty() && normalizeOpType(type) == normalizeOpType(mnemonic);
}

Scopes::Scopes(const Config &config, func::FuncOp function) : config(config), function(function) {
  for (Block &block : function.getBody())
    for (Operation &op : block) {
      StringRef name = getNodeName(op.getLoc());
      if (!name.empty() && isa_and_nonnull<OctetDialect>(op.getDialect()) && !isa<ConstantOp>(op))
        nodes[name].push_back(&op);
    }
}

void Scopes::addName(const Config::Rule &rule, StringRef name, Names &names) {
  if (nodes.contains(name)) {
    names.insert(name);
    return;
  }
  SmallVector<StringRef> known(llvm::make_first_range(nodes));
  reportUnknown(rule, "op name", name, known);
}

void Scopes::addType(const Config::Rule &rule, StringRef type, Names &names) {
  bool found = false;
  llvm::SetVector<StringRef> known;
  for (auto &[name, ops] : nodes)
    for (Operation *op : ops) {
      StringRef onnx = getNodeType(op->getLoc());
      known.insert(onnx.empty() ? op->getName().stripDialect() : onnx);
      if (!isOfType(op, type))
        continue;
      found = true;
      names.insert(name);
    }
  if (!found)
    reportUnknown(rule, "op type", type, known.getArrayRef());
}

void Scopes::addPattern(const Config::Rule &rule, StringRef pattern, Names &names) {
  llvm::Regex regex(("^(" + pattern + ")$").str());
  std::string complaint;
  if (!regex.isValid(complaint)) {
    error(rule) << "expected a regular expression, got '" << pattern << "' (" << complaint << ")";
    return;
  }
  bool found = false;
  for (StringRef name : llvm::make_first_range(nodes))
    if (regex.match(name)) {
      found = true;
      names.insert(name);
    }
  if (!found)
    error(rule) << "expected a pattern of op names, got '" << pattern << "', which matches none";
}

void Scopes::addSubgraph(const Config::Rule &rule, const Config::Subgraph &subgraph, Names &names) {
  Names ends;
  addName(rule, subgraph.from, ends);
  addName(rule, subgraph.to, ends);
  if (!nodes.contains(subgraph.from) || !nodes.contains(subgraph.to))
    return;
  // What lies on a path can be reached from its start, and reaches its end.
  auto spread = [](ArrayRef<Operation *> from, auto getNeighbours) {
    llvm::DenseSet<Operation *> seen(from.begin(), from.end());
    SmallVector<Operation *> rest(from);
    while (!rest.empty())
      for (Operation *next : getNeighbours(rest.pop_back_val()))
        if (next && seen.insert(next).second)
          rest.push_back(next);
    return seen;
  };
  auto after = spread(nodes[subgraph.from], [](Operation *op) {
    return llvm::SmallVector<Operation *>(op->user_begin(), op->user_end());
  });
  auto before = spread(nodes[subgraph.to], [](Operation *op) {
    return llvm::map_to_vector(op->getOperands(),
                               [](Value operand) { return operand.getDefiningOp(); });
  });
  if (!llvm::any_of(nodes[subgraph.to], [&](Operation *op) { return after.contains(op); })) {
    error(rule) << "expected a path from '" << subgraph.from << "' to '" << subgraph.to
                << "', got none";
    return;
  }
  for (auto &[name, ops] : nodes)
    if (llvm::any_of(ops, [&](Operation *op) { return after.contains(op) && before.contains(op); }))
      names.insert(name);
}

FailureOr<Config> Scopes::resolve() {
  Config resolved = config;
  for (auto [rule, result] : llvm::zip(config.rules, resolved.rules)) {
    Names names;
    for (StringRef name : rule.names)
      addName(rule, name, names);
    for (StringRef type : rule.types)
      addType(rule, type, names);
    for (StringRef pattern : rule.patterns)
      addPattern(rule, pattern, names);
    for (const Config::Subgraph &subgraph : rule.subgraphs)
      addSubgraph(rule, subgraph, names);
    result.types.clear();
    result.patterns.clear();
    result.subgraphs.clear();
    result.names.clear();
    for (StringRef name : names)
      result.names.push_back(name.str());
  }
  resolved.isResolved = true;
  if (!good)
    return failure();
  return resolved;
}

} // namespace

FailureOr<Config> resolveScopes(const Config &config, func::FuncOp function) {
  return Scopes(config, function).resolve();
}

} // namespace octet

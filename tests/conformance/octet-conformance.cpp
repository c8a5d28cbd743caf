// Runs ONNX's backend cases as compiled code. Each case has a process of its own with a time
// limit: a crash or a hang is the result of that case and not the end of the run.

#include "tests/conformance/Page.h"

#include "mlir/IR/MLIRContext.h"
#include "tools/RegisterEverything.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <fstream>
#include <map>
#include <sys/wait.h>
#include <unistd.h>

using namespace octet;
using namespace octet::conformance;

namespace cl = llvm::cl;
static cl::OptionCategory category("Options");
static cl::opt<std::string> dataFolder("data", cl::desc("the folder with node, simple, ..."),
                                       cl::init("/usr/share/libonnx-testdata/data"),
                                       cl::cat(category));
static cl::opt<std::string> writePath("write", cl::desc("write the page to this file"),
                                      cl::cat(category));
static cl::opt<std::string> checkPath("check",
                                      cl::desc("fail if a case that passes by this page "
                                               "does not"),
                                      cl::cat(category));
static cl::opt<std::string> only("only", cl::desc("cases with this text in their name"),
                                 cl::cat(category));
static cl::opt<unsigned> shard("shard", cl::desc("this one of the shards"), cl::init(0),
                               cl::cat(category));
static cl::opt<unsigned> shards("shards", cl::desc("every n-th case alone"), cl::init(1),
                                cl::cat(category));
static cl::opt<unsigned> jobs("jobs", cl::desc("cases at the same time"), cl::init(1),
                              cl::cat(category));
static cl::opt<unsigned> timeLimit("time-limit", cl::desc("seconds for a case"), cl::init(60),
                                   cl::cat(category));

namespace {

// The child writes what it found to a file, as the first thing that fails in it may be
// anything.
class Runner {
public:
  Runner(mlir::MLIRContext &context, std::vector<std::string> cases, std::string scratch)
      : context(context), cases(std::move(cases)), scratch(std::move(scratch)),
        rows(this->cases.size()) {}

  std::vector<Row> run() {
    for (size_t next = 0; next < cases.size() || !running.empty();) {
      if (next < cases.size() && running.size() < jobs)
        start(next++);
      else
        collect();
    }
    return std::move(rows);
  }

private:
  void start(size_t index) {
    llvm::outs().flush();
    pid_t child = fork();
    if (child == 0) {
      // SIGALRM ends the process.
      alarm(timeLimit);
      runChild(index);
      // Nothing of the parent's is to be flushed or destroyed.
      _exit(0);
    }
    if (child < 0)
      llvm::report_fatal_error("fork failed");
    running[child] = index;
  }

  std::string getResultPath(size_t index) const {
    return scratch + "/" + std::to_string(index) + ".result";
  }

  void runChild(size_t index) {
    Row row;
    std::string error;
    if (auto stored = readCase(cases[index], error)) {
      row.group = getGroup(*stored);
      row.foreign = stored->getForeignKind();
      writeResult(index, row);
      row.result = runCase(context, *stored, scratch + "/" + std::to_string(index) + ".onnx");
    } else {
      row.result = {Outcome::Wrong, error};
    }
    writeResult(index, row);
  }

  void writeResult(size_t index, const Row &row) {
    std::ofstream(getResultPath(index), std::ios::binary)
        << static_cast<int>(row.result.outcome) << '\0' << row.group << '\0' << row.foreign << '\0'
        << row.result.text;
  }

  void collect() {
    int status = 0;
    pid_t child = waitpid(-1, &status, 0);
    auto entry = running.find(child);
    if (entry == running.end())
      return;
    size_t index = entry->second;
    running.erase(entry);
    Row &row = rows[index];
    row.name = llvm::sys::path::filename(cases[index]).str();
    row.part = llvm::sys::path::filename(llvm::sys::path::parent_path(cases[index])).str();
    readResult(index, row);
    if (WIFSIGNALED(status))
      row.result = {Outcome::Crashed, WTERMSIG(status) == SIGALRM
                                          ? "no result in " + std::to_string(timeLimit) + " s"
                                          : "signal " + std::to_string(WTERMSIG(status))};
    else if (status != 0)
      row.result = {Outcome::Crashed, "exit status " + std::to_string(WEXITSTATUS(status))};
    if (row.group.empty())
      row.group = row.name;
    if (!only.empty())
      llvm::outs() << row.name << ": " << static_cast<int>(row.result.outcome) << " "
                   << row.result.text << "\n";
  }

  void readResult(size_t index, Row &row) {
    auto file = llvm::MemoryBuffer::getFile(getResultPath(index));
    if (!file)
      return;
    llvm::SmallVector<llvm::StringRef> fields;
    (*file)->getBuffer().split(fields, '\0', /*MaxSplit=*/3);
    if (fields.size() != 4)
      return;
    int outcome = 0;
    fields[0].getAsInteger(10, outcome);
    row.group = fields[1].str();
    row.foreign = fields[2].str();
    row.result = {static_cast<Outcome>(outcome), fields[3].str()};
    llvm::sys::fs::remove(getResultPath(index));
    llvm::sys::fs::remove(scratch + "/" + std::to_string(index) + ".onnx");
  }

  mlir::MLIRContext &context;
  std::vector<std::string> cases;
  std::string scratch;
  std::vector<Row> rows;
  std::map<pid_t, size_t> running;
};

} // namespace

static int checkRows(llvm::ArrayRef<Row> rows) {
  auto page = llvm::MemoryBuffer::getFile(checkPath);
  if (!page) {
    llvm::errs() << checkPath << ": " << page.getError().message() << "\n";
    return 1;
  }
  llvm::StringSet<> failures = readFailures((*page)->getBuffer());
  int broken = 0, better = 0;
  for (const Row &row : rows) {
    bool isListed = failures.contains(row.name);
    better += isListed && row.isPassed();
    // What a page says may not be that the compiler crashes.
    if (row.isPassed() || (isListed && row.result.outcome != Outcome::Crashed))
      continue;
    ++broken;
    llvm::errs() << row.part << "/" << row.name << ": "
                 << (row.result.outcome == Outcome::Crashed ? "crashed: "
                     : row.result.outcome == Outcome::Wrong ? "wrong: "
                                                            : "refused: ")
                 << row.result.text << "\n";
  }
  if (better)
    llvm::outs() << better << " cases pass of which " << checkPath
                 << " says otherwise: it can be written anew\n";
  return broken != 0;
}

int main(int argc, char **argv) {
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(argc, argv, "Conformance of compiled code with ONNX's cases\n");
  std::vector<std::string> cases;
  size_t count = 0;
  for (std::string &folder : listCases(dataFolder))
    if (count++ % shards == shard && llvm::sys::path::filename(folder).contains(only))
      cases.push_back(std::move(folder));
  if (cases.empty()) {
    llvm::errs() << "expected cases in '" << dataFolder << "', got none\n";
    return 1;
  }
  llvm::SmallString<128> scratch;
  if (llvm::sys::fs::createUniqueDirectory("octet-conformance", scratch))
    return 1;
  // Made once: a child starts with a copy.
  mlir::DialectRegistry registry;
  registerAllDialects(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  std::vector<Row> rows = Runner(context, std::move(cases), scratch.str().str()).run();
  llvm::sys::fs::remove_directories(scratch);

  int passed = llvm::count_if(rows, [](const Row &row) { return row.isPassed(); });
  llvm::outs() << passed << " of " << rows.size() << " cases pass\n";
  if (!writePath.empty())
    std::ofstream(writePath, std::ios::binary) << printPage(rows);
  return checkPath.empty() ? 0 : checkRows(rows);
}

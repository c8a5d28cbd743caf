// Speed of generated kernels, layer by layer: every row of Microkernels.inc that this
// machine runs, beside the row's own arithmetic peak and beside oneDNN.
//
// Clocks move, and other programs run: peak, kernel and peer alternate in short turns,
// and medians are compared. A result counts only if the kernel computes the right
// thing, which is checked once for each case.

#include "bench/kernels/Clock.h"
#include "bench/kernels/OneDnn.h"
#include "bench/kernels/Report.h"
#include "bench/kernels/Verify.h"
#include "bench/peak/peak.h"
#include "codegen/microkernel/Microkernel.h"
#include "tools/RegisterEverything.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/WithColor.h"

#include <thread>

using namespace mlir;
using namespace octet;
using namespace octet::bench;

namespace cl = llvm::cl;

namespace {

struct Options {
  cl::OptionCategory category{"Options of octet-bench-kernels"};
  cl::list<std::string> networks{"network", cl::desc("Networks to measure (all)"),
                                 cl::CommaSeparated, cl::cat(category)};
  cl::opt<std::string> shape{"shape", cl::desc("Only layers whose name contains this"),
                             cl::value_desc("text"), cl::cat(category)};
  cl::list<std::string> precisions{"precision", cl::desc("Precisions to measure (all)"),
                                   cl::CommaSeparated, cl::cat(category)};
  cl::opt<std::string> row{
      "row",
      cl::desc("Rows of Microkernels.inc whose name contains this, or `all`; without it the "
               "rows that are chosen for this machine"),
      cl::value_desc("text"), cl::cat(category)};
  cl::opt<unsigned> threads{"threads", cl::desc("Threads of a kernel (1)"), cl::init(1),
                            cl::cat(category)};
  cl::opt<double> seconds{"seconds", cl::desc("Time for one case (0.2)"), cl::init(0.2),
                          cl::cat(category)};
  cl::opt<std::string> json{"json", cl::desc("Write the results there, too"),
                            cl::value_desc("file"), cl::cat(category)};

  bool wants(const PrecisionRow &precision) const {
    return precisions.empty() || llvm::is_contained(precisions, precision.name);
  }
  bool wants(const Row &candidate) const {
    if (row.empty())
      return candidate.target == "native" && candidate.kernel->proof == codegen::DotProof::None;
    return row == "all" || candidate.kernel->name.contains(row);
  }
  bool wants(const Shape &layer) const {
    return (networks.empty() || llvm::is_contained(networks, layer.network)) &&
           StringRef(layer.getName()).contains(shape);
  }
};

} // namespace

/// Every row that this machine runs, with a target that selects it.
static std::vector<Row> findRows() {
  static const char *const peakLoops[] = {
#define OCTET_MICROKERNEL(NAME, OPERANDS, FEATURE, LANES, REGISTERS, PER_CHANNEL, FIXED, DOT_COST, \
                          LHS_COST, RHS_COST, PROOF, HOOKS)                                        \
  #HOOKS "_" #LANES,
#include "codegen/microkernel/Microkernels.inc"
  };
  std::string error;
  codegen::Target host = *codegen::lookupTarget("native", error);
  std::vector<Row> rows;
  for (auto [index, kernel] : llvm::enumerate(codegen::getMicrokernels()))
    for (const char *name : {"native", "cascadelake", "alderlake", "skylake-avx512", "x86-64-v3"}) {
      codegen::Target target = *codegen::lookupTarget(name, error);
      bool proven = kernel.proof != codegen::DotProof::None;
      if ((target.features & ~host.features) ||
          &codegen::selectMicrokernel(target, kernel.operands, proven) != &kernel)
        continue;
      rows.push_back({&kernel, name, peakLoops[index], proven ? 64 : 127});
      break;
    }
  return rows;
}

static double getMedian(std::vector<double> values) {
  auto middle = values.begin() + values.size() / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

static bool fail(const Twine &message) {
  llvm::WithColor::error(llvm::errs(), "octet-bench-kernels") << message << "\n";
  return false;
}

static bool measureCase(const Shape &shape, const PrecisionRow &precision, const Row &row,
                        const Options &options, Result &result) {
  DialectRegistry registry;
  registerAllDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  std::string name = (shape.getName() + ", " + row.kernel->name).str();
  Layer layer(context, shape, precision, row.weightLimit);
  auto kernel = OctetKernel::compile(context, layer, row.target, options.threads);
  if (failed(kernel))
    return fail(name + ": compilation failed");
  kernel->run();
  std::string wrong = verify(context, layer, row.target, kernel->getResult());
  if (!wrong.empty())
    return fail(name + ": " + wrong);
  std::unique_ptr<OneDnn> peer = OneDnn::create(layer);
  if (peer) {
    // The same work: rounding of the same sums may differ by the last bit of a factor.
    peer->run();
    double difference = getDifference(kernel->getResult(), peer->getResult());
    if (difference > (precision.x == "u8" ? 1 : 1e-2))
      return fail(name + ": oneDNN computes something else");
  }

  constexpr double kTurn = 0.002, kPeakTurn = 0.0005;
  constexpr size_t kMinTurns = 5;
  auto runKernel = [&] { kernel->run(); };
  auto runPeer = [&] { peer->run(); };
  long count = std::max(1L, long(kTurn / measureAtLeast(kTurn, runKernel)));
  long peerCount = peer ? std::max(1L, long(kTurn / measureAtLeast(kTurn, runPeer))) : 0;
  // Threads of the one may still spin for work when the other's turn begins.
  auto takeTurn = [&](long runs, auto body) {
    if (options.threads > 1) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      body();
    }
    return measure(getClock(options.threads), runs, body);
  };
  std::vector<double> times, peerTimes, peaks;
  for (double end = getSeconds() + options.seconds;
       getSeconds() < end || times.size() < kMinTurns;) {
    peaks.push_back(options.threads * octet_peak_loop_gops(row.peakLoop.c_str(), kPeakTurn));
    times.push_back(takeTurn(count, runKernel));
    if (peer)
      peerTimes.push_back(takeTurn(peerCount, runPeer));
  }
  result.shape = shape;
  result.seconds = getMedian(times);
  result.peerSeconds = peer ? getMedian(peerTimes) : 0;
  result.peak = getMedian(peaks);
  return true;
}

/// Every option must name something.
static bool check(const Options &options) {
  for (const std::string &name : options.networks)
    if (llvm::none_of(getShapes(), [&](const Shape &shape) { return shape.network == name; }))
      return fail("expected a network of Shapes.inc, got '" + name + "'");
  for (const std::string &name : options.precisions)
    if (llvm::none_of(getPrecisions(), [&](const PrecisionRow &p) { return p.name == name; }))
      return fail("expected a precision of Precisions.inc, got '" + name + "'");
  if (options.threads < 1 || options.threads > 256)
    return fail("expected 1 to 256 threads, got " + Twine(options.threads));
  if (!(options.seconds >= 0 && options.seconds <= 3600))
    return fail("expected --seconds between 0 and 3600");
  return true;
}

/// Measures what the options want and prints each section as soon as it is complete.
/// Returns whether all cases worked.
static bool measureAll(const Options &options, llvm::json::Array &sections) {
  bool ok = true;
  llvm::StringMap<Result> known; // networks share layers
  auto finish = [&](Section &section) {
    if (section.results.empty())
      return;
    printMarkdown(section, !OneDnn::getVersion().empty(), llvm::outs());
    llvm::outs().flush();
    sections.push_back(toJson(section));
    section.results.clear();
  };
  for (const PrecisionRow &precision : getPrecisions())
    for (const Row &row : findRows()) {
      if (!options.wants(precision) || row.kernel->operands != precision.operands ||
          !options.wants(row))
        continue;
      Section section{"", precision, row, {}};
      for (const Shape &shape : getShapes()) {
        if (!options.wants(shape))
          continue;
        if (shape.network != section.network)
          finish(section);
        section.network = shape.network;
        Result &result = known[(row.kernel->name + precision.name + shape.getName()).str()];
        if (result.seconds == 0 && !measureCase(shape, precision, row, options, result)) {
          ok = false;
          continue;
        }
        section.results.push_back(result);
        section.results.back().shape = shape;
      }
      finish(section);
    }
  return ok;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  // LLVM's library registers options of its own, `threads` among them.
  cl::ResetCommandLineParser();
  Options options;
  cl::HideUnrelatedOptions(options.category);
  cl::ParseCommandLineOptions(argc, argv, "Measures generated kernels, layer by layer\n");
  if (!check(options))
    return 1;
  // Opened before the work, whose result it is to hold.
  std::error_code error;
  llvm::raw_fd_ostream json(options.json.empty() ? "/dev/null" : StringRef(options.json), error);
  if (error) {
    fail("cannot write '" + options.json + "': " + error.message());
    return 1;
  }
  std::string version = OneDnn::getVersion();
  OneDnn::setThreads(options.threads);
  llvm::outs() << (version.empty() ? "oneDNN: not built in (needs libdnnl-dev at configuration)"
                                   : "oneDNN " + version)
               << ", threads: " << options.threads << "\n";

  llvm::json::Array sections;
  bool ok = measureAll(options, sections);
  if (ok && sections.empty())
    ok = fail("no layer and row that these options select");
  llvm::json::Value all = llvm::json::Object{{"threads", int64_t(options.threads)},
                                             {"onednn", version},
                                             {"sections", std::move(sections)}};
  json << llvm::formatv("{0:2}\n", all);
  return ok ? 0 : 1;
}

#include "tools/octetc/search/Evaluator.h"

#include "tools/run/Run.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

#include <algorithm>
#include <cmath>

namespace octet {

namespace {

/// Seconds of timing for each library.
constexpr double kSeconds = 0.25;

std::string inFolder(llvm::StringRef folder, llvm::StringRef file) {
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(path, file);
  return path.str().str();
}

/// The last number that `text` has on a line of its own.
std::optional<double> findLastNumber(llvm::StringRef text) {
  std::optional<double> found;
  while (!text.empty()) {
    auto [line, rest] = text.split('\n');
    double value;
    if (!line.trim().getAsDouble(value) && std::isfinite(value))
      found = value;
    text = rest;
  }
  return found;
}

double getScore(const Metric &metric, const run::Report &report) {
  constexpr double kPercent = 100;
  if (metric.needsLabels())
    return kPercent *
           (metric.kind == Metric::Top1 ? report.accuracy->getTop1() : report.accuracy->getTop5());
  double worst = 0;
  for (auto [i, output] : llvm::enumerate(report.outputs)) {
    const run::Comparison &comparison = output.second;
    double score = metric.kind == Metric::Mse ? comparison.getMse()
                   : metric.kind == Metric::Cosine
                       ? comparison.getCosine()
                       : std::min(comparison.getSqnr(), Metric::kMostDecibels);
    if (i == 0 || metric.isBetter(worst, score))
      worst = score;
  }
  return worst;
}

} // namespace

llvm::Expected<Evaluation> Evaluator::evaluateReference(llvm::StringRef library) {
  if (metric.comparesWithF32()) {
    run::RunOptions options;
    options.library = library.str();
    options.input = data;
    options.output = inFolder(folder, "f32-outputs.npz");
    auto report = run::evaluate(options, llvm::nulls());
    if (!report)
      return report.takeError();
    reference = options.output;
  }
  return evaluate(library);
}

llvm::Expected<Evaluation> Evaluator::evaluate(llvm::StringRef library) {
  run::RunOptions options;
  options.library = library.str();
  options.input = data;
  options.bench = true;
  options.seconds = kSeconds;
  if (metric.needsLabels())
    options.labels = labels;
  options.golden = reference;
  if (metric.kind == Metric::Program)
    options.output = inFolder(folder, "outputs.npz");
  auto report = run::evaluate(options, llvm::nulls());
  if (!report)
    return report.takeError();
  Evaluation evaluation{0, report->latency->median};
  if (metric.kind != Metric::Program) {
    evaluation.score = getScore(metric, *report);
    return evaluation;
  }
  auto score = runProgram(options.output);
  if (!score)
    return score.takeError();
  evaluation.score = *score;
  return evaluation;
}

llvm::Expected<double> Evaluator::runProgram(llvm::StringRef outputs) {
  auto fail = [&](const llvm::Twine &message) {
    return llvm::createStringError("metric program '" + metric.program + "': " + message);
  };
  auto program = llvm::sys::findProgramByName(metric.program);
  if (!program)
    return fail(program.getError().message());
  std::string printed = inFolder(folder, "score.txt"), message;
  int status = llvm::sys::ExecuteAndWait(*program, {*program, outputs}, /*Env=*/std::nullopt,
                                         {std::nullopt, llvm::StringRef(printed), std::nullopt},
                                         /*SecondsToWait=*/0, /*MemoryLimit=*/0, &message);
  auto text = llvm::MemoryBuffer::getFile(printed, /*IsText=*/true);
  llvm::sys::fs::remove(printed);
  llvm::sys::fs::remove(outputs);
  if (status != 0)
    return fail("expected exit status 0, got " + llvm::Twine(status) +
                (message.empty() ? "" : " (" + message + ")"));
  auto score = text ? findLastNumber((*text)->getBuffer()) : std::nullopt;
  if (!score)
    return fail("expected a number on a line of standard output, got none");
  return *score;
}

llvm::Expected<std::vector<double>> measureInTurns(llvm::ArrayRef<std::string> libraries) {
  constexpr int kRounds = 7;
  std::vector<std::vector<double>> times(libraries.size());
  for (int round = 0; round < kRounds; ++round)
    for (auto [i, library] : llvm::enumerate(libraries)) {
      run::RunOptions options;
      options.library = library;
      options.bench = true;
      options.seconds = kSeconds / 4;
      auto report = run::evaluate(options, llvm::nulls());
      if (!report)
        return report.takeError();
      times[i].push_back(report->latency->median);
    }
  std::vector<double> medians;
  for (std::vector<double> &all : times) {
    llvm::sort(all);
    medians.push_back(all[all.size() / 2]);
  }
  return medians;
}

} // namespace octet

#include "tools/octetc/search/Search.h"

#include "tools/octetc/OutputFile.h"
#include "tools/octetc/search/Evaluator.h"
#include "tools/octetc/search/ExploreUnits.h"
#include "tools/octetc/search/Front.h"
#include "tools/octetc/search/Strategy.h"
#include "tools/octetc/search/TrialLog.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/xxhash.h"

#include <chrono>

using namespace mlir;

namespace fs = llvm::sys::fs;

namespace octet {

namespace {

class Search {
public:
  Search(ModuleOp graph, ModuleOp single, Lowering &lowering, std::shared_ptr<const Config> config,
         std::shared_ptr<const CalibrationTable> table, const CompilationOptions &options)
      : context(*graph.getContext()), graph(graph), single(single), lowering(lowering),
        config(std::move(config)), table(std::move(table)), options(options),
        search(*options.search),
        evaluator(search.metric, search.data, search.labels, search.folder) {}

  FailureOr<SearchResult> run();

private:
  LogicalResult report(llvm::Error error) const {
    if (!error)
      return success();
    return emitError(UnknownLoc::get(&context), llvm::toString(std::move(error)));
  }
  std::string getPath(const llvm::Twine &file) const {
    llvm::SmallString<128> path(search.folder);
    llvm::sys::path::append(path, file);
    return path.str().str();
  }
  bool isLate() const {
    std::chrono::duration<double> passed = std::chrono::steady_clock::now() - started;
    return search.timeout > 0 && passed.count() >= search.timeout;
  }

  std::string getSignature();
  LogicalResult begin();
  Config makeConfig(const Assignment &assignment) const;
  LogicalResult build(std::shared_ptr<const Config> rules, StringRef path);
  LogicalResult measureBaseline();
  FailureOr<Trial> attempt(const Assignment &assignment);
  FailureOr<std::unique_ptr<Strategy>> createStrategy();
  LogicalResult keepIfBest(const Trial &trial, StringRef library);
  LogicalResult finish(Front &front);
  LogicalResult saveFront(const Front &front);
  void printTrial(const Trial &trial, bool isKnown) const;
  LogicalResult explainMiss() const;

  MLIRContext &context;
  ModuleOp graph, single;
  Lowering &lowering;
  std::shared_ptr<const Config> config;
  std::shared_ptr<const CalibrationTable> table;
  const CompilationOptions &options;
  const SearchOptions &search;
  Evaluator evaluator;
  SearchSpace space;
  Evaluation baseline{0, 0};
  std::unique_ptr<TrialLog> log;
  std::vector<Trial> trials;
  std::optional<Trial> best;
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
};

} // namespace

// All that results depend on but the clock: what differs is another search.
std::string Search::getSignature() {
  uint64_t bytes = 0, hash = 0;
  (void)fs::file_size(search.data, bytes);
  if (auto model = llvm::MemoryBuffer::getFile(options.model))
    hash = llvm::xxh3_64bits((*model)->getBuffer());
  std::string text;
  llvm::raw_string_ostream os(text);
  os << llvm::format_hex(hash, 18) << " on " << search.data << " of " << bytes << " bytes, table "
     << llvm::format_hex(llvm::xxh3_64bits(table->toJson()), 18) << ", calibrator "
     << options.quantization.calibrator.method << " " << options.quantization.calibrator.percentile
     << " " << options.quantization.calibrator.symmetric << ", "
     << (options.quantization.weights.perTensor ? "per-tensor" : "per-channel") << " weights "
     << stringifyWeightRanges(options.quantization.weights.ranges) << " "
     << stringifyWeightRounding(options.quantization.weights.rounding) << ", bias correction "
     << static_cast<int>(options.repair.biasCorrection) << ", smoothed "
     << options.repair.smoothQuant.value_or(-1)
     << (options.quantization.isTransformer ? ", transformer" : "") << ", metric "
     << search.metric.kind << " " << search.metric.program << " " << search.metric.lowerIsBetter
     << ", drop " << search.criterion.isRelative << " " << search.criterion.drop << ", target "
     << options.target << ", mix";
  for (Precision precision : space.mix)
    os << " " << stringifyPrecision(precision);
  os << ", objective " << static_cast<int>(search.objective) << ", strategy "
     << static_cast<int>(search.strategy) << ", labels " << search.labels << ", shapes "
     << graph.lookupSymbol<func::FuncOp>("main").getFunctionType() << ", "
     << (options.winograd ? "winograd" : "direct") << (options.keepInt8 ? ", keep int8" : "")
     << (options.tilingCache.empty() ? "" : ", autotuned") << ", rules "
     << llvm::format_hex(config ? llvm::xxh3_64bits(config->toJson()) : 0, 18);
  return text;
}

// The first precision of the mix needs no rule if it is int8, the default: there "never
// slower" may still decide.
Config Search::makeConfig(const Assignment &assignment) const {
  Config rules = config ? *config : Config();
  rules.isResolved = true;
  rules.precision = Precision::Int8;
  for (Precision precision : {Precision::BF16, Precision::F32}) {
    Config::Rule rule;
    rule.precision = precision;
    rule.origin = "search";
    for (auto [unit, chosen] : llvm::zip_equal(space.units, assignment))
      if (chosen == precision)
        rule.names.push_back(unit.name);
    if (!rule.names.empty())
      rules.rules.push_back(std::move(rule));
  }
  return rules;
}

LogicalResult Search::build(std::shared_ptr<const Config> rules, StringRef path) {
  return lowering.buildLibrary(graph, std::move(rules), table, path);
}

LogicalResult Search::measureBaseline() {
  auto rules = std::make_shared<Config>();
  rules->isResolved = true;
  rules->precision = Precision::F32;
  std::string path = getPath("f32.so");
  if (failed(build(rules, path)))
    return failure();
  auto evaluation = evaluator.evaluateReference(path);
  fs::remove(path);
  if (!evaluation)
    return report(evaluation.takeError());
  baseline = *evaluation;
  options.getReportStream() << "f32: " << llvm::format("%.4f", baseline.score) << ", "
                            << llvm::format("%.4f", baseline.latency) << " ms\n";
  return success();
}

FailureOr<Trial> Search::attempt(const Assignment &assignment) {
  std::string library = getPath("trial-" + llvm::Twine(trials.size()) + ".so");
  if (const Trial *known = log->lookup(assignment)) {
    printTrial(*known, /*isKnown=*/true);
    return *known;
  }
  if (failed(build(std::make_shared<Config>(makeConfig(assignment)), library)))
    return failure();
  auto evaluation = evaluator.evaluate(library);
  if (!evaluation)
    return report(evaluation.takeError());
  Trial trial{assignment, evaluation->score, evaluation->latency, 0, false};
  if (std::error_code code = fs::file_size(library, trial.bytes))
    return report(llvm::errorCodeToError(code));
  trial.meets = search.criterion.accepts(search.metric, baseline.score, trial.score);
  if (failed(report(log->append(trial))))
    return failure();
  printTrial(trial, /*isKnown=*/false);
  return trial;
}

void Search::printTrial(const Trial &trial, bool isKnown) const {
  std::map<Precision, unsigned> counts;
  for (Precision precision : trial.assignment)
    ++counts[precision];
  llvm::raw_ostream &os = options.getReportStream();
  os << "trial " << trials.size() << ":";
  for (auto [precision, count] : counts)
    os << " " << count << " " << stringifyPrecision(precision);
  os << ", score " << llvm::format("%.4f", trial.score) << (trial.meets ? "" : " (too low)") << ", "
     << llvm::format("%.4f", trial.latency) << " ms, " << trial.bytes << " bytes"
     << (isKnown ? ", from the log" : "") << "\n";
}

FailureOr<std::unique_ptr<Strategy>> Search::createStrategy() {
  switch (search.strategy) {
  case StrategyKind::Sensitivity:
    return createSensitivityStrategy(space);
  case StrategyKind::Bayesian:
    return createBayesianStrategy(space, search.metric, search.criterion, baseline.score);
  case StrategyKind::Exhaustive:
    break;
  }
  auto exhaustive = createExhaustiveStrategy(space, search.maxTrials);
  if (!exhaustive)
    return report(exhaustive.takeError());
  return std::move(*exhaustive);
}

// Written at once: whatever ends the search, the best so far is there.
LogicalResult Search::keepIfBest(const Trial &trial, StringRef library) {
  if (best) {
    bool isCloser = trial.meets ? !best->meets
                                : !best->meets && search.metric.isBetter(trial.score, best->score);
    bool isCheaper = trial.meets && best->meets &&
                     trial.getObjective(search.objective) < best->getObjective(search.objective);
    if (!isCloser && !isCheaper)
      return success();
  }
  best = trial;
  // A known trial has left no library behind.
  if (!fs::exists(library) &&
      failed(build(std::make_shared<Config>(makeConfig(trial.assignment)), library)))
    return failure();
  OutputFiles output;
  auto path = output.prepare(options.output);
  if (!path)
    return report(path.takeError());
  if (std::error_code code = fs::copy_file(library, *path))
    return report(llvm::errorCodeToError(code));
  return report(output.keep());
}

LogicalResult Search::saveFront(const Front &front) {
  OutputFiles files;
  if (llvm::Error error = files.add(getPath("front.json"), front.toJson(space, baseline.score)))
    return report(std::move(error));
  for (size_t index : front.getIndices()) {
    std::string text = makeConfig(trials[index].assignment).toJson();
    if (llvm::Error error = files.add(getPath("trial-" + llvm::Twine(index) + ".json"), text))
      return report(std::move(error));
  }
  return report(files.keep());
}

// Latencies of trials were taken at different times. Those that count are taken again, in
// turns, and the front and the best are those of the second reading.
LogicalResult Search::finish(Front &front) {
  std::vector<std::string> libraries;
  for (size_t index : front.getIndices()) {
    libraries.push_back(getPath("trial-" + llvm::Twine(index) + ".so"));
    if (!fs::exists(libraries.back()) &&
        failed(build(std::make_shared<Config>(makeConfig(trials[index].assignment)),
                     libraries.back())))
      return failure();
  }
  auto medians = measureInTurns(libraries);
  if (!medians)
    return report(medians.takeError());
  for (auto [index, median] : llvm::zip_equal(front.getIndices(), *medians))
    trials[index].latency = median;
  best.reset();
  for (auto [index, library] : llvm::zip_equal(front.getIndices(), libraries))
    if (failed(keepIfBest(trials[index], library)))
      return failure();
  front = Front(trials, search.metric);
  for (size_t index = 0; index < trials.size(); ++index)
    if (!llvm::is_contained(front.getIndices(), index))
      fs::remove(getPath("trial-" + llvm::Twine(index) + ".so"));
  return saveFront(front);
}

LogicalResult Search::explainMiss() const {
  std::vector<size_t> units;
  for (size_t unit = 0; unit < space.units.size(); ++unit)
    if (space.getNoise(unit, best->assignment[unit]) > 0)
      units.push_back(unit);
  llvm::sort(units, [&](size_t a, size_t b) {
    double noiseA = space.getNoise(a, best->assignment[a]);
    double noiseB = space.getNoise(b, best->assignment[b]);
    return noiseA != noiseB ? noiseA > noiseB : a < b;
  });
  InFlightDiagnostic diagnostic = emitError(UnknownLoc::get(&context));
  std::string numbers;
  llvm::raw_string_ostream(numbers)
      << "expected a score of "
      << llvm::format("%.4f", search.criterion.getLimit(search.metric, baseline.score))
      << (search.metric.lowerIsBetter ? " or less" : " or more") << ", got "
      << llvm::format("%.4f", best->score) << " at best in " << trials.size() << " trials";
  diagnostic << numbers;
  constexpr size_t kMostNames = 3;
  for (size_t i = 0; i < std::min(kMostNames, units.size()); ++i)
    diagnostic << (i ? ", '" : "; most noise is that of '") << space.units[units[i]].name << "'";
  return diagnostic;
}

// Measured once: with other times, a search that goes on would ask other questions. Its log
// is opened before the file is written, as it may be that of another search.
LogicalResult Search::begin() {
  space.mix = search.mix;
  space.objective = search.objective;
  std::string signature = getSignature(), path = getPath("units.json");
  auto known = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
  bool isKnown = known && space.readUnits((*known)->getBuffer(), signature);
  if (!isKnown && failed(exploreUnits(space, graph, single, lowering, config, table, options)))
    return failure();
  auto opened = TrialLog::open(getPath("log.jsonl"), signature, space);
  if (!opened)
    return report(opened.takeError());
  log = std::move(*opened);
  OutputFiles file;
  if (llvm::Error error = file.add(path, space.toJson(signature)))
    return report(std::move(error));
  return report(file.keep());
}

FailureOr<SearchResult> Search::run() {
  if (std::error_code code = fs::create_directories(search.folder))
    return report(
        llvm::createStringError(code, "cannot write '" + search.folder + "': " + code.message()));
  if (failed(measureBaseline()))
    return failure();
  if (failed(begin()))
    return failure();
  auto strategy = createStrategy();
  if (failed(strategy))
    return failure();

  // The first trial is made in any case: a search always ends with something.
  while (trials.empty() ||
         ((search.maxTrials == 0 || trials.size() < search.maxTrials) && !isLate())) {
    auto assignment = (*strategy)->next(trials.empty() ? nullptr : &trials.back());
    if (!assignment)
      break;
    auto trial = attempt(*assignment);
    if (failed(trial))
      return failure();
    trials.push_back(*trial);
    if (failed(keepIfBest(*trial, getPath("trial-" + llvm::Twine(trials.size() - 1) + ".so"))))
      return failure();
  }
  Front front(trials, search.metric);
  if (failed(finish(front)))
    return failure();
  front.print(options.getReportStream(), baseline.score, baseline.latency);
  if (failed(report(lowering.saveMeasurements(options.getReportStream()))))
    return failure();
  if (!best->meets)
    (void)explainMiss();
  return SearchResult{best->meets, std::make_shared<const Config>(makeConfig(best->assignment)),
                      front.toJson(space, baseline.score)};
}

FailureOr<SearchResult> search(ModuleOp graph, ModuleOp single, Lowering &lowering,
                               std::shared_ptr<const Config> config,
                               std::shared_ptr<const CalibrationTable> table,
                               const CompilationOptions &options) {
  return Search(graph, single, lowering, std::move(config), std::move(table), options).run();
}

} // namespace octet

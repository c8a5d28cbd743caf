// Strategies on models of accuracy that are known, and the log.

#include "tools/octetc/search/Front.h"
#include "tools/octetc/search/Strategy.h"
#include "tools/octetc/search/TrialLog.h"

#include "llvm/Support/FileSystem.h"

#include <gtest/gtest.h>

#include <fstream>

using namespace octet;

namespace {

/// Units whose noise falls by half from one to the next; each costs 1 us in int8, 2 in bf16,
/// 4 in f32.
SearchSpace makeSpace(size_t units, std::vector<Precision> mix = {Precision::Int8, Precision::BF16,
                                                                  Precision::F32}) {
  SearchSpace space;
  space.mix = std::move(mix);
  double noise = 0.1;
  for (size_t i = 0; i < units; ++i, noise /= 2) {
    Unit unit;
    unit.name = "conv" + std::to_string(i);
    unit.noise = noise;
    unit.weights = 100;
    unit.times = {{Precision::Int8, 1}, {Precision::BF16, 2}, {Precision::F32, 4}};
    space.units.push_back(unit);
  }
  return space;
}

double getCost(const SearchSpace &space, const Assignment &assignment) {
  double cost = 0;
  for (size_t unit = 0; unit < assignment.size(); ++unit)
    cost += space.getCost(unit, assignment[unit]);
  return cost;
}

/// The score falls by 100 for each unit of noise.
Trial attempt(const SearchSpace &space, const Assignment &assignment, double limit) {
  Trial trial{assignment, 80, getCost(space, assignment), 0, false};
  for (size_t unit = 0; unit < assignment.size(); ++unit) {
    trial.score -= 100 * space.getNoise(unit, assignment[unit]);
    trial.bytes += assignment[unit] == Precision::Int8 ? 100 : 400;
  }
  trial.meets = trial.score >= limit;
  return trial;
}

std::vector<Trial> run(Strategy &strategy, const SearchSpace &space, double limit, size_t most) {
  std::vector<Trial> trials;
  while (trials.size() < most) {
    auto assignment = strategy.next(trials.empty() ? nullptr : &trials.back());
    if (!assignment)
      break;
    trials.push_back(attempt(space, *assignment, limit));
  }
  return trials;
}

const Trial *findBest(const std::vector<Trial> &trials) {
  const Trial *best = nullptr;
  for (const Trial &trial : trials)
    if (trial.meets && (!best || trial.latency < best->latency))
      best = &trial;
  return best;
}

std::string messageOf(llvm::Error error) { return llvm::toString(std::move(error)); }

} // namespace

TEST(SensitivityStrategy, MovesTheNoisiestUnits) {
  SearchSpace space = makeSpace(16);
  auto strategy = createSensitivityStrategy(space);
  // 20 points are lost in int8, two thirds of which are the first two units'.
  auto trials = run(*strategy, space, 74, 20);
  const Trial *best = findBest(trials);
  ASSERT_TRUE(best);
  EXPECT_EQ(best->latency, 18);
  EXPECT_EQ(best->assignment[0], Precision::BF16);
  EXPECT_EQ(best->assignment[1], Precision::BF16);
}

TEST(SensitivityStrategy, AsksNothingTwice) {
  SearchSpace space = makeSpace(9);
  auto strategy = createSensitivityStrategy(space);
  auto trials = run(*strategy, space, 77, 1000);
  std::set<Assignment> asked;
  for (const Trial &trial : trials)
    EXPECT_TRUE(asked.insert(trial.assignment).second);
  EXPECT_LT(trials.size(), 40u);
}

TEST(SensitivityStrategy, StopsWhereNothingHelps) {
  SearchSpace space = makeSpace(4);
  auto strategy = createSensitivityStrategy(space);
  auto trials = run(*strategy, space, 81, 100);
  EXPECT_FALSE(findBest(trials));
  EXPECT_LT(trials.size(), 10u);
}

TEST(SensitivityStrategy, WithOnePrecisionThereIsOneTrial) {
  SearchSpace space = makeSpace(4, {Precision::Int8});
  auto strategy = createSensitivityStrategy(space);
  EXPECT_EQ(run(*strategy, space, 0, 100).size(), 1u);
}

TEST(BayesianStrategy, LearnsWhatUnitsCost) {
  SearchSpace space = makeSpace(16);
  // What it is told of noise is wrong for one unit, which the trials show.
  SearchSpace told = space;
  std::swap(told.units[0].noise, told.units[9].noise);
  Metric metric;
  Criterion criterion{/*isRelative=*/false, /*drop=*/6};
  auto strategy = createBayesianStrategy(told, metric, criterion, 80);
  const auto trials = run(*strategy, space, 74, 40);
  const Trial *best = findBest(trials);
  ASSERT_TRUE(best);
  // Everything in bf16 takes 32.
  EXPECT_LE(best->latency, 22);
  EXPECT_NE(best->assignment[0], Precision::Int8);
}

TEST(ExhaustiveStrategy, TriesAll) {
  SearchSpace space = makeSpace(3);
  auto strategy = llvm::cantFail(createExhaustiveStrategy(space, 0));
  auto trials = run(*strategy, space, 0, 1000);
  std::set<Assignment> asked;
  for (const Trial &trial : trials)
    asked.insert(trial.assignment);
  EXPECT_EQ(trials.size(), 27u);
  EXPECT_EQ(asked.size(), 27u);
}

TEST(ExhaustiveStrategy, RefusesWhatIsTooMuch) {
  SearchSpace space = makeSpace(10);
  EXPECT_EQ(messageOf(createExhaustiveStrategy(space, 100).takeError()),
            "expected at most 100 assignments for --strategy exhaustive, got 3 to the power 10");
  EXPECT_EQ(messageOf(createExhaustiveStrategy(space, 0).takeError()),
            "expected at most 4096 assignments for --strategy exhaustive, got 3 to the power 10");
}

TEST(SearchSpace, SizeCountsWeights) {
  SearchSpace space = makeSpace(2);
  space.objective = Objective::Size;
  EXPECT_EQ(getCost(space, {Precision::Int8, Precision::BF16}), 300);
  EXPECT_EQ(getAverageBits(space, {Precision::Int8, Precision::F32}), 20);
}

TEST(Front, HoldsWhatNothingBeats) {
  SearchSpace space = makeSpace(1);
  std::vector<Trial> trials = {
      {{Precision::Int8}, 70, 1.0, 100, true},
      {{Precision::BF16}, 75, 2.0, 200, true},
      {{Precision::BF16}, 74, 2.5, 200, true}, // beaten by the one above
      {{Precision::F32}, 76, 4.0, 400, true},
      {{Precision::F32}, 70, 1.0, 50, true}, // beats the first by its size
  };
  Metric metric;
  EXPECT_EQ(Front(trials, metric).getIndices().vec(), (std::vector<size_t>{4, 1, 3}));
  metric.lowerIsBetter = true;
  EXPECT_EQ(Front(trials, metric).getIndices().vec(), (std::vector<size_t>{4}));
}

TEST(Metric, Names) {
  EXPECT_EQ(llvm::cantFail(Metric::parse("top5")).kind, Metric::Top5);
  EXPECT_TRUE(llvm::cantFail(Metric::parse("mse")).lowerIsBetter);
  EXPECT_EQ(llvm::cantFail(Metric::parse("exec:./score.py")).program, "./score.py");
  for (const char *text : {"", "top3", "exec:"})
    EXPECT_NE(messageOf(Metric::parse(text).takeError()).find("expected metric 'top1'"),
              std::string::npos);
}

TEST(Criterion, Limits) {
  Metric accuracy, loss;
  loss.lowerIsBetter = true;
  Criterion absolute = llvm::cantFail(Criterion::parse("absolute=0.5"));
  EXPECT_TRUE(absolute.accepts(accuracy, 58, 57.5));
  EXPECT_FALSE(absolute.accepts(accuracy, 58, 57.49));
  EXPECT_TRUE(absolute.accepts(loss, 2, 2.5));
  EXPECT_FALSE(absolute.accepts(loss, 2, 2.51));
  Criterion relative = llvm::cantFail(Criterion::parse("relative=0.1"));
  EXPECT_EQ(relative.getLimit(accuracy, 50), 45);
  EXPECT_EQ(relative.getLimit(loss, 50), 55);
  for (const char *text : {"", "0.5", "absolute", "absolute=-1", "relative=x", "relative=inf"})
    EXPECT_NE(messageOf(Criterion::parse(text).takeError()).find("expected --accuracy-drop"),
              std::string::npos)
        << text;
}

namespace {

struct TrialLogTest : ::testing::Test {
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("octet-search", "jsonl", path));
    llvm::sys::fs::remove(path);
  }
  void TearDown() override { llvm::sys::fs::remove(path); }

  SearchSpace space = makeSpace(2);
  Trial first{{Precision::Int8, Precision::BF16}, 74.25, 0.1, 1234, true};
  Trial second{{Precision::F32, Precision::BF16}, 1.0 / 3, 1e-3, 99, false};
  llvm::SmallString<128> path;
};

} // namespace

TEST_F(TrialLogTest, RemembersTrials) {
  {
    auto log = llvm::cantFail(TrialLog::open(path, "this", space));
    llvm::cantFail(log->append(first));
    llvm::cantFail(log->append(second));
  }
  auto log = llvm::cantFail(TrialLog::open(path, "this", space));
  const Trial *known = log->lookup(second.assignment);
  ASSERT_TRUE(known);
  EXPECT_EQ(known->score, second.score);
  EXPECT_EQ(known->latency, second.latency);
  EXPECT_EQ(known->bytes, second.bytes);
  EXPECT_FALSE(known->meets);
  EXPECT_FALSE(log->lookup({Precision::F32, Precision::F32}));
}

TEST_F(TrialLogTest, DropsALineThatWasCutOff) {
  {
    auto log = llvm::cantFail(TrialLog::open(path, "this", space));
    llvm::cantFail(log->append(first));
  }
  std::ofstream(path.c_str(), std::ios::app) << "{\"score\": 3";
  EXPECT_EQ(llvm::cantFail(TrialLog::open(path, "this", space))->size(), 1u);
  // And the next one begins a line of its own.
  {
    auto log = llvm::cantFail(TrialLog::open(path, "this", space));
    llvm::cantFail(log->append(second));
  }
  EXPECT_EQ(llvm::cantFail(TrialLog::open(path, "this", space))->size(), 2u);
}

TEST_F(TrialLogTest, IsOfOneSearch) {
  llvm::cantFail(TrialLog::open(path, "this", space));
  EXPECT_NE(messageOf(TrialLog::open(path, "that", space).takeError())
                .find("expected the log of this search, got that of another one"),
            std::string::npos);
  std::ofstream(path.c_str(), std::ios::app) << "{}\n";
  EXPECT_NE(messageOf(TrialLog::open(path, "this", space).takeError())
                .find("line 2: expected a trial of this search"),
            std::string::npos);
}

// The cost model of tiles, and the cache of measured ones.

#include "codegen/microkernel/Tiling.h"
#include "codegen/tune/MeasureTilings.h"
#include "codegen/tune/TilingCache.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "gtest/gtest.h"

#include <set>
#include <sys/wait.h>
#include <unistd.h>

using namespace octet::codegen;

namespace {

TilingProblem makeProblem(Rows rows, int64_t channels, int64_t steps) {
  return {rows, channels, /*groups=*/1, steps, /*lhsBytes=*/1 << 16, /*linesShareWords=*/false};
}

TEST(TilingTest, CandidatesFitAndBeginWithTheChoice) {
  for (const Microkernel &row : getMicrokernels())
    for (TilingProblem problem :
         {makeProblem({1, 1, 1}, 1, 1), makeProblem({1, 1, 33}, 17, 3),
          makeProblem({1, 15, 15}, 33, 64), makeProblem({2, 56, 56}, 256, 576)}) {
      auto candidates = getTilingCandidates(row, problem, 8);
      ASSERT_FALSE(candidates.empty());
      EXPECT_LE(candidates.size(), 8u);
      EXPECT_EQ(candidates.front(), chooseTiling(row, problem));
      for (const Tiling &tiling : candidates) {
        EXPECT_EQ(checkTiling(row, problem, tiling), "");
        EXPECT_EQ(std::count(candidates.begin(), candidates.end(), tiling), 1);
        EXPECT_GE(estimateCycles(row, problem, tiling),
                  estimateCycles(row, problem, candidates.front()));
      }
    }
}

TEST(TilingTest, CandidatesDifferInLoopOrderWhereItMatters) {
  const Microkernel &row = getMicrokernels().front();
  auto countOrders = [&](const TilingProblem &problem) {
    std::set<bool> orders;
    for (const Tiling &tiling : getTilingCandidates(row, problem, 8))
      orders.insert(tiling.channelsOuter);
    return orders.size();
  };
  EXPECT_EQ(countOrders(makeProblem({1, 56, 56}, 256, 576)), 2u);
  EXPECT_EQ(countOrders(makeProblem({1, 1, 1}, 256, 576)), 1u);
  EXPECT_EQ(countOrders(makeProblem({1, 56, 56}, 8, 576)), 1u);
}

TEST(TilingTest, EstimatesScale) {
  const Microkernel &row = getMicrokernels().front();
  Tiling tiling{{1, 1, 14}, 2, true};
  double once = estimateCycles(row, makeProblem({1, 28, 28}, 64, 64), tiling);
  EXPECT_NEAR(estimateCycles(row, makeProblem({1, 56, 28}, 64, 64), tiling), 2 * once, 0.1 * once);
  EXPECT_GT(estimateCycles(row, makeProblem({1, 28, 28}, 64, 640), tiling), 8 * once);
  TilingProblem grouped = makeProblem({1, 28, 28}, 64, 64);
  grouped.groups = 3;
  // Groups share the code, which has to be fetched once.
  EXPECT_LT(estimateCycles(row, grouped, tiling), 3 * once);
  EXPECT_GT(estimateCycles(row, grouped, tiling), 2.9 * once);
}

TEST(TilingTest, TilingsThatCannotBe) {
  const Microkernel &row = getMicrokernels().front();
  TilingProblem problem = makeProblem({1, 2, 3}, 40, 8);
  EXPECT_NE(checkTiling(row, problem, {{2, 1, 1}, 1, true}), "");
  EXPECT_NE(checkTiling(row, problem, {{1, 3, 1}, 1, true}), "");
  EXPECT_NE(checkTiling(row, problem, {{1, 1, 4}, 1, true}), "");
  EXPECT_NE(checkTiling(row, problem, {{1, 1, 1}, 4, true}), "");
  EXPECT_NE(checkTiling(row, makeProblem({1, 20, 20}, 256, 8), {{1, 5, 5}, 2, true}), "");
}

class TilingCacheTest : public testing::Test {
protected:
  TilingCacheTest() { llvm::sys::fs::createUniqueDirectory("tiling-cache", folder); }
  ~TilingCacheTest() override { llvm::sys::fs::remove_directories(folder); }
  std::string getPath(llvm::StringRef name) {
    llvm::SmallString<128> path = folder;
    llvm::sys::path::append(path, name);
    return path.str().str();
  }
  static std::string getError(llvm::StringRef text) {
    auto cache = TilingCache::fromJson(text);
    return cache ? "" : llvm::toString(cache.takeError());
  }
  llvm::SmallString<128> folder;
};

TEST_F(TilingCacheTest, RoundTrip) {
  TilingCache cache;
  cache.add("b", {{1, 2, 7}, 2, false});
  cache.add("a", {{1, 1, 14}, 1, true});
  cache.addTime("b", 12.5);
  ASSERT_FALSE(bool(cache.save(getPath("sub/folder/c.json"))));
  auto loaded = TilingCache::load(getPath("sub/folder/c.json"));
  ASSERT_TRUE(bool(loaded));
  EXPECT_EQ(*loaded->lookup("a"), (Tiling{{1, 1, 14}, 1, true}));
  EXPECT_EQ(*loaded->lookup("b"), (Tiling{{1, 2, 7}, 2, false}));
  EXPECT_EQ(loaded->lookup("c"), nullptr);
  EXPECT_EQ(loaded->lookupTime("b"), 12.5);
  EXPECT_EQ(loaded->lookupTime("a"), std::nullopt);
  EXPECT_EQ(loaded->toJson(), cache.toJson());
}

TEST_F(TilingCacheTest, AbsentFileIsEmpty) {
  auto cache = TilingCache::load(getPath("none.json"));
  ASSERT_TRUE(bool(cache));
  EXPECT_EQ(cache->lookup("a"), nullptr);
}

TEST_F(TilingCacheTest, SaveKeepsWhatOthersStored) {
  TilingCache first, second;
  first.add("a", {{1, 1, 1}, 1, true});
  second.add("a", {{1, 1, 2}, 1, true});
  second.add("b", {{1, 1, 3}, 1, true});
  first.addTime("a", 1);
  second.addTime("a", 2);
  second.addTime("b", 3);
  ASSERT_FALSE(bool(first.save(getPath("c.json"))));
  ASSERT_FALSE(bool(second.save(getPath("c.json"))));
  auto loaded = TilingCache::load(getPath("c.json"));
  ASSERT_TRUE(bool(loaded));
  EXPECT_EQ(loaded->lookup("a")->tile[2], 1);
  EXPECT_EQ(loaded->lookup("b")->tile[2], 3);
  EXPECT_EQ(loaded->lookupTime("a"), 1);
  EXPECT_EQ(loaded->lookupTime("b"), 3);
}

TEST_F(TilingCacheTest, SaveAtTheSameTime) {
  constexpr int kCompilers = 4, kEntries = 12;
  std::vector<pid_t> compilers;
  for (int c = 0; c < kCompilers; ++c) {
    compilers.push_back(fork());
    if (compilers.back() != 0)
      continue;
    for (int i = 0; i < kEntries; ++i) {
      TilingCache cache;
      cache.add("kernel " + std::to_string(c * kEntries + i), {{1, 1, 1 + i}, 1, true});
      if (llvm::Error error = cache.save(getPath("c.json"))) {
        llvm::consumeError(std::move(error));
        _exit(1);
      }
    }
    _exit(0);
  }
  for (pid_t compiler : compilers) {
    int status = -1;
    waitpid(compiler, &status, 0);
    EXPECT_EQ(status, 0);
  }
  auto loaded = TilingCache::load(getPath("c.json"));
  ASSERT_TRUE(bool(loaded));
  for (int i = 0; i < kCompilers * kEntries; ++i)
    EXPECT_NE(loaded->lookup("kernel " + std::to_string(i)), nullptr) << i;
}

TEST_F(TilingCacheTest, MalformedFiles) {
  EXPECT_EQ(getError("[]"), "expected a tiling cache of version 1");
  EXPECT_EQ(getError(R"({"version": 1})"), "expected an object 'tilings'");
  auto entry = [&](llvm::StringRef text) {
    return getError((R"({"version": 1, "tilings": {"k": )" + text + "}}").str());
  };
  EXPECT_EQ(entry("3"), "kernel 'k': expected an object");
  const char *rows = "kernel 'k': expected 'rows', an array of 3 positive integers";
  EXPECT_EQ(entry(R"({"vectors": 1, "outer": "rows"})"), rows);
  EXPECT_EQ(entry(R"({"rows": [1, 1], "vectors": 1, "outer": "rows"})"), rows);
  EXPECT_EQ(entry(R"({"rows": [1, 0, 1], "vectors": 1, "outer": "rows"})"), rows);
  EXPECT_EQ(entry(R"({"rows": [1, 1, 1], "vectors": -1, "outer": "rows"})"),
            "kernel 'k': expected 'vectors', a positive integer");
  EXPECT_EQ(entry(R"({"rows": [1, 1, 1], "vectors": 1, "outer": "both"})"),
            "kernel 'k': expected 'outer', \"channels\" or \"rows\"");
  EXPECT_EQ(entry(R"({"rows": [1, 1, 1], "vectors": 1, "outer": "rows"})"), "");
  EXPECT_EQ(getError(R"({"version": 1, "tilings": {}, "microseconds": 3})"),
            "expected an object 'microseconds'");
  for (const char *time : {"-1", "\"1\"", "null", "-1e-400", "1e400"})
    EXPECT_EQ(getError((llvm::Twine(R"({"version": 1, "tilings": {}, "microseconds": {"k": )") +
                        time + "}}")
                           .str()),
              "kernel 'k': expected a time in microseconds");
}

// Measuring needs a machine that runs the code.
TEST(MeasureTilingsTest, MissingFeatures) {
  Target host, target;
  auto bit = [](CpuFeature feature) { return uint64_t(1) << static_cast<unsigned>(feature); };
  host.features = bit(CpuFeature::AVX2) | bit(CpuFeature::FMA) | bit(CpuFeature::AVX512F);
  target.features = bit(CpuFeature::AVX2) | bit(CpuFeature::FMA);
  EXPECT_EQ(getMissingFeatures(target, host), "");
  target.features |= bit(CpuFeature::AVXVNNI) | bit(CpuFeature::AMXTILE);
  EXPECT_EQ(getMissingFeatures(target, host), "avxvnni, amx-tile");
}

} // namespace

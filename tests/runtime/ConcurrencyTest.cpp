// What the header promises to programs with threads: a model is immutable, contexts are
// independent. Meant for the thread sanitizer (preset tsan) as much as for the results.

#include "HandModel.h"
#include "gtest/gtest.h"

#include <atomic>
#include <functional>
#include <thread>

using namespace octet::test;

namespace {

const octet_api &api = octet_runtime_api;

/// Calls `work(caller)` from so many threads that begin at once.
void runTogether(int callers, const std::function<void(int)> &work) {
  std::atomic<int> waiting{callers};
  std::vector<std::thread> threads;
  for (int caller = 0; caller < callers; ++caller)
    threads.emplace_back([&, caller] {
      --waiting;
      while (waiting > 0)
        std::this_thread::yield();
      work(caller);
    });
  for (std::thread &thread : threads)
    thread.join();
}

bool runsRight(octet_context *context, int32_t seed) {
  std::vector<int32_t> in = handInput(seed), out(kHandCount);
  octet_buffer input = {in.data(), kHandCount * 4}, output = {out.data(), kHandCount * 4};
  return api.run(context, &input, 1, &output, 1) == OCTET_OK && out == handExpected(in);
}

class Callers : public testing::TestWithParam<uint32_t> {};

// One model, a context for each thread, with a pool of its own each.
TEST_P(Callers, OneModel) {
  const octet_model model = makeHandModel();
  std::atomic<int> good{0};
  runTogether(8, [&](int caller) {
    octet_context *context = nullptr;
    const octet_options options = {GetParam(), static_cast<uint32_t>(caller % 2)};
    if (api.create(&model, &options, &context) != OCTET_OK)
      return;
    for (int32_t i = 0; i < 20; ++i)
      good += runsRight(context, 100 * caller + i);
    api.destroy(context);
  });
  EXPECT_EQ(good, 8 * 20);
}

// Contexts come and go in all threads at once.
TEST_P(Callers, CreateAndDestroy) {
  const octet_model model = makeHandModel();
  std::atomic<int> good{0};
  runTogether(8, [&](int caller) {
    for (int32_t i = 0; i < 12; ++i) {
      octet_context *context = nullptr;
      const octet_options options = {GetParam() + static_cast<uint32_t>(i % 2), 0};
      if (api.create(&model, &options, &context) != OCTET_OK)
        continue;
      good += i % 3 ? runsRight(context, caller + i) : 1; // some never run
      api.destroy(context);
    }
  });
  EXPECT_EQ(good, 8 * 12);
}

// A context is created by one thread, used by others in turn, destroyed by yet another.
TEST_P(Callers, HandedOver) {
  const octet_model model = makeHandModel();
  octet_context *context = nullptr;
  const octet_options options = {GetParam(), 1};
  std::thread([&] { ASSERT_EQ(api.create(&model, &options, &context), OCTET_OK); }).join();
  for (int32_t i = 0; i < 8; ++i)
    std::thread([&, i] { EXPECT_TRUE(runsRight(context, i)); }).join();
  uint64_t times[kHandKernels];
  std::thread([&] {
    EXPECT_EQ(api.profile(context, times, kHandKernels, 1), OCTET_OK);
    api.destroy(context);
  }).join();
}

INSTANTIATE_TEST_SUITE_P(Threads, Callers, testing::Values(1u, 2u, 4u));

// Functions without a context may be called from anywhere at any time.
TEST(Concurrency, Queries) {
  octet_model lacking = makeHandModel();
  lacking.cpu_features = uint64_t(1) << 63;
  std::atomic<int> good{0};
  runTogether(8, [&](int) {
    for (int i = 0; i < 50; ++i) {
      char text[32];
      octet_context *context = nullptr;
      good += api.missing_features(&lacking, text, sizeof text) == 1 &&
              api.create(&lacking, nullptr, &context) == OCTET_UNSUPPORTED_CPU &&
              api.status_message(OCTET_UNSUPPORTED_CPU)[0] != 0;
    }
  });
  EXPECT_EQ(good, 8 * 50);
}

} // namespace

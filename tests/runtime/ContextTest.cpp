// Contexts: results, and every way to call the interface wrongly.

#include "HandModel.h"
#include "gtest/gtest.h"

#include <dirent.h>
#include <thread>
#include <xmmintrin.h>

using namespace octet::test;

namespace {

const octet_api &api = octet_runtime_api;

struct Context {
  octet_context *handle = nullptr;
  octet_status status;
  explicit Context(const octet_model &model, octet_options options = {0, 0})
      : status(api.create(&model, &options, &handle)) {}
  ~Context() { api.destroy(handle); }

  octet_status run(const std::vector<int32_t> &input, std::vector<int32_t> &output) {
    octet_buffer in = {const_cast<int32_t *>(input.data()), input.size() * 4};
    octet_buffer out = {output.data(), output.size() * 4};
    return api.run(handle, &in, 1, &out, 1);
  }
};

int countThreads() {
  int count = 0;
  DIR *dir = opendir("/proc/self/task");
  while (dirent *entry = readdir(dir))
    count += entry->d_name[0] != '.';
  closedir(dir);
  return count;
}

class Threads : public testing::TestWithParam<uint32_t> {};

TEST_P(Threads, SameResult) {
  const octet_model model = makeHandModel();
  Context context(model, {GetParam(), 0});
  ASSERT_EQ(context.status, OCTET_OK);
  for (int32_t seed = 0; seed < 200; ++seed) {
    const std::vector<int32_t> input = handInput(seed);
    std::vector<int32_t> output(kHandCount);
    ASSERT_EQ(context.run(input, output), OCTET_OK);
    ASSERT_EQ(output, handExpected(input)) << "seed " << seed;
  }
}

TEST_P(Threads, RunsAfterWorkersParked) {
  const octet_model model = makeHandModel();
  Context context(model, {GetParam(), 0});
  ASSERT_EQ(context.status, OCTET_OK);
  const std::vector<int32_t> input = handInput(3);
  for (int i = 0; i < 5; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    std::vector<int32_t> output(kHandCount);
    ASSERT_EQ(context.run(input, output), OCTET_OK);
    ASSERT_EQ(output, handExpected(input));
  }
}

INSTANTIATE_TEST_SUITE_P(Counts, Threads, testing::Range(0u, 9u));

// Every unit exactly once, whatever the ratio of units to threads.
int64_t coverUnits = 0;
void coverKernel(void *const *buffers, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; ++i)
    ++static_cast<uint8_t *>(buffers[0])[i];
}
void coverEntry(octet_context *context, void *const *, void *const *outputs, void *) {
  octet_launch(context, coverKernel, outputs, coverUnits, 0);
}

TEST(Context, CoversEveryUnitOnce) {
  octet_model model = makeHandModel();
  model.entry = coverEntry;
  model.input_count = 0;
  for (uint32_t threads : {1u, 2u, 3u, 7u}) {
    Context context(model, {threads, 0});
    ASSERT_EQ(context.status, OCTET_OK);
    for (coverUnits = 0; coverUnits < 30; ++coverUnits) {
      std::vector<uint8_t> hits(kHandCount * 4);
      octet_buffer out = {hits.data(), hits.size()};
      ASSERT_EQ(api.run(context.handle, nullptr, 0, &out, 1), OCTET_OK);
      for (int64_t i = 0; i < kHandCount * 4; ++i)
        ASSERT_EQ(hits[i], i < coverUnits) << threads << " threads, unit " << i;
    }
  }
}

TEST(Context, CreateNullArguments) {
  const octet_model model = makeHandModel();
  octet_context *context = nullptr;
  const octet_options options = {0, 0};
  EXPECT_EQ(api.create(nullptr, &options, &context), OCTET_NULL_ARGUMENT);
  EXPECT_EQ(api.create(&model, &options, nullptr), OCTET_NULL_ARGUMENT);
  EXPECT_EQ(api.create(&model, nullptr, &context), OCTET_OK);
  EXPECT_NE(context, nullptr);
  api.destroy(context);
  api.destroy(nullptr);
}

TEST(Context, FailedCreateClearsTheResult) {
  const octet_model model = makeHandModel();
  const octet_options options = {257, 0};
  auto *context = reinterpret_cast<octet_context *>(1);
  EXPECT_EQ(api.create(&model, &options, &context), OCTET_BAD_OPTION);
  EXPECT_EQ(context, nullptr);
}

TEST(Context, ManyThreads) {
  const octet_model model = makeHandModel();
  Context context(model, {256, 0});
  ASSERT_EQ(context.status, OCTET_OK);
  const std::vector<int32_t> input = handInput(1);
  std::vector<int32_t> output(kHandCount);
  ASSERT_EQ(context.run(input, output), OCTET_OK);
  EXPECT_EQ(output, handExpected(input));
}

TEST(Context, AbiMismatch) {
  octet_model model = makeHandModel();
  model.abi_version = OCTET_ABI_VERSION + 1;
  // Nothing behind the first two fields may be looked at.
  model.entry = nullptr;
  EXPECT_EQ(Context(model).status, OCTET_ABI_MISMATCH);
  model = makeHandModel();
  model.struct_bytes -= 8;
  EXPECT_EQ(Context(model).status, OCTET_ABI_MISMATCH);
  model = makeHandModel();
  model.struct_bytes += 8;
  EXPECT_EQ(Context(model).status, OCTET_ABI_MISMATCH);
}

// The same network for a quarter of the elements, then for all: a list.
struct HandList {
  static void halfEntry(octet_context *context, void *const *inputs, void *const *outputs,
                        void *arena) {
    void *const buffers[2] = {inputs[0], outputs[0]};
    (void)arena;
    octet_launch(context, squareKernel, buffers, kCount, 0);
  }
  static constexpr int64_t kCount = 101;
  const int64_t dims[1] = {kCount};
  const octet_io input = {"x", dims, kCount * 4, 1, OCTET_I32};
  const octet_io output = {"y", dims, kCount * 4, 1, OCTET_I32};
  octet_model small = makeHandModel(), large = makeHandModel();

  HandList() {
    small.inputs = &input;
    small.outputs = &output;
    small.kernel_count = 1;
    small.arena_bytes = 0;
    small.entry = halfEntry;
    small.next = &large;
  }
};

TEST(Context, ListsRunTheModelOfTheBytes) {
  HandList list;
  for (uint32_t threads : {1u, 3u}) {
    // The arena is that of the second model.
    Context context(list.small, {threads, 1});
    ASSERT_EQ(context.status, OCTET_OK);
    const std::vector<int32_t> input = handInput(2);
    std::vector<int32_t> output(kHandCount);
    for (int round = 0; round < 3; ++round) {
      ASSERT_EQ(context.run(input, output), OCTET_OK);
      EXPECT_EQ(output, handExpected(input));
      std::vector<int32_t> few(input.begin(), input.begin() + HandList::kCount);
      std::vector<int32_t> squares(HandList::kCount);
      ASSERT_EQ(context.run(few, squares), OCTET_OK);
      for (int64_t i = 0; i < HandList::kCount; ++i)
        ASSERT_EQ(squares[i], few[i] * few[i] + i);
    }
    // Times of both follow each other.
    std::vector<uint64_t> times(1 + kHandKernels);
    EXPECT_EQ(api.profile(context.handle, times.data(), kHandKernels, 0), OCTET_WRONG_COUNT);
    ASSERT_EQ(api.profile(context.handle, times.data(), 1 + kHandKernels, 0), OCTET_OK);
    for (uint64_t time : times)
      EXPECT_GT(time, 0u);
    // Bytes of no model, and an output of another one.
    std::vector<int32_t> none(7);
    EXPECT_EQ(context.run(none, output), OCTET_WRONG_SIZE);
    std::vector<int32_t> few(HandList::kCount);
    EXPECT_EQ(context.run(few, output), OCTET_WRONG_SIZE);
  }
}

TEST(Context, ListsAreChecked) {
  HandList list;
  list.large.output_count = 0;
  EXPECT_EQ(Context(list.small).status, OCTET_WRONG_COUNT);
  list.large = makeHandModel();
  list.large.entry = nullptr;
  EXPECT_EQ(Context(list.small).status, OCTET_NULL_ARGUMENT);
  // A list that never ends.
  list.large = makeHandModel();
  list.large.next = &list.small;
  EXPECT_EQ(Context(list.small).status, OCTET_BAD_OPTION);
}

TEST(Context, IncompleteModel) {
  octet_model model = makeHandModel();
  model.entry = nullptr;
  EXPECT_EQ(Context(model).status, OCTET_NULL_ARGUMENT);
  model = makeHandModel();
  model.inputs = nullptr;
  EXPECT_EQ(Context(model).status, OCTET_NULL_ARGUMENT);
  model = makeHandModel();
  model.outputs = nullptr;
  EXPECT_EQ(Context(model).status, OCTET_NULL_ARGUMENT);
  model = makeHandModel();
  model.kernels = nullptr;
  EXPECT_EQ(Context(model).status, OCTET_NULL_ARGUMENT);
}

TEST(Context, Arena) {
  octet_model model = makeHandModel();
  model.arena_alignment = 48;
  EXPECT_EQ(Context(model).status, OCTET_BAD_OPTION);
  model.arena_alignment = 1u << 30;
  EXPECT_EQ(Context(model).status, OCTET_BAD_OPTION);
  model = makeHandModel();
  model.arena_bytes = UINT64_MAX;
  EXPECT_EQ(Context(model).status, OCTET_OUT_OF_MEMORY);
}

void *seenArena = nullptr;
TEST(Context, ArenaAlignment) {
  octet_model model = makeHandModel();
  model.entry = [](octet_context *, void *const *, void *const *, void *arena) {
    seenArena = arena;
  };
  model.input_count = model.output_count = 0;
  for (uint32_t alignment : {0u, 1u, 64u, 128u, 4096u}) {
    model.arena_alignment = alignment;
    Context context(model);
    ASSERT_EQ(context.status, OCTET_OK);
    ASSERT_EQ(api.run(context.handle, nullptr, 0, nullptr, 0), OCTET_OK);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(seenArena) % std::max(alignment, 64u), 0u);
  }
  model.arena_bytes = 0;
  Context context(model);
  ASSERT_EQ(context.status, OCTET_OK);
  EXPECT_EQ(api.run(context.handle, nullptr, 0, nullptr, 0), OCTET_OK);
}

TEST(Context, WrongRuns) {
  const octet_model model = makeHandModel();
  Context context(model);
  ASSERT_EQ(context.status, OCTET_OK);
  std::vector<int32_t> in = handInput(0), out(kHandCount);
  octet_buffer input = {in.data(), kHandCount * 4}, output = {out.data(), kHandCount * 4};
  EXPECT_EQ(api.run(nullptr, &input, 1, &output, 1), OCTET_NULL_ARGUMENT);
  EXPECT_EQ(api.run(context.handle, nullptr, 1, &output, 1), OCTET_NULL_ARGUMENT);
  EXPECT_EQ(api.run(context.handle, &input, 1, nullptr, 1), OCTET_NULL_ARGUMENT);
  EXPECT_EQ(api.run(context.handle, &input, 0, &output, 1), OCTET_WRONG_COUNT);
  EXPECT_EQ(api.run(context.handle, &input, 2, &output, 1), OCTET_WRONG_COUNT);
  EXPECT_EQ(api.run(context.handle, &input, 1, &output, 0), OCTET_WRONG_COUNT);
  EXPECT_EQ(api.run(context.handle, &input, 1, &output, 2), OCTET_WRONG_COUNT);
  octet_buffer bad = {nullptr, kHandCount * 4};
  EXPECT_EQ(api.run(context.handle, &bad, 1, &output, 1), OCTET_NULL_ARGUMENT);
  EXPECT_EQ(api.run(context.handle, &input, 1, &bad, 1), OCTET_NULL_ARGUMENT);
  for (uint64_t bytes :
       {uint64_t(0), uint64_t(kHandCount * 4 - 1), uint64_t(kHandCount * 4 + 1), UINT64_MAX}) {
    bad = {in.data(), bytes};
    EXPECT_EQ(api.run(context.handle, &bad, 1, &output, 1), OCTET_WRONG_SIZE);
    EXPECT_EQ(api.run(context.handle, &input, 1, &bad, 1), OCTET_WRONG_SIZE);
  }
  EXPECT_EQ(out, std::vector<int32_t>(kHandCount)) << "a refused run must write nothing";
  EXPECT_EQ(api.run(context.handle, &input, 1, &output, 1), OCTET_OK);
  EXPECT_EQ(out, handExpected(in));
}

TEST(Context, Profile) {
  const octet_model model = makeHandModel();
  for (uint32_t threads : {1u, 3u}) {
    Context context(model, {threads, 1});
    ASSERT_EQ(context.status, OCTET_OK);
    const std::vector<int32_t> input = handInput(0);
    std::vector<int32_t> output(kHandCount);
    for (int i = 0; i < 20; ++i)
      ASSERT_EQ(context.run(input, output), OCTET_OK);
    std::array<uint64_t, kHandKernels> times = {}, again = {};
    EXPECT_EQ(api.profile(nullptr, times.data(), kHandKernels, 0), OCTET_NULL_ARGUMENT);
    EXPECT_EQ(api.profile(context.handle, nullptr, kHandKernels, 0), OCTET_NULL_ARGUMENT);
    EXPECT_EQ(api.profile(context.handle, times.data(), 1, 0), OCTET_WRONG_COUNT);
    ASSERT_EQ(api.profile(context.handle, times.data(), kHandKernels, 0), OCTET_OK);
    for (uint64_t time : times)
      EXPECT_GT(time, 0u);
    ASSERT_EQ(api.profile(context.handle, again.data(), kHandKernels, 1), OCTET_OK);
    EXPECT_EQ(times, again);
    ASSERT_EQ(api.profile(context.handle, again.data(), kHandKernels, 0), OCTET_OK);
    EXPECT_EQ(again, (std::array<uint64_t, kHandKernels>{}));
  }
  Context plain(model);
  uint64_t times[kHandKernels];
  EXPECT_EQ(api.profile(plain.handle, times, kHandKernels, 0), OCTET_BAD_OPTION);
}

TEST(Context, StatusMessages) {
  for (int status = -1; status < 20; ++status) {
    const char *text = api.status_message(static_cast<octet_status>(status));
    ASSERT_NE(text, nullptr);
    EXPECT_EQ(std::string(text) == "unknown status", status < 0 || status > OCTET_BAD_OPTION);
  }
}

TEST(Context, ManyContextsFromManyThreads) {
  const octet_model model = makeHandModel();
  std::vector<std::thread> callers;
  std::vector<int> good(4);
  for (int caller = 0; caller < 4; ++caller)
    callers.emplace_back([&, caller] {
      for (uint32_t round = 0; round < 10; ++round) {
        Context context(model, {1 + round % 3, 0});
        const std::vector<int32_t> input = handInput(caller * 100 + round);
        std::vector<int32_t> output(kHandCount);
        for (int i = 0; i < 10; ++i)
          if (context.run(input, output) == OCTET_OK && output == handExpected(input))
            ++good[caller];
      }
    });
  for (std::thread &caller : callers)
    caller.join();
  EXPECT_EQ(good, std::vector<int>(4, 100));
}

// One context may move between threads, as long as one uses it at a time.
TEST(Context, MovesBetweenThreads) {
  const octet_model model = makeHandModel();
  Context context(model, {2, 0});
  const std::vector<int32_t> input = handInput(5);
  for (int i = 0; i < 20; ++i) {
    std::vector<int32_t> output(kHandCount);
    std::thread([&] { context.run(input, output); }).join();
    ASSERT_EQ(output, handExpected(input));
  }
}

TEST(Context, CreateAndDestroyLeaveNothing) {
  const octet_model model = makeHandModel();
  const int before = countThreads();
  for (int i = 0; i < 200; ++i) {
    Context context(model, {1u + i % 5, i % 2 ? 1u : 0u});
    ASSERT_EQ(context.status, OCTET_OK);
    if (i % 3 == 0) {
      const std::vector<int32_t> input = handInput(i);
      std::vector<int32_t> output(kHandCount);
      ASSERT_EQ(context.run(input, output), OCTET_OK);
    }
  }
  EXPECT_EQ(countThreads(), before);
}

// f32(1 + 2^-24) and a product that is denormal: both depend on the control word.
void roundingKernel(void *const *buffers, int64_t begin, int64_t end) {
  auto *y = static_cast<volatile float *>(buffers[0]);
  for (int64_t i = begin; i < end; ++i) {
    volatile float one = 1.0f, small = 0x1.8p-24f, tiny = 0x1p-120f;
    y[i] = i % 2 ? one + small : tiny * small;
  }
}
void roundingEntry(octet_context *context, void *const *, void *const *outputs, void *) {
  octet_launch(context, roundingKernel, outputs, kHandCount, 0);
}

TEST(Context, CallersRoundingModeChangesNothing) {
  octet_model model = makeHandModel();
  model.entry = roundingEntry;
  model.input_count = 0;
  std::vector<float> expected(kHandCount), output(kHandCount);
  void *buffer = expected.data();
  roundingKernel(&buffer, 0, kHandCount);
  const unsigned previous = _mm_getcsr();
  _mm_setcsr(previous | _MM_ROUND_TOWARD_ZERO | _MM_FLUSH_ZERO_ON | 0x40);
  const unsigned odd = _mm_getcsr();
  for (uint32_t threads : {1u, 3u}) {
    Context context(model, {threads, 0});
    octet_buffer out = {output.data(), output.size() * 4};
    EXPECT_EQ(api.run(context.handle, nullptr, 0, &out, 1), OCTET_OK);
    EXPECT_EQ(output, expected);
    EXPECT_EQ(_mm_getcsr() & ~0x3fu, odd & ~0x3fu);
  }
  _mm_setcsr(previous);
}

} // namespace

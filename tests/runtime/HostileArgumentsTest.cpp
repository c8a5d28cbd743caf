// Every entry point with every wrong argument, and with two at once: a status, and nothing is
// touched. Sizes and counts are compared before anything behind a pointer is looked at.

#include "HandModel.h"
#include "gtest/gtest.h"

#include <functional>
#include <random>
#include <sys/mman.h>
#include <unistd.h>

using namespace octet::test;

namespace {

const octet_api &api = octet_runtime_api;

/// An address that cannot be read.
void *getUnmapped() {
  static void *page = mmap(nullptr, getpagesize(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return page;
}

struct Fault {
  const char *name;
  std::function<void(octet_model &)> apply;
};

const Fault kModelFaults[] = {
    {"older version", [](octet_model &m) { m.abi_version = OCTET_ABI_VERSION - 1; }},
    {"newer version", [](octet_model &m) { m.abi_version = OCTET_ABI_VERSION + 1; }},
    {"no version", [](octet_model &m) { m.abi_version = 0; }},
    {"smaller", [](octet_model &m) { m.struct_bytes = 8; }},
    {"larger", [](octet_model &m) { m.struct_bytes = UINT32_MAX; }},
    {"no entry", [](octet_model &m) { m.entry = nullptr; }},
    {"no inputs", [](octet_model &m) { m.inputs = nullptr; }},
    {"no outputs", [](octet_model &m) { m.outputs = nullptr; }},
    {"no kernels", [](octet_model &m) { m.kernels = nullptr; }},
    {"no texts", [](octet_model &m) { m.texts = nullptr; }},
    {"odd alignment", [](octet_model &m) { m.arena_alignment = 3; }},
    {"huge alignment", [](octet_model &m) { m.arena_alignment = 1u << 31; }},
    {"huge arena", [](octet_model &m) { m.arena_bytes = UINT64_MAX; }},
    {"unknown feature", [](octet_model &m) { m.cpu_features = uint64_t(1) << 63; }},
};

TEST(HostileArguments, ModelsWithOneFaultOrTwo) {
  for (const Fault &first : kModelFaults)
    for (const Fault &second : kModelFaults) {
      octet_model model = makeHandModel();
      first.apply(model);
      second.apply(model);
      for (uint32_t threads : {0u, 1u, 3u, 256u, 257u, UINT32_MAX}) {
        const octet_options options = {threads, UINT32_MAX};
        auto *context = reinterpret_cast<octet_context *>(getUnmapped());
        EXPECT_NE(api.create(&model, &options, &context), OCTET_OK)
            << first.name << ", " << second.name << ", " << threads << " threads";
        EXPECT_EQ(context, nullptr);
      }
    }
}

// Of a model of another version, no field but the first two may be read.
TEST(HostileArguments, OtherVersionsAreNotRead) {
  const int64_t page = getpagesize();
  auto *pages =
      static_cast<char *>(mmap(nullptr, 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_EQ(mprotect(pages, page, PROT_READ | PROT_WRITE), 0);
  auto *head = reinterpret_cast<uint32_t *>(pages + page - 8);
  octet_context *context;
  char text[8];
  for (auto [version, bytes] : {std::pair<uint32_t, uint32_t>{OCTET_ABI_VERSION + 1, 8},
                                {OCTET_ABI_VERSION, 8},
                                {0, sizeof(octet_model)}}) {
    head[0] = version;
    head[1] = bytes;
    auto *model = reinterpret_cast<const octet_model *>(head);
    EXPECT_EQ(api.create(model, nullptr, &context), OCTET_ABI_MISMATCH);
    EXPECT_EQ(api.missing_features(model, text, sizeof text), 0u);
  }
  munmap(pages, 2 * page);
}

// Random sets of buffers: run says success for the right one alone, and writes for no other.
TEST(HostileArguments, Runs) {
  const octet_model model = makeHandModel();
  octet_context *context = nullptr;
  ASSERT_EQ(api.create(&model, nullptr, &context), OCTET_OK);
  const std::vector<int32_t> in = handInput(1), expected = handExpected(in);
  std::vector<int32_t> out(kHandCount);
  constexpr uint64_t kRight = kHandCount * 4;
  std::mt19937 random(1);
  auto pickBytes = [&]() -> uint64_t {
    const uint64_t choices[] = {kRight, kRight, kRight, 0, kRight - 1, kRight + 1, UINT64_MAX};
    return choices[random() % std::size(choices)];
  };
  int good = 0;
  for (int i = 0; i < 20000; ++i) {
    auto pick = [&](void *right) -> void * {
      return random() % 4 ? right : random() % 2 ? nullptr : getUnmapped();
    };
    octet_buffer inputs[2] = {{pick(const_cast<int32_t *>(in.data())), pickBytes()}, {}};
    octet_buffer outputs[2] = {{pick(out.data()), pickBytes()}, {}};
    const uint32_t inputCount = random() % 8 ? 1 : random() % 3;
    const uint32_t outputCount = random() % 8 ? 1 : random() % 3 ? UINT32_MAX : 0;
    const octet_buffer *in0 = random() % 8 ? inputs : nullptr;
    const octet_buffer *out0 = random() % 8 ? outputs : nullptr;
    octet_context *used = random() % 8 ? context : nullptr;
    const bool right = used && in0 && out0 && inputCount == 1 && outputCount == 1 &&
                       inputs[0].bytes == kRight && outputs[0].bytes == kRight && inputs[0].data &&
                       outputs[0].data;
    // An address that is wrong though not null cannot be known.
    if (right && (inputs[0].data == getUnmapped() || outputs[0].data == getUnmapped()))
      continue;
    std::fill(out.begin(), out.end(), 7);
    const octet_status status = api.run(used, in0, inputCount, out0, outputCount);
    ASSERT_EQ(status == OCTET_OK, right) << "case " << i << ": " << api.status_message(status);
    ASSERT_EQ(out, right ? expected : std::vector<int32_t>(kHandCount, 7)) << "case " << i;
    good += right;
  }
  EXPECT_GT(good, 100);
  api.destroy(context);
  api.destroy(nullptr);
}

TEST(HostileArguments, Profiles) {
  const octet_model model = makeHandModel();
  const octet_options options = {1, 1};
  octet_context *context = nullptr;
  ASSERT_EQ(api.create(&model, &options, &context), OCTET_OK);
  auto *unmapped = static_cast<uint64_t *>(getUnmapped());
  for (uint32_t count : {0u, 1u, kHandKernels - 1, kHandKernels + 1, UINT32_MAX})
    EXPECT_EQ(api.profile(context, unmapped, count, 1), OCTET_WRONG_COUNT) << count;
  EXPECT_EQ(api.profile(context, nullptr, kHandKernels, 1), OCTET_NULL_ARGUMENT);
  EXPECT_EQ(api.profile(nullptr, unmapped, kHandKernels, 1), OCTET_NULL_ARGUMENT);
  api.destroy(context);
}

TEST(HostileArguments, Messages) {
  for (int status : {-1, 0, 1000, INT32_MAX, INT32_MIN})
    EXPECT_NE(api.status_message(static_cast<octet_status>(status)), nullptr);
}

} // namespace

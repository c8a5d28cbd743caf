// CPU features: our reading of cpuid against LLVM's, and what a model is told.

#include "HandModel.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"
#include "gtest/gtest.h"

using namespace octet::test;

namespace {

const octet_api &api = octet_runtime_api;

struct Feature {
  const char *identifier, *name;
};
const Feature features[] = {
#define OCTET_CPU_FEATURE(ID, NAME) {#ID, NAME},
#include "octet/cpu_features.def"
};
constexpr uint32_t featureCount = sizeof(features) / sizeof(features[0]);

TEST(CpuFeatures, AgreeWithLLVM) {
  const llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
  for (uint32_t bit = 0; bit < featureCount; ++bit) {
    octet_model model = makeHandModel();
    model.cpu_features = uint64_t(1) << bit;
    auto entry = host.find(features[bit].name);
    ASSERT_NE(entry, host.end()) << features[bit].name;
    EXPECT_EQ(api.missing_features(&model, nullptr, 0), entry->second ? 0u : 1u)
        << features[bit].name;
  }
}

TEST(CpuFeatures, UnknownBitsAreMissing) {
  for (uint32_t bit = featureCount; bit < 64; ++bit) {
    octet_model model = makeHandModel();
    model.cpu_features = uint64_t(1) << bit;
    octet_context *context = nullptr;
    EXPECT_EQ(api.create(&model, nullptr, &context), OCTET_UNSUPPORTED_CPU);
    EXPECT_EQ(context, nullptr);
    char text[64];
    EXPECT_EQ(api.missing_features(&model, text, sizeof text), 1u);
    EXPECT_EQ(std::string(text), "unknown-" + std::to_string(bit));
  }
}

TEST(CpuFeatures, TextIsCut) {
  octet_model model = makeHandModel();
  model.cpu_features = uint64_t(3) << 62;
  const std::string all = "unknown-62 unknown-63";
  for (size_t bytes = 0; bytes < 30; ++bytes) {
    std::string text(32, '#');
    EXPECT_EQ(api.missing_features(&model, text.data(), bytes), 2u);
    if (bytes > 0) {
      EXPECT_STREQ(text.c_str(), all.substr(0, bytes - 1).c_str());
    }
    for (size_t i = bytes; i < text.size(); ++i)
      EXPECT_EQ(text[i], '#') << "wrote behind " << bytes << " bytes";
  }
}

TEST(CpuFeatures, NothingToReport) {
  octet_model model = makeHandModel();
  char text[8] = "before";
  EXPECT_EQ(api.missing_features(&model, text, sizeof text), 0u);
  EXPECT_STREQ(text, "");
  EXPECT_EQ(api.missing_features(nullptr, text, sizeof text), 0u);
  model.abi_version = 99;
  model.cpu_features = ~uint64_t(0);
  EXPECT_EQ(api.missing_features(&model, text, sizeof text), 0u);
}

} // namespace

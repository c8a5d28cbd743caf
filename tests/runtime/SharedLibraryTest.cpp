// Shared libraries that each carry their own copy of the runtime, in one process.

#include "octet/runtime.h"
#include "gtest/gtest.h"

#include <dlfcn.h>
#include <string>
#include <vector>

namespace {

struct Library {
  void *handle;
  const octet_model *model = nullptr;
  explicit Library(const char *path) : handle(dlopen(path, RTLD_NOW | RTLD_LOCAL)) {
    if (!handle)
      return;
    using Getter = const octet_model *();
    model = reinterpret_cast<Getter *>(dlsym(handle, "octet_get_model"))();
  }
  ~Library() {
    if (handle)
      dlclose(handle);
  }
};

std::vector<float> run(const octet_model *model, octet_context *context) {
  std::vector<float> in(12), out(12);
  for (int i = 0; i < 12; ++i)
    in[i] = static_cast<float>(i);
  octet_buffer input = {in.data(), 48}, output = {out.data(), 48};
  EXPECT_EQ(model->api->run(context, &input, 1, &output, 1), OCTET_OK);
  return out;
}

TEST(SharedLibrary, TwoModelsWithTheirOwnRuntimes) {
  Library two(SHARED_MODEL_TWO), three(SHARED_MODEL_THREE);
  ASSERT_NE(two.handle, nullptr) << dlerror();
  ASSERT_NE(three.handle, nullptr) << dlerror();
  EXPECT_NE(two.model->api, three.model->api);
  const octet_options options = {2, 0};
  octet_context *first = nullptr, *second = nullptr;
  ASSERT_EQ(two.model->api->create(two.model, &options, &first), OCTET_OK);
  ASSERT_EQ(three.model->api->create(three.model, &options, &second), OCTET_OK);
  for (int i = 0; i < 10; ++i) {
    const std::vector<float> a = run(two.model, first), b = run(three.model, second);
    for (int k = 0; k < 12; ++k) {
      EXPECT_EQ(a[k], 2.0f * k + 1);
      EXPECT_EQ(b[k], 3.0f * k + 1);
    }
  }
  two.model->api->destroy(first);
  three.model->api->destroy(second);
}

TEST(SharedLibrary, ExportsOnlyTheModel) {
  Library two(SHARED_MODEL_TWO);
  ASSERT_NE(two.handle, nullptr) << dlerror();
  EXPECT_EQ(dlsym(two.handle, "octet_runtime_api"), nullptr);
  EXPECT_EQ(dlsym(two.handle, "octet_launch"), nullptr);
  EXPECT_EQ(dlsym(two.handle, "octet_pool_run"), nullptr);
}

} // namespace

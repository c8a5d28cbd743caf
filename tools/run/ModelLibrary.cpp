#include "tools/run/ModelLibrary.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>

using namespace llvm;

namespace octet::run {

Error ModelLibrary::fail(const Twine &message) const {
  return createStringError(inconvertibleErrorCode(), path + ": " + message);
}

Expected<std::unique_ptr<ModelLibrary>> ModelLibrary::load(StringRef path) {
  std::unique_ptr<ModelLibrary> library(new ModelLibrary(path.str(), nullptr));
  // Without a slash in it, dlopen would search the system's folders.
  SmallString<256> absolute;
  if (std::error_code code = sys::fs::real_path(path, absolute)) {
    std::string text = code.message();
    text.front() = static_cast<char>(std::tolower(text.front()));
    return library->fail(text);
  }
  library->handle = dlopen(absolute.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library->handle) {
    StringRef text = dlerror();
    text.consume_front(absolute);
    text.consume_front(": ");
    return library->fail(text);
  }
  using Getter = const octet_model *();
  auto *getter = reinterpret_cast<Getter *>(dlsym(library->handle, "octet_get_model"));
  const octet_model *model = getter ? getter() : nullptr;
  if (!model)
    return library->fail("not a compiled model: there is no octet_get_model");
  // Only these two fields have a known place in other versions.
  if (model->abi_version != OCTET_ABI_VERSION || model->struct_bytes != sizeof(octet_model))
    return library->fail("compiled for version " + Twine(model->abi_version) + " of the runtime (" +
                         Twine(model->struct_bytes) + " bytes), expected version " +
                         Twine(OCTET_ABI_VERSION) + " (" + Twine(sizeof(octet_model)) + " bytes)");
  char missing[512];
  if (model->api->missing_features(model, missing, sizeof missing) != 0)
    return library->fail(Twine("compiled for ") + model->target + ", this cpu lacks " + missing);
  library->model = model;
  for (; model; model = model->next)
    library->models.push_back(model);
  model = library->model;
  library->outputCount = model->output_count;
  if (const auto *text = static_cast<const char *>(dlsym(library->handle, "octet_layers"))) {
    auto parsed = parseLayers(text, model->output_count);
    if (!parsed)
      return library->fail(toString(parsed.takeError()));
    library->outputCount = parsed->outputs;
    library->layers = std::move(parsed->layers);
  }
  return library;
}

ModelLibrary::~ModelLibrary() {
  if (handle)
    dlclose(handle);
}

Expected<std::unique_ptr<Instance>> Instance::create(const ModelLibrary &library,
                                                     octet_options options) {
  // Of all shapes, as a program would that meets them all: `run` finds the one.
  const octet_model &model = *library.getModels().front();
  std::unique_ptr<Instance> instance(new Instance(library));
  const octet_status status = model.api->create(&model, &options, &instance->context);
  if (status != OCTET_OK)
    return library.fail(model.api->status_message(status));
  if (Error error = instance->allocate(library.getInputs(), instance->inputs))
    return error;
  if (Error error = instance->allocate(library.getResults(), instance->results))
    return error;
  return instance;
}

Error Instance::allocate(ArrayRef<octet_io> ios, std::vector<octet_buffer> &buffers) {
  for (const octet_io &io : ios) {
    // Aligned as an allocation of that size would be in a program.
    const uint64_t bytes = alignTo(std::max<uint64_t>(io.bytes, 1), 64);
    void *data = std::aligned_alloc(64, bytes);
    if (!data)
      return library.fail("out of memory");
    std::memset(data, 0, bytes);
    buffers.push_back({data, io.bytes});
  }
  return Error::success();
}

Instance::~Instance() {
  for (const std::vector<octet_buffer> *buffers : {&inputs, &results})
    for (const octet_buffer &buffer : *buffers)
      std::free(buffer.data);
  library.getModel().api->destroy(context);
}

static void clearUnused(const octet_io &io, octet_buffer buffer, uint32_t axis, int64_t used) {
  const int64_t extent = io.dims[axis];
  uint64_t rows = 1;
  for (uint32_t d = 0; d < axis; ++d)
    rows *= io.dims[d];
  if (used < 0 || used >= extent || io.bytes == 0)
    return;
  const uint64_t row = io.bytes / rows, kept = row / extent * used;
  for (uint64_t i = 0; i < rows; ++i)
    std::memset(static_cast<char *>(buffer.data) + i * row + kept, 0, row - kept);
}

Error Instance::run() {
  const octet_api &api = *library.getModel().api;
  const octet_status status = api.run(context, inputs.data(), static_cast<uint32_t>(inputs.size()),
                                      results.data(), static_cast<uint32_t>(results.size()));
  if (status != OCTET_OK)
    return library.fail(api.status_message(status));
  const octet_model &model = library.getModel();
  for (const octet_extent &extent : ArrayRef(model.extents, model.extent_count))
    clearUnused(model.outputs[extent.output], results[extent.output], extent.axis,
                *static_cast<const int64_t *>(results[extent.count].data));
  return Error::success();
}

} // namespace octet::run

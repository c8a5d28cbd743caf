// Archives and arrays: every header and, where they are small, all elements, in slices and
// as a whole.

#include "tests/fuzz/ScratchFile.h"
#include "tools/npz/Samples.h"

using namespace octet;

constexpr int64_t kMostBytes = 1 << 20;

static void readArrays(llvm::Expected<std::unique_ptr<npz::Reader>> opened) {
  if (!opened)
    return llvm::consumeError(opened.takeError());
  npz::Reader &reader = **opened;
  for (const std::string &name : reader.names()) {
    auto found = reader.find(name);
    if (!found) {
      llvm::consumeError(found.takeError());
      continue;
    }
    const npz::Array &array = **found;
    if (array.bytes > kMostBytes)
      continue;
    std::vector<char> bytes(array.bytes);
    llvm::consumeError(reader.readAll(name, bytes.data()));
    int64_t slices = array.shape.empty() ? 0 : array.shape.front();
    std::vector<char> slice(array.getSliceBytes());
    for (int64_t i : {slices - 1, int64_t(0), slices / 2})
      if (i >= 0 && i < slices)
        llvm::consumeError(reader.read(name, i, 1, slice.data()));
  }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static test::ScratchFile file("data.npz");
  file.write({data, size});
  readArrays(npz::Reader::open(file.getPath()));
  readArrays(npz::Reader::openArray(file.getPath(), "x"));
  auto samples = npz::Samples::open(file.getPath(), {{"x", npz::DType::F32, {1, 3}}});
  if (!samples) {
    llvm::consumeError(samples.takeError());
    return 0;
  }
  std::vector<char> sample(3 * sizeof(float));
  for (int64_t run = 0; run < std::min<int64_t>(samples->size(), 8); ++run)
    llvm::consumeError(samples->read(run, 0, sample.data()));
  return 0;
}

#include "tools/run/ModelSamples.h"
#include "tools/run/Elements.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

using namespace llvm;

namespace octet::run {

Error fail(const Twine &message) { return createStringError(inconvertibleErrorCode(), message); }

Expected<npz::Samples> openSamples(StringRef path, ArrayRef<octet_io> ios, StringRef prefix,
                                   bool prefixOptional) {
  std::vector<npz::TensorSpec> specs;
  for (const octet_io &io : ios) {
    std::optional<npz::DType> dtype = toNpz(io.dtype);
    if (!dtype)
      return fail(Twine("'") + io.name + "': no .npz file holds " + getTypeName(io.dtype));
    specs.push_back({io.name, *dtype, std::vector<int64_t>(io.dims, io.dims + io.rank)});
  }
  return npz::Samples::open(path, specs, prefix, prefixOptional);
}

Error readRun(npz::Samples &samples, int64_t run, ArrayRef<octet_buffer> buffers) {
  for (auto [i, buffer] : enumerate(buffers))
    if (Error error = samples.read(run, i, buffer.data))
      return error;
  return Error::success();
}

int64_t getElementCount(const octet_io &io) {
  int64_t count = 1;
  for (uint32_t i = 0; i < io.rank; ++i)
    count *= io.dims[i];
  return count;
}

} // namespace octet::run

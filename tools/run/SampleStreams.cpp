#include "tools/run/SampleStreams.h"
#include "tools/run/Elements.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"

using namespace llvm;

namespace octet::run {
namespace {

std::string printShape(ArrayRef<int64_t> shape, StringRef front = "") {
  std::string text = "[" + front.str();
  for (int64_t extent : shape)
    text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  return text + "]";
}

/// Entries of the leading axis in each run; 0 if the shapes do not go together.
int64_t getSlicesPerRun(ArrayRef<int64_t> array, ArrayRef<int64_t> io) {
  if (array.empty())
    return 0;
  if (array.drop_front() == io)
    return 1;
  if (io.empty())
    return 0;
  if (array.drop_front() == io.drop_front())
    return io.front();
  if (array.size() == io.size() + 1 && array[1] == 1 && array.drop_front(2) == io.drop_front())
    return io.front();
  return 0;
}

Error checkArray(const npz::Array &array, const octet_io &io, StringRef path) {
  auto fail = [&](const Twine &message) {
    return createStringError(inconvertibleErrorCode(),
                             path + ": array '" + array.name + "': " + message);
  };
  if (toNpz(io.dtype) != array.dtype)
    return fail("expected " + getTypeName(io.dtype) + ", got " + npz::getName(array.dtype));
  const ArrayRef<int64_t> dims(io.dims, io.rank);
  const int64_t perRun = getSlicesPerRun(array.shape, dims);
  if (perRun == 0) {
    std::string expected = printShape(dims, "N");
    if (!dims.empty())
      expected += " or " + printShape(dims.drop_front(), "N");
    return fail("expected shape " + expected + ", got " + printShape(array.shape));
  }
  if (array.shape.front() == 0)
    return fail("there are no samples");
  if (array.shape.front() % perRun != 0)
    return fail("expected a multiple of the batch " + Twine(perRun) + ", got " +
                Twine(array.shape.front()) + " samples");
  return Error::success();
}

Expected<std::string> chooseName(const npz::Reader &reader, StringRef path, StringRef prefix,
                                 StringRef name, ArrayRef<octet_io> reserved) {
  std::string full = (prefix + name).str();
  if (reader.contains(full))
    return full;
  const bool isReserved = any_of(reserved, [&](const octet_io &io) { return name == io.name; });
  if (!prefix.empty() && !isReserved && reader.contains(name))
    return name.str();
  return createStringError(inconvertibleErrorCode(), path + ": there is no array '" + full +
                                                         "', only '" +
                                                         join(reader.names(), "', '") + "'");
}

} // namespace

Expected<SampleStreams> SampleStreams::bind(std::unique_ptr<npz::Reader> reader, StringRef path,
                                            ArrayRef<octet_io> ios, StringRef prefix,
                                            ArrayRef<octet_io> reserved) {
  SampleStreams result;
  for (const octet_io &io : ios) {
    Expected<std::string> name = chooseName(*reader, path, prefix, io.name, reserved);
    if (!name)
      return name.takeError();
    Expected<const npz::Array *> array = reader->find(*name);
    if (!array)
      return array.takeError();
    if (Error error = checkArray(**array, io, path))
      return error;
    const int64_t samples = (*array)->shape.front();
    const int64_t perRun = getSlicesPerRun((*array)->shape, {io.dims, io.rank});
    if (!result.streams.empty() && samples / perRun != result.runs)
      return createStringError(inconvertibleErrorCode(),
                               path + ": array '" + *name + "': expected " +
                                   Twine(result.runs * perRun) + " samples to go with '" +
                                   result.streams.front().name + "', got " + Twine(samples));
    if (result.streams.empty()) {
      result.runs = samples / perRun;
      result.samples = samples;
    }
    result.streams.push_back({std::move(*name), perRun});
  }
  result.reader = std::move(reader);
  return result;
}

Error SampleStreams::read(int64_t run, ArrayRef<octet_buffer> buffers) {
  for (auto [stream, buffer] : zip_equal(streams, buffers))
    if (Error error =
            reader->read(stream.name, run * stream.slicesPerRun, stream.slicesPerRun, buffer.data))
      return error;
  return Error::success();
}

} // namespace octet::run

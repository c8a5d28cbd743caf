#include "tools/npz/Samples.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace octet::npz {

template <typename... Parts>
static llvm::Error makeError(const Parts &...parts) {
  std::string message;
  llvm::raw_string_ostream stream(message);
  (stream << ... << parts);
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

static std::string printShape(llvm::ArrayRef<int64_t> shape) {
  return "[" + llvm::join(llvm::map_range(shape, [](int64_t i) { return std::to_string(i); }),
                          ", ") +
         "]";
}

llvm::Expected<Samples> Samples::open(llvm::StringRef path, llvm::ArrayRef<TensorSpec> specs,
                                      llvm::StringRef prefix) {
  Samples samples;
  auto reader = Reader::open(path);
  if (!reader)
    return reader.takeError();
  samples.reader = std::move(*reader);
  for (const TensorSpec &spec : specs) {
    std::string name = prefix.str() + spec.name;
    if (!samples.reader->contains(name))
      return makeError(path, ": expected an array '", name, "', got '",
                       llvm::join(samples.reader->names(), "', '"), "'");
    auto array = samples.reader->find(name);
    if (!array)
      return array.takeError();
    if ((*array)->dtype != spec.dtype)
      return makeError(path, ": array '", name, "': expected ", getName(spec.dtype), ", got ",
                       getName((*array)->dtype));
    llvm::ArrayRef<int64_t> shape((*array)->shape), wanted(spec.shape);
    int64_t slices = 1, count = -1;
    if (shape.size() == wanted.size() + 1 && shape.drop_front() == wanted) {
      count = shape[0];
    } else if (!wanted.empty() && shape.size() == wanted.size() && wanted[0] > 0 &&
               shape.drop_front() == wanted.drop_front() && shape[0] % wanted[0] == 0) {
      slices = wanted[0];
      count = shape[0] / slices;
    }
    if (count < 0)
      return makeError(path, ": array '", name, "': expected samples of shape ",
                       printShape(wanted), ", got ", printShape(shape));
    if (count == 0)
      return makeError(path, ": array '", name, "': expected samples, got none");
    if (samples.count && samples.count != count)
      return makeError(path, ": array '", name, "': expected ", samples.count,
                       " samples as in the arrays before it, got ", count);
    samples.count = count;
    samples.sources.push_back({name, slices});
  }
  return samples;
}

llvm::Error Samples::read(int64_t sample, size_t index, void *buffer) {
  const Source &source = sources[index];
  return reader->read(source.array, sample * source.slices, source.slices, buffer);
}

} // namespace octet::npz

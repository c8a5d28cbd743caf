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

static std::string printShape(llvm::ArrayRef<int64_t> shape, llvm::StringRef front = "") {
  std::string text = "[" + front.str();
  for (int64_t extent : shape)
    text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  return text + "]";
}

/// Entries of the leading axis that make a run; 0 if the shapes do not go together.
static int64_t getSlicesPerRun(llvm::ArrayRef<int64_t> array, llvm::ArrayRef<int64_t> wanted) {
  if (array.empty())
    return 0;
  if (array.drop_front() == wanted)
    return 1;
  if (wanted.empty())
    return 0;
  if (array.drop_front() == wanted.drop_front())
    return wanted.front();
  if (array.size() == wanted.size() + 1 && array[1] == 1 &&
      array.drop_front(2) == wanted.drop_front())
    return wanted.front();
  return 0;
}

llvm::Expected<Samples> Samples::open(llvm::StringRef path, llvm::ArrayRef<TensorSpec> specs,
                                      llvm::StringRef prefix, bool prefixOptional) {
  Samples samples;
  auto reader = Reader::open(path);
  if (!reader)
    return reader.takeError();
  samples.reader = std::move(*reader);
  for (const TensorSpec &spec : specs) {
    std::string name = prefix.str() + spec.name;
    if (prefixOptional && !samples.reader->contains(name) && samples.reader->contains(spec.name))
      name = spec.name;
    if (!samples.reader->contains(name))
      return makeError(path, ": expected an array '", name, "', got '",
                       llvm::join(samples.reader->names(), "', '"), "'");
    auto array = samples.reader->find(name);
    if (!array)
      return array.takeError();
    auto fail = [&](const auto &...parts) {
      return makeError(path, ": array '", name, "': ", parts...);
    };
    if ((*array)->dtype != spec.dtype)
      return fail("expected ", getName(spec.dtype), ", got ", getName((*array)->dtype));
    llvm::ArrayRef<int64_t> shape((*array)->shape), wanted(spec.shape);
    const int64_t slices = getSlicesPerRun(shape, wanted);
    if (slices == 0) {
      std::string expected = printShape(wanted, "N");
      if (!wanted.empty())
        expected += " or " + printShape(wanted.drop_front(), "N");
      return fail("expected shape ", expected, ", got ", printShape(shape));
    }
    if (shape.front() == 0)
      return fail("expected samples, got none");
    if (shape.front() % slices != 0)
      return fail("expected a multiple of the batch ", slices, ", got ", shape.front(), " samples");
    const int64_t count = shape.front() / slices;
    if (samples.count && samples.count != count)
      return fail("expected ", samples.count * slices, " samples to go with '",
                  samples.sources.front().array, "', got ", shape.front());
    if (samples.sources.empty())
      samples.leadingExtent = shape.front();
    samples.count = count;
    samples.sources.push_back({std::move(name), slices});
  }
  return samples;
}

llvm::Error Samples::read(int64_t run, size_t index, void *buffer) {
  const Source &source = sources[index];
  return reader->read(source.array, run * source.slices, source.slices, buffer);
}

} // namespace octet::npz

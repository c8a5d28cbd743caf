#include "tools/npz/Samples.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

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

llvm::Expected<Samples::Part> Samples::openPart(llvm::StringRef path,
                                                llvm::ArrayRef<TensorSpec> specs,
                                                llvm::ArrayRef<std::shared_ptr<Reader>> readers,
                                                llvm::StringRef prefix, bool prefixOptional) {
  Part part{{}, 0, 0};
  for (auto [spec, reader] : llvm::zip_equal(specs, readers)) {
    std::string name = prefix.str() + spec.name;
    if (prefixOptional && !reader->contains(name) && reader->contains(spec.name))
      name = spec.name;
    if (!reader->contains(name))
      return makeError(path, ": expected an array '", name, "', got '",
                       llvm::join(reader->names(), "', '"), "'");
    auto array = reader->find(name);
    if (!array)
      return array.takeError();
    auto fail = [&](const auto &...words) {
      return makeError(path, ": array '", name, "': ", words...);
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
    if (part.count && part.count != count)
      return fail("expected ", part.count * slices, " samples to go with '",
                  part.sources.front().array, "', got ", shape.front());
    if (part.sources.empty())
      part.leadingExtent = shape.front();
    part.count = count;
    part.sources.push_back({reader, std::move(name), slices});
  }
  return part;
}

void Samples::addPart(Part part) {
  count += part.count;
  leadingExtent += part.leadingExtent;
  parts.push_back(std::move(part));
}

llvm::Error Samples::addFolder(llvm::StringRef folder, llvm::ArrayRef<TensorSpec> specs) {
  std::error_code code;
  std::vector<std::string> archives, arrays;
  for (llvm::sys::fs::directory_iterator it(folder, code), end; it != end && !code;
       it.increment(code)) {
    llvm::StringRef extension = llvm::sys::path::extension(it->path());
    if (extension == ".npz")
      archives.push_back(it->path());
    else if (extension == ".npy")
      arrays.push_back(it->path());
  }
  if (code)
    return makeError(folder, ": ", code.message());
  if (archives.empty() == arrays.empty())
    return makeError(folder, ": expected a folder of .npz or of .npy files, got ",
                     archives.empty() ? "neither" : "both");
  llvm::sort(archives);
  llvm::sort(arrays);
  std::vector<std::vector<std::shared_ptr<Reader>>> groups;
  for (const std::string &path : archives) {
    auto reader = Reader::open(path);
    if (!reader)
      return reader.takeError();
    groups.emplace_back(specs.size(), std::shared_ptr<Reader>(std::move(*reader)));
  }
  auto addArray = [&](llvm::StringRef path, const TensorSpec &spec) -> llvm::Error {
    auto reader = Reader::openArray(path, spec.name);
    if (!reader)
      return reader.takeError();
    groups.back().push_back(std::move(*reader));
    return llvm::Error::success();
  };
  bool isNamed = !arrays.empty() && llvm::all_of(specs, [&](const TensorSpec &spec) {
    return llvm::any_of(
        arrays, [&](llvm::StringRef path) { return llvm::sys::path::stem(path) == spec.name; });
  });
  if (isNamed) {
    groups.emplace_back();
    for (const TensorSpec &spec : specs) {
      llvm::SmallString<128> path(folder);
      llvm::sys::path::append(path, spec.name + ".npy");
      if (llvm::Error error = addArray(path, spec))
        return error;
    }
  } else if (!arrays.empty() && specs.size() != 1) {
    return makeError(folder, ": expected an .npy file for each of ", specs.size(), " inputs");
  } else {
    for (const std::string &path : arrays) {
      groups.emplace_back();
      if (llvm::Error error = addArray(path, specs.front()))
        return error;
    }
  }
  for (const auto &[i, readers] : llvm::enumerate(groups)) {
    llvm::StringRef path = !archives.empty() ? archives[i] : isNamed ? folder : arrays[i];
    auto part = openPart(path, specs, readers, "", false);
    if (!part)
      return part.takeError();
    addPart(std::move(*part));
  }
  return llvm::Error::success();
}

llvm::Expected<Samples> Samples::open(llvm::StringRef path, llvm::ArrayRef<TensorSpec> specs,
                                      llvm::StringRef prefix, bool prefixOptional) {
  Samples samples;
  if (prefix.empty() && llvm::sys::fs::is_directory(path)) {
    if (llvm::Error error = samples.addFolder(path, specs))
      return error;
    return samples;
  }
  auto reader = Reader::open(path);
  if (!reader)
    return reader.takeError();
  std::vector<std::shared_ptr<Reader>> readers(specs.size(), std::move(*reader));
  auto part = openPart(path, specs, readers, prefix, prefixOptional);
  if (!part)
    return part.takeError();
  samples.addPart(std::move(*part));
  return samples;
}

llvm::Error Samples::read(int64_t run, size_t index, void *buffer) {
  const Part *part = parts.data();
  for (; run >= part->count; ++part)
    run -= part->count;
  const Source &source = part->sources[index];
  return source.reader->read(source.array, run * source.slices, source.slices, buffer);
}

} // namespace octet::npz

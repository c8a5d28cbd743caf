// Samples for a model out of an .npz file, run by run. For an input [B, ...] an array
// may be
//   [N, B, ...]    N runs of one sample;
//   [N, 1, ...]    N / B runs of B samples that follow each other;
//   [N, ...]       cut along the batch axis: N / B runs.
//
// A folder stands for the samples of all its .npz files, in the order of their names. Its .npy
// files are one input each if they bear the inputs' names, else, for a model of one input,
// samples of it.

#ifndef OCTET_TOOLS_NPZ_SAMPLES_H
#define OCTET_TOOLS_NPZ_SAMPLES_H

#include "tools/npz/Npz.h"

namespace octet::npz {

/// An input (or expected output) of a model.
struct TensorSpec {
  std::string name;
  DType dtype;
  std::vector<int64_t> shape;
};

class Samples {
public:
  /// Finds an array for every spec. Fails, in one line, where one is missing (naming
  /// those that exist), has another type, a shape that is no sequence of samples,
  /// another number of samples than the first, or none. `prefix` stands before the
  /// names in the file; with `prefixOptional` the bare name is taken where the
  /// prefixed one is missing.
  static llvm::Expected<Samples> open(llvm::StringRef path, llvm::ArrayRef<TensorSpec> specs,
                                      llvm::StringRef prefix = "", bool prefixOptional = false);

  /// How often the model runs for all the data.
  int64_t size() const { return count; }
  /// Extent of the leading axis: the samples as a user counts them.
  int64_t getLeadingExtent() const { return leadingExtent; }
  /// Copies what run `run` needs of spec `index` to `buffer`. Going forward is cheap.
  llvm::Error read(int64_t run, size_t index, void *buffer);
  /// The file, for what stands in it beside samples. Not for folders.
  Reader &getReader() { return *parts.front().sources.front().reader; }

private:
  struct Source {
    std::shared_ptr<Reader> reader;
    std::string array;
    int64_t slices; // entries of the array's leading axis that make a run
  };
  /// A file, or the arrays of a folder that go together.
  struct Part {
    std::vector<Source> sources; // one for each spec
    int64_t count, leadingExtent;
  };

  /// Reads the headers; `readers` holds one for each spec.
  static llvm::Expected<Part> openPart(llvm::StringRef path, llvm::ArrayRef<TensorSpec> specs,
                                       llvm::ArrayRef<std::shared_ptr<Reader>> readers,
                                       llvm::StringRef prefix, bool prefixOptional);
  llvm::Error addFolder(llvm::StringRef path, llvm::ArrayRef<TensorSpec> specs);
  void addPart(Part part);

  std::vector<Part> parts;
  int64_t count = 0, leadingExtent = 0;
};

} // namespace octet::npz

#endif // OCTET_TOOLS_NPZ_SAMPLES_H

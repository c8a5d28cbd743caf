// Samples for a model out of an .npz file, run by run. For an input [B, ...] an array
// may be
//   [N, B, ...]    N runs of one sample;
//   [N, 1, ...]    N / B runs of B samples that follow each other;
//   [N, ...]       cut along the batch axis: N / B runs.

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
  Reader &getReader() { return *reader; }

private:
  struct Source {
    std::string array;
    int64_t slices; // entries of the array's leading axis that make a run
  };

  std::unique_ptr<Reader> reader;
  std::vector<Source> sources;
  int64_t count = 0, leadingExtent = 0;
};

} // namespace octet::npz

#endif // OCTET_TOOLS_NPZ_SAMPLES_H

// The arrays of an .npz file as the inputs (or expected outputs) of a model, run by
// run. For an input [B, ...] an array may be
//   [N, B, ...]    N runs of a sample each;
//   [N, 1, ...]    N / B runs, B consecutive samples each;
//   [N, ...]       cut along the batch axis: N / B runs.

#ifndef OCTET_TOOLS_RUN_SAMPLESTREAMS_H
#define OCTET_TOOLS_RUN_SAMPLESTREAMS_H

#include "octet/runtime.h"
#include "tools/npz/Npz.h"

namespace octet::run {

class SampleStreams {
public:
  /// Binds an array to each of `ios`: the one called `prefix` + name or, where there
  /// is none and the name alone is not in `reserved`, the one called like it.
  static llvm::Expected<SampleStreams> bind(std::unique_ptr<npz::Reader> reader,
                                            llvm::StringRef path, llvm::ArrayRef<octet_io> ios,
                                            llvm::StringRef prefix = "",
                                            llvm::ArrayRef<octet_io> reserved = {});

  /// How often the model must run for all the data.
  int64_t getRuns() const { return runs; }
  /// Extent of the leading axis.
  int64_t getSamples() const { return samples; }
  npz::Reader &getReader() { return *reader; }

  /// Reads what belongs to a run into one buffer per bound io.
  llvm::Error read(int64_t run, llvm::ArrayRef<octet_buffer> buffers);

private:
  struct Stream {
    std::string name;
    int64_t slicesPerRun;
  };
  std::unique_ptr<npz::Reader> reader;
  std::vector<Stream> streams;
  int64_t runs = 0, samples = 0;
};

} // namespace octet::run

#endif // OCTET_TOOLS_RUN_SAMPLESTREAMS_H

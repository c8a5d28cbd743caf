// What calibration learned, by ONNX tensor name: the file that --save-calibration
// writes and --calibration reads. Tables of shards merge to the table of all
// samples, bit for bit. A table written by hand needs only "min" and "max".

#ifndef OCTET_PASSES_CALIBRATE_CALIBRATIONTABLE_H
#define OCTET_PASSES_CALIBRATE_CALIBRATIONTABLE_H

#include "passes/calibrate/ChannelStatistics.h"
#include "passes/calibrate/TensorStatistics.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <map>
#include <string>

namespace octet {

class CalibrationTable {
public:
  /// Adds the values that a tensor has for one sample.
  void observe(llvm::StringRef tensor, llvm::ArrayRef<float> values);

  /// Statistics of a tensor, or null.
  const TensorStatistics *lookup(llvm::StringRef tensor) const;

  /// Adds the values that a tensor has for one sample, by channel.
  void observeChannels(llvm::StringRef tensor, llvm::ArrayRef<float> values,
                       const ChannelAxis &place);
  /// Null for a tensor that no contraction reads, or in a table written by hand.
  const ChannelStatistics *lookupChannels(llvm::StringRef tensor) const;
  /// Adds the tensor `to`, which is `from` with its channels multiplied by positive factors. Its
  /// range is that of the scaled extremes of channels; there is no histogram to scale.
  void addScaled(llvm::StringRef from, llvm::StringRef to, llvm::ArrayRef<double> factors);
  bool hasChannels() const { return !channels.empty(); }

  bool empty() const { return tensors.empty(); }
  size_t size() const { return tensors.size(); }
  using const_iterator = std::map<std::string, TensorStatistics, std::less<>>::const_iterator;
  const_iterator begin() const { return tensors.begin(); }
  const_iterator end() const { return tensors.end(); }

  void merge(const CalibrationTable &other);

  /// A table that need not know all tensors: what it leaves out is not stored as integers.
  bool isPartial() const { return partial; }
  void setPartial() { partial = true; }

  std::string toJson() const;
  /// Errors are one line, without the file's name.
  static llvm::Expected<CalibrationTable> fromJson(llvm::StringRef text);

  /// Errors name the file.
  static llvm::Expected<CalibrationTable> load(llvm::StringRef path);

private:
  // Ordered, so that files are reproducible.
  std::map<std::string, TensorStatistics, std::less<>> tensors;
  std::map<std::string, ChannelStatistics, std::less<>> channels;
  bool partial = false;
};

} // namespace octet

#endif // OCTET_PASSES_CALIBRATE_CALIBRATIONTABLE_H

// What calibration learned, by ONNX tensor name: the file that --save-calibration
// writes and --calibration reads. Tables of shards merge to the table of all
// samples, bit for bit. A table written by hand needs only "min" and "max".

#ifndef OCTET_PASSES_CALIBRATE_CALIBRATIONTABLE_H
#define OCTET_PASSES_CALIBRATE_CALIBRATIONTABLE_H

#include "passes/calibrate/Histogram.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <map>
#include <string>

namespace octet {

class CalibrationTable {
public:
  /// Adds the values of a tensor. Fails on NaN and infinities, naming the tensor;
  /// the table stays usable.
  llvm::Error observe(llvm::StringRef tensor, llvm::ArrayRef<float> values);

  /// Statistics of a tensor, or null.
  const Histogram *lookup(llvm::StringRef tensor) const;
  bool empty() const { return tensors.empty(); }
  size_t size() const { return tensors.size(); }

  void merge(const CalibrationTable &other);

  std::string toJson() const;
  /// Errors are one line, without the file's name.
  static llvm::Expected<CalibrationTable> fromJson(llvm::StringRef text);

  /// Errors name the file.
  static llvm::Expected<CalibrationTable> load(llvm::StringRef path);

private:
  // Ordered, so that files are reproducible.
  std::map<std::string, Histogram, std::less<>> tensors;
};

} // namespace octet

#endif // OCTET_PASSES_CALIBRATE_CALIBRATIONTABLE_H

// What calibration keeps of each channel of a tensor that contractions read: enough to
// foresee how errors of weights shift sums (the mean), and to balance channels (the extremes).

#ifndef OCTET_PASSES_CALIBRATE_CHANNELSTATISTICS_H
#define OCTET_PASSES_CALIBRATE_CHANNELSTATISTICS_H

#include "dialect/Octet.h"
#include "passes/calibrate/ExactSum.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/JSON.h"

namespace octet {

/// Where the channels of a tensor are.
struct ChannelAxis {
  llvm::SmallVector<int64_t> shape;
  int64_t axis;
};

class ChannelStatistics {
public:
  /// The values that a tensor has for one sample, in row-major order.
  /// The first dimension, unless it is the axis, counts samples; each is summed up by itself,
  /// so that it does not matter which samples form a batch.
  void add(llvm::ArrayRef<float> values, const ChannelAxis &place);
  /// Statistics of different numbers of channels (a name that two tensors bear) merge to
  /// those of no channel, for good; so do NaN and infinities.
  void merge(const ChannelStatistics &other);

  /// 0 where nothing is known.
  int64_t size() const { return channels.size(); }
  /// Only where the sum is known.
  std::optional<double> getMean(int64_t channel) const;
  float getMin(int64_t channel) const { return channels[channel].min; }
  float getMax(int64_t channel) const { return channels[channel].max; }

  /// Those of a tensor whose channels are multiplied by positive factors, one for each.
  ChannelStatistics scale(llvm::ArrayRef<double> factors) const;

  /// The attributes of an object of its own.
  void writeJson(llvm::json::OStream &json) const;
  /// Errors are one line.
  static llvm::Expected<ChannelStatistics> fromJson(const llvm::json::Object &object);

private:
  struct Channel {
    float min, max;
    ExactSum sum;
  };
  bool accepts(int64_t extent);
  void refuse();
  void addOne(llvm::ArrayRef<float> values, int64_t inner);

  uint64_t count = 0; ///< values of each channel
  bool isAmbiguous = false;
  std::vector<Channel> channels;
};

/// The name of the tensor that a contraction reads as operand 0; empty where it has none.
llvm::StringRef getContractionInputName(mlir::Operation *contraction);

/// The tensors of f32 that contractions with constant weights read, by name.
llvm::StringMap<ChannelAxis> findContractionInputs(mlir::func::FuncOp function);

} // namespace octet

#endif // OCTET_PASSES_CALIBRATE_CHANNELSTATISTICS_H

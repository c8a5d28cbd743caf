#include "tools/run/LayerScore.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <cmath>

using namespace llvm;

namespace octet::run {

// Magnitudes are counted by their logarithm: eight bins for each power of two.
static constexpr int kBinsPerOctave = 8, kBins = 2048;

static size_t getMagnitudeBin(double magnitude) {
  const double bin = std::floor(std::log2(magnitude) * kBinsPerOctave) + kBins / 2;
  return static_cast<size_t>(std::clamp(bin, 0.0, double(kBins - 1)));
}

static double getDecibels(double signal, double noise) {
  constexpr double kLimit = 1000;
  if (noise == 0)
    return kLimit;
  return signal == 0 ? -kLimit : std::clamp(10 * std::log10(signal / noise), -kLimit, kLimit);
}

LayerScore::LayerScore(const Layer &layer, ArrayRef<int64_t> dims) : magnitudes(kBins) {
  if (layer.scale) {
    step = *layer.scale;
    low = layer.getLow();
    high = layer.getHigh();
  }
  if (layer.channelAxis && *layer.channelAxis < dims.size()) {
    channels.resize(dims[*layer.channelAxis]);
    for (int64_t extent : dims.drop_front(*layer.channelAxis + 1))
      inner *= extent;
  }
}

void LayerScore::add(ArrayRef<float> reference, ArrayRef<float> actual) {
  for (size_t i = 0; i < reference.size(); ++i) {
    const double x = reference[i], y = actual[i];
    // What is not finite has no place in a sum; octet-run --compare counts it.
    if (!std::isfinite(x) || !std::isfinite(y))
      continue;
    const double error = (x - y) * (x - y);
    signal += x * x;
    noise += error;
    maxAbs = std::max(maxAbs, std::abs(x - y));
    min = count ? std::min(min, x) : x;
    max = count ? std::max(max, x) : x;
    ++count;
    if (x != 0)
      ++magnitudes[getMagnitudeBin(std::abs(x))];
    if (step) {
      const double half = *step / 2;
      if (x < low - half || x > high + half) {
        ++clipped;
        clippedNoise += error;
      } else if ((low != 0 && x < low + half) || (high != 0 && x > high - half)) {
        ++saturated;
      }
    }
    if (!channels.empty()) {
      Channel &channel = channels[i / inner % channels.size()];
      channel.signal += x * x;
      channel.noise += error;
    }
  }
}

double LayerScore::getSqnr() const { return getDecibels(signal, noise); }

double LayerScore::getBulk() const {
  uint64_t left = count / 1000;
  for (size_t bin = kBins; bin-- > 0;) {
    if (magnitudes[bin] > left)
      return std::exp2(double(int(bin) - kBins / 2 + 1) / kBinsPerOctave);
    left -= magnitudes[bin];
  }
  return 0;
}

double LayerScore::getClippedShare() const { return count ? double(clipped) / count : 0; }
double LayerScore::getClippedNoise() const { return noise > 0 ? clippedNoise / noise : 0; }
double LayerScore::getSaturatedShare() const { return count ? double(saturated) / count : 0; }

std::optional<double> LayerScore::getNoiseInRoundings() const {
  if (!step || !count)
    return std::nullopt;
  return noise / (*step * *step / 12 * count);
}

std::optional<LayerScore::Spread> LayerScore::getSpread() const {
  constexpr size_t kLeastChannels = 8;
  std::vector<double> decibels;
  for (const Channel &channel : channels)
    if (channel.signal > 0 && channel.noise > 0)
      decibels.push_back(getDecibels(channel.signal, channel.noise));
  if (decibels.size() < kLeastChannels)
    return std::nullopt;
  llvm::sort(decibels);
  return Spread{decibels[decibels.size() / 10],
                decibels[decibels.size() - 1 - decibels.size() / 10]};
}

Diagnosis diagnose(const Layer &layer, const LayerScore &score,
                   ArrayRef<std::pair<std::string, const LayerScore *>> inputs) {
  // Bounds of docs/accuracy.md, in its order.
  constexpr double kExactDecibels = 100, kInheritedDecibels = 1, kClippedNoise = 0.25,
                   kOutlierRatio = 4, kSpreadDecibels = 20, kSaturatedShare = 0.1, kRoundings = 2,
                   kBFloat16Decibels = 45;
  Diagnosis result{Cause::Arithmetic, {}, 0};
  for (const auto &[tensor, input] : inputs)
    if (result.input.empty() || input->getSqnr() < result.inputSqnr) {
      result.input = tensor;
      result.inputSqnr = input->getSqnr();
    }
  const double sqnr = score.getSqnr();
  const auto spread = score.getSpread();
  const auto roundings = score.getNoiseInRoundings();
  const bool isStoredInt8 = layer.stored == "u8";
  if (sqnr >= kExactDecibels)
    result.cause = Cause::Exact;
  else if (!result.input.empty() && sqnr >= result.inputSqnr - kInheritedDecibels)
    result.cause = Cause::Inherited;
  else if (score.getClippedNoise() >= kClippedNoise)
    result.cause = Cause::Clipped;
  else if (isStoredInt8 && score.getLargest() >= kOutlierRatio * score.getBulk())
    result.cause = Cause::RangeOutlier;
  else if (isStoredInt8 && spread && spread->best - spread->worst >= kSpreadDecibels)
    result.cause = Cause::ChannelSpread;
  else if (score.getSaturatedShare() >= kSaturatedShare)
    result.cause = Cause::Saturating;
  else if ((roundings && *roundings <= kRoundings) || layer.op == "quantize")
    result.cause = Cause::Rounding;
  else if ((layer.stored == "bf16" || layer.precision == "bf16") && sqnr >= kBFloat16Decibels)
    result.cause = Cause::BFloat16;
  return result;
}

StringRef getName(Cause cause) {
  static constexpr StringLiteral kNames[] = {"exact",         "inherited",      "clipped",
                                             "range-outlier", "channel-spread", "saturating",
                                             "rounding",      "bf16",           "arithmetic"};
  return kNames[static_cast<size_t>(cause)];
}

std::string explain(const Diagnosis &diagnosis, const LayerScore &score) {
  std::string text;
  raw_string_ostream os(text);
  switch (diagnosis.cause) {
  case Cause::Exact:
    os << "exact";
    break;
  case Cause::Inherited:
    os << "inherited from '" << diagnosis.input << format("' (%.1f dB)", diagnosis.inputSqnr);
    break;
  case Cause::Clipped:
    os << format("clipped: %.3g %% of the values, %.0f %% of the noise, lie outside of the range",
                 score.getClippedShare() * 100, score.getClippedNoise() * 100);
    break;
  case Cause::RangeOutlier:
    os << format("range outlier: the largest is %.3g, 99.9 %% are below %.3g", score.getLargest(),
                 score.getBulk());
    break;
  case Cause::ChannelSpread:
    os << format("per-channel spread: a tenth of the channels below %.1f dB, a tenth above %.1f dB",
                 score.getSpread()->worst, score.getSpread()->best);
    break;
  case Cause::Saturating:
    os << format("saturating activation: %.0f %% of the values at an end of the range",
                 score.getSaturatedShare() * 100);
    break;
  case Cause::Rounding:
    os << "rounding to 8 bits";
    break;
  case Cause::BFloat16:
    os << "rounding to bf16";
    break;
  case Cause::Arithmetic:
    os << "rounded weights, or noise of its inputs made larger";
    break;
  }
  return text;
}

} // namespace octet::run

#include "passes/repair/Equalization.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace llvm;

namespace octet {

namespace {

// Rounds over all links, and the change of a factor that counts as none.
constexpr int kMaxRounds = 100;
constexpr double kTolerance = 1e-3;

class Equalizer {
public:
  Equalizer(ArrayRef<EqualizedLayer> layers, MutableArrayRef<EqualizedLink> links)
      : layers(layers), links(links), incoming(layers.size()), outgoing(layers.size()) {
    for (EqualizedLink &link : links) {
      link.factors.assign(layers[link.producer].outputs, 1.0);
      outgoing[link.producer] = &link;
      for (unsigned consumer : link.consumers)
        incoming[consumer] = &link;
    }
  }

  void run() {
    for (int round = 0; round < kMaxRounds; ++round) {
      double change = 0;
      for (EqualizedLink &link : links)
        change = std::max(change, update(link));
      if (change < kTolerance)
        break;
    }
  }

private:
  /// Calls body(output, input, magnitude under the present factors).
  template <typename Body>
  void forEachMagnitude(unsigned index, Body body) {
    const EqualizedLayer &layer = layers[index];
    const EqualizedLink *in = incoming[index], *out = outgoing[index];
    for (int64_t o = 0; o < layer.outputs; ++o)
      for (int64_t i = 0; i < layer.inputsPerGroup; ++i) {
        int64_t input = layer.getInput(o, i);
        double magnitude = layer.magnitudes[o * layer.inputsPerGroup + i];
        body(o, input, magnitude * (in ? in->factors[input] : 1.0) / (out ? out->factors[o] : 1.0));
      }
  }

  /// Makes the ranges of each channel equal before and behind the link. Returns the
  /// largest relative change.
  double update(EqualizedLink &link) {
    size_t channels = link.factors.size();
    SmallVector<double> written(channels, 0), read(channels, 0);
    forEachMagnitude(link.producer, [&](int64_t output, int64_t, double magnitude) {
      written[output] = std::max(written[output], magnitude);
    });
    for (unsigned consumer : link.consumers)
      forEachMagnitude(consumer, [&](int64_t, int64_t input, double magnitude) {
        read[input] = std::max(read[input], magnitude);
      });
    double change = 0;
    for (size_t c = 0; c < channels; ++c) {
      // A channel of zeros needs no range, and nobody's range gains by it.
      if (written[c] == 0 || read[c] == 0)
        continue;
      double factor = std::sqrt(written[c] / read[c]);
      link.factors[c] *= factor;
      change = std::max(change, std::fabs(std::log(factor)));
    }
    return change;
  }

  ArrayRef<EqualizedLayer> layers;
  MutableArrayRef<EqualizedLink> links;
  SmallVector<EqualizedLink *> incoming, outgoing; ///< by layer; null: none
};

} // namespace

void equalize(ArrayRef<EqualizedLayer> layers, MutableArrayRef<EqualizedLink> links) {
  Equalizer(layers, links).run();
}

} // namespace octet

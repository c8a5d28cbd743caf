// Kernels of two builds have no names in common, as fusion and precision may differ: the ONNX
// node is what both know, so times are summed for each node.

#include "tools/run/Diff.h"
#include "tools/run/CompareLayers.h"
#include "tools/run/Elements.h"
#include "tools/run/ModelSamples.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace octet::run {

namespace {

/// Of the kernels that show layers; no build for use has them.
constexpr StringLiteral kLayerNode = "layer ";

/// Milliseconds in each build, where it has the node.
struct NodeTimes {
  std::optional<double> a, b;
};

struct Difference {
  int64_t samples = 0;
  std::vector<std::pair<std::string, Comparison>> outputs; ///< of B against A
  std::optional<LayerComparison> layers;
  MapVector<std::string, NodeTimes, std::map<std::string, unsigned>> nodes;
  double totalA = 0, totalB = 0;
};

void addTime(std::optional<double> &time, double milliseconds) {
  time = time.value_or(0) + milliseconds;
}

/// In order of execution.
Expected<std::vector<std::pair<std::string, double>>>
measureNodes(const ModelLibrary &library, const RunOptions &options, npz::Samples &samples) {
  auto instance = Instance::create(library, {options.threads, 1});
  if (!instance)
    return instance.takeError();
  if (Error error = readRun(samples, 0, (*instance)->getInputs()))
    return error;
  auto kernels = measureLaunches(library, **instance, options.seconds);
  if (!kernels)
    return kernels.takeError();
  std::vector<std::pair<std::string, double>> times;
  for (const KernelTime &kernel : *kernels)
    if (!StringRef(kernel.node).starts_with(kLayerNode))
      times.emplace_back(kernel.node, kernel.milliseconds);
  return times;
}

Error compareOutputs(const ModelLibrary &a, const ModelLibrary &b, const RunOptions &options,
                     npz::Samples &samples, Difference &difference) {
  auto instanceA = Instance::create(a, {options.threads, 0});
  if (!instanceA)
    return instanceA.takeError();
  auto instanceB = Instance::create(b, {options.threads, 0});
  if (!instanceB)
    return instanceB.takeError();
  struct Pair {
    const octet_io *io;
    const octet_buffer *a, *b;
  };
  std::vector<Pair> pairs;
  for (auto [io, bufferA] : zip_equal(a.getOutputs(), (*instanceA)->getOutputs()))
    for (auto [ioB, bufferB] : zip_equal(b.getOutputs(), (*instanceB)->getOutputs()))
      if (StringRef(io.name) == ioB.name && io.bytes == ioB.bytes && io.dtype == ioB.dtype &&
          toNpz(io.dtype)) {
        pairs.push_back({&io, &bufferA, &bufferB});
        difference.outputs.emplace_back(io.name, Comparison());
      }
  std::vector<double> expected, actual;
  for (int64_t i = 0; i < samples.size(); ++i) {
    if (Error error = readRun(samples, i, (*instanceA)->getInputs()))
      return error;
    for (auto [from, to] : zip_equal((*instanceA)->getInputs(), (*instanceB)->getInputs()))
      std::memcpy(to.data, from.data, from.bytes);
    for (Instance *instance : {instanceA->get(), instanceB->get()})
      if (Error error = instance->run())
        return error;
    for (auto [pair, output] : zip_equal(pairs, difference.outputs)) {
      const int64_t count = getElementCount(*pair.io);
      expected.resize(count);
      actual.resize(count);
      toDoubles(*toNpz(pair.io->dtype), pair.a->data, count, expected.data());
      toDoubles(*toNpz(pair.io->dtype), pair.b->data, count, actual.data());
      output.second.add(expected, actual, pair.io->rank > 1 ? pair.io->dims[0] : 1);
    }
  }
  difference.samples = samples.size();
  return Error::success();
}

Expected<Difference> findDifference(const RunOptions &options) {
  auto a = ModelLibrary::load(options.diff);
  if (!a)
    return a.takeError();
  auto b = ModelLibrary::load(options.library);
  if (!b)
    return b.takeError();
  if (Error error = checkSameInputs(**a, **b))
    return error;
  auto samples = openSamples(options.input, (*a)->getInputs());
  if (!samples)
    return samples.takeError();
  Difference difference;
  if (Error error = compareOutputs(**a, **b, options, *samples, difference))
    return error;
  if (!(*a)->getLayers().empty() && !(*b)->getLayers().empty()) {
    auto layers = compareLayers(**b, **a, options.input, options.threads);
    if (!layers)
      return layers.takeError();
    difference.layers = std::move(*layers);
  }
  auto timesA = measureNodes(**a, options, *samples);
  if (!timesA)
    return timesA.takeError();
  auto timesB = measureNodes(**b, options, *samples);
  if (!timesB)
    return timesB.takeError();
  for (const auto &[node, time] : *timesA) {
    addTime(difference.nodes[node].a, time);
    difference.totalA += time;
  }
  for (const auto &[node, time] : *timesB) {
    addTime(difference.nodes[node].b, time);
    difference.totalB += time;
  }
  return difference;
}

void printTime(std::optional<double> time, raw_ostream &os) {
  if (time)
    os << format("%9.4f  ", *time);
  else
    os << "        -  ";
}

void printText(const Difference &difference, raw_ostream &os) {
  if (difference.layers)
    printText(*difference.layers, os);
  else
    os << "samples: " << difference.samples << '\n';
  for (const auto &[name, score] : difference.outputs)
    os << "output '" << name << "': max abs error "
       << format("%.3g, sqnr %.2f dB, argmax agreement %.2f %%\n", score.getMaxAbs(),
                 score.getSqnr(), score.getArgmaxAgreement() * 100);
  os << "     a ms       b ms      b/a  node\n";
  auto printRow = [&](std::optional<double> a, std::optional<double> b, StringRef name) {
    printTime(a, os);
    printTime(b, os);
    if (a && b && *a > 0)
      os << format("%6.2f  ", *b / *a);
    else
      os << "     -  ";
    os << name << '\n';
  };
  for (const auto &[node, times] : difference.nodes)
    printRow(times.a, times.b, node);
  printRow(difference.totalA, difference.totalB, "total");
}

void printJson(const Difference &difference, raw_ostream &os) {
  json::OStream json(os, 2);
  json.object([&] {
    json.attribute("samples", difference.samples);
    json.attributeObject("outputs", [&] {
      for (const auto &[name, score] : difference.outputs)
        json.attributeObject(json::fixUTF8(name), [&, &score = score] {
          json.attribute("sqnr_db", std::clamp(score.getSqnr(), -1000.0, 1000.0));
          json.attribute("max_abs",
                         std::min(score.getMaxAbs(), std::numeric_limits<double>::max()));
          json.attribute("argmax_agreement", score.getArgmaxAgreement());
        });
    });
    if (difference.layers)
      json.attributeArray("layers", [&] { printLayers(*difference.layers, json); });
    json.attributeArray("nodes", [&] {
      for (const auto &[node, times] : difference.nodes)
        json.object([&, &node = node, &times = times] {
          json.attribute("node", json::fixUTF8(node));
          if (times.a)
            json.attribute("a_ms", *times.a);
          if (times.b)
            json.attribute("b_ms", *times.b);
        });
    });
    json.attribute("a_ms", difference.totalA);
    json.attribute("b_ms", difference.totalB);
  });
  os << '\n';
}

} // namespace

Error printDifference(const RunOptions &options, raw_ostream &os) {
  auto difference = findDifference(options);
  if (!difference)
    return difference.takeError();
  if (options.json)
    printJson(*difference, os);
  else
    printText(*difference, os);
  return Error::success();
}

} // namespace octet::run

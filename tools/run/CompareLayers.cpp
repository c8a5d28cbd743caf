#include "tools/run/CompareLayers.h"
#include "tools/run/Elements.h"
#include "tools/run/ModelSamples.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace octet::run {

namespace {

/// Where the values of a tensor are after a run.
struct Source {
  const octet_io *io;
  const octet_buffer *buffer;
};

/// Inputs are shown as well: they have the values that the model reads.
StringMap<Source> findTensors(const ModelLibrary &library, const Instance &instance) {
  StringMap<Source> sources;
  for (auto [io, buffer] : zip_equal(library.getInputs(), instance.getInputs()))
    if (io.dtype == OCTET_F32)
      sources[io.name] = {&io, &buffer};
  for (const Layer &layer : library.getLayers())
    sources[layer.tensor] = {&library.getResults()[layer.result],
                             &instance.getResults()[layer.result]};
  return sources;
}

ArrayRef<float> getValues(const Source &source) {
  return {static_cast<const float *>(source.buffer->data), source.buffer->bytes / sizeof(float)};
}

Error checkLayers(const ModelLibrary &library) {
  if (!library.getLayers().empty())
    return Error::success();
  return library.fail("expected a library with layers (octetc --keep-layers), got one without");
}

} // namespace

Error checkSameInputs(const ModelLibrary &a, const ModelLibrary &b) {
  bool areAlike = a.getInputs().size() == b.getInputs().size();
  for (size_t i = 0; areAlike && i < a.getInputs().size(); ++i) {
    const octet_io &ioA = a.getInputs()[i], &ioB = b.getInputs()[i];
    areAlike = StringRef(ioA.name) == ioB.name && ioA.dtype == ioB.dtype && ioA.bytes == ioB.bytes;
  }
  return areAlike ? Error::success()
                  : b.fail("expected the inputs of the library it is compared with");
}

Expected<LayerComparison> compareLayers(const ModelLibrary &library, const ModelLibrary &reference,
                                        StringRef path, uint32_t threads, int64_t limit) {
  for (const ModelLibrary *each : {&library, &reference})
    if (Error error = checkLayers(*each))
      return error;
  auto actual = Instance::create(library, {threads, 0});
  if (!actual)
    return actual.takeError();
  auto wanted = Instance::create(reference, {threads, 0});
  if (!wanted)
    return wanted.takeError();
  auto samples = openSamples(path, library.getInputs());
  if (!samples)
    return samples.takeError();
  if (Error error = checkSameInputs(library, reference))
    return error;

  LayerComparison result;
  StringMap<Source> expected = findTensors(reference, **wanted),
                    found = findTensors(library, **actual);
  std::vector<std::pair<ArrayRef<float>, ArrayRef<float>>> values;
  for (const Layer &layer : library.getLayers()) {
    auto known = expected.find(layer.tensor);
    const Source &own = found[layer.tensor];
    if (known == expected.end() || known->second.io->bytes != own.io->bytes) {
      result.unmatched.push_back(layer.tensor);
      continue;
    }
    values.emplace_back(getValues(known->second), getValues(own));
    result.layers.push_back(
        {layer, LayerScore(layer, ArrayRef<int64_t>(own.io->dims, own.io->rank)), {}});
  }

  result.samples = std::min(samples->size(), limit);
  for (int64_t i = 0; i < result.samples; ++i) {
    const int64_t sample = i * samples->size() / result.samples;
    if (Error error = readRun(*samples, sample, (*actual)->getInputs()))
      return error;
    for (auto [from, to] : zip_equal((*actual)->getInputs(), (*wanted)->getInputs()))
      std::memcpy(to.data, from.data, from.bytes);
    for (Instance *instance : {actual->get(), wanted->get()})
      if (Error error = instance->run())
        return error;
    for (auto [compared, pair] : zip_equal(result.layers, values))
      compared.score.add(pair.first, pair.second);
  }

  StringMap<const LayerScore *> scores;
  for (const ComparedLayer &compared : result.layers)
    scores[compared.layer.tensor] = &compared.score;
  for (ComparedLayer &compared : result.layers) {
    std::vector<std::pair<std::string, const LayerScore *>> inputs;
    for (const std::string &input : compared.layer.inputs)
      if (const LayerScore *score = scores.lookup(input))
        inputs.emplace_back(input, score);
    compared.diagnosis = diagnose(compared.layer, compared.score, inputs);
  }
  return result;
}

static std::vector<const ComparedLayer *> sortWorstFirst(const LayerComparison &comparison) {
  std::vector<const ComparedLayer *> order;
  for (const ComparedLayer &compared : comparison.layers)
    order.push_back(&compared);
  llvm::sort(order, [](const ComparedLayer *a, const ComparedLayer *b) {
    const double x = a->score.getSqnr(), y = b->score.getSqnr();
    return x != y ? x < y : a < b;
  });
  return order;
}

void printText(const LayerComparison &comparison, raw_ostream &os) {
  os << "samples: " << comparison.samples << '\n';
  size_t width = 4;
  for (const ComparedLayer &compared : comparison.layers)
    width = std::max(width, compared.layer.tensor.size());
  width = std::min<size_t>(width, 48);
  os << " sqnr dB  stored  clipped  " << left_justify("layer", width) << "  op            cause\n";
  for (const ComparedLayer *compared : sortWorstFirst(comparison)) {
    const LayerScore &score = compared->score;
    os << format("%8.2f  ", score.getSqnr()) << left_justify(compared->layer.stored, 6);
    if (compared->layer.scale)
      os << format("  %5.2f %%  ", score.getClippedShare() * 100);
    else
      os << "           ";
    os << left_justify(compared->layer.tensor, width) << "  "
       << left_justify(compared->layer.op, 12) << "  " << explain(compared->diagnosis, score)
       << '\n';
  }
  if (!comparison.unmatched.empty())
    os << comparison.unmatched.size() << " layers without a counterpart in the reference, such as '"
       << comparison.unmatched.front() << "'\n";
}

void printLayers(const LayerComparison &comparison, json::OStream &json) {
  auto printLayer = [&](const ComparedLayer &compared) {
    const Layer &layer = compared.layer;
    const LayerScore &score = compared.score;
    const Diagnosis &diagnosis = compared.diagnosis;
    json.attribute("tensor", json::fixUTF8(layer.tensor));
    json.attribute("node", json::fixUTF8(layer.node));
    json.attribute("op", layer.op);
    json.attribute("precision", layer.precision);
    json.attribute("stored", layer.stored);
    json.attribute("sqnr_db", score.getSqnr());
    json.attribute("max_abs", score.getMaxAbs());
    json.attributeArray("range", [&] {
      json.value(score.getMin());
      json.value(score.getMax());
    });
    json.attribute("bulk", score.getBulk());
    if (layer.scale) {
      json.attributeArray("stored_range", [&] {
        json.value(layer.getLow());
        json.value(layer.getHigh());
      });
      json.attribute("clipped", score.getClippedShare());
      json.attribute("clipped_noise", score.getClippedNoise());
      json.attribute("saturated", score.getSaturatedShare());
    }
    if (auto roundings = score.getNoiseInRoundings())
      json.attribute("noise_in_roundings", *roundings);
    if (auto spread = score.getSpread())
      json.attributeArray("channel_sqnr_db", [&] {
        json.value(spread->worst);
        json.value(spread->best);
      });
    if (!diagnosis.input.empty()) {
      json.attribute("worst_input", json::fixUTF8(diagnosis.input));
      json.attribute("worst_input_sqnr_db", diagnosis.inputSqnr);
    }
    json.attribute("cause", getName(diagnosis.cause));
    json.attribute("explanation", json::fixUTF8(explain(diagnosis, score)));
  };
  for (const ComparedLayer *compared : sortWorstFirst(comparison))
    json.object([&] { printLayer(*compared); });
}

void printJson(const LayerComparison &comparison, raw_ostream &os) {
  json::OStream json(os, 2);
  json.object([&] {
    json.attribute("samples", comparison.samples);
    json.attributeArray("layers", [&] { printLayers(comparison, json); });
    json.attributeArray("unmatched", [&] {
      for (const std::string &tensor : comparison.unmatched)
        json.value(json::fixUTF8(tensor));
    });
  });
  os << '\n';
}

} // namespace octet::run

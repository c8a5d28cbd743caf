// One pass over the samples feeds everything that was asked for (outputs to store,
// comparison, labels), a run at a time, so memory does not grow with the data except
// by the outputs that are kept. Timing comes after it, on the first sample.

#include "tools/run/Run.h"
#include "tools/run/CompareLayers.h"
#include "tools/run/Diff.h"
#include "tools/run/Elements.h"
#include "tools/run/ModelSamples.h"
#include "tools/run/Report.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdlib>
#include <cstring>

using namespace llvm;

namespace octet::run {
namespace {

/// The outputs of all runs, for the file that is written at the end.
class OutputStore {
public:
  OutputStore(ArrayRef<octet_io> ios, int64_t runs) : ios(ios), runs(runs) {}
  ~OutputStore() {
    for (char *array : arrays)
      std::free(array);
  }

  Error allocate() {
    for (const octet_io &io : ios) {
      if (!toNpz(io.dtype))
        return fail(Twine("output '") + io.name + "': " + getTypeName(io.dtype) +
                    " cannot be stored in an .npz file");
      bool overflow;
      const uint64_t bytes = SaturatingMultiply<uint64_t>(io.bytes, runs, &overflow);
      arrays.push_back(overflow ? nullptr
                                : static_cast<char *>(std::malloc(std::max<uint64_t>(bytes, 1))));
      if (!arrays.back())
        return fail(Twine("output '") + io.name + "': out of memory");
    }
    return Error::success();
  }

  void add(int64_t run, ArrayRef<octet_buffer> buffers) {
    for (auto [array, buffer] : zip_equal(arrays, buffers))
      std::memcpy(array + run * buffer.bytes, buffer.data, buffer.bytes);
  }

  Error write(StringRef path) {
    auto writer = npz::Writer::create(path, npz::Compression::Stored);
    if (!writer)
      return writer.takeError();
    for (auto [io, array] : zip_equal(ios, arrays)) {
      std::vector<int64_t> shape = {runs};
      shape.insert(shape.end(), io.dims, io.dims + io.rank);
      if (Error error = (*writer)->add(io.name, *toNpz(io.dtype), shape, array))
        return error;
    }
    return (*writer)->close();
  }

private:
  ArrayRef<octet_io> ios;
  int64_t runs;
  std::vector<char *> arrays;
};

class Evaluation {
public:
  Evaluation(const RunOptions &options, const ModelLibrary &library, Report &report)
      : options(options), library(library), report(report) {}

  Error run(Instance &instance, npz::Samples &inputs) {
    if (Error error = prepareGolden(inputs.size()))
      return error;
    if (Error error = prepareLabels(inputs))
      return error;
    OutputStore store(library.getOutputs(), inputs.size());
    if (!options.output.empty())
      if (Error error = store.allocate())
        return error;
    for (int64_t i = 0; i < inputs.size(); ++i) {
      if (Error error = readRun(inputs, i, instance.getInputs()))
        return error;
      if (Error error = instance.run())
        return error;
      if (!options.output.empty())
        store.add(i, instance.getOutputs());
      if (Error error = score(i, instance.getOutputs()))
        return error;
    }
    report.samples = inputs.getLeadingExtent();
    return options.output.empty() ? Error::success() : store.write(options.output);
  }

private:
  /// Whether an array with an output's name could be an input just as well.
  bool sharesNames() const {
    return any_of(library.getOutputs(), [&](const octet_io &output) {
      return any_of(library.getInputs(),
                    [&](const octet_io &input) { return StringRef(input.name) == output.name; });
    });
  }

  Error prepareGolden(int64_t runs) {
    if (options.golden.empty())
      return Error::success();
    auto samples = openSamples(options.golden, library.getOutputs(), "out:", !sharesNames());
    if (!samples)
      return samples.takeError();
    if (samples->size() != runs)
      return fail(options.golden + ": expected outputs of " + Twine(runs) + " runs, got " +
                  Twine(samples->size()));
    golden = std::move(*samples);
    for (const octet_io &io : library.getOutputs()) {
      goldenData.emplace_back(io.bytes);
      goldenBuffers.push_back({goldenData.back().data(), io.bytes});
      report.outputs.emplace_back(io.name, Comparison());
    }
    return Error::success();
  }

  Error prepareLabels(npz::Samples &inputs) {
    if (options.labels.empty())
      return Error::success();
    npz::Reader &reader = inputs.getReader();
    Expected<const npz::Array *> array = reader.find(options.labels);
    if (!array)
      return array.takeError();
    const npz::DType dtype = (*array)->dtype;
    if (is_contained({npz::DType::F16, npz::DType::F32, npz::DType::F64, npz::DType::Bool}, dtype))
      return fail("labels '" + options.labels + "': expected integers, got " + npz::getName(dtype));
    const int64_t count = (*array)->bytes / npz::getElementBytes(dtype);
    if (count != inputs.getLeadingExtent())
      return fail("labels '" + options.labels + "': expected one for each of " +
                  Twine(inputs.getLeadingExtent()) + " samples, got " + Twine(count));
    std::vector<char> bytes((*array)->bytes);
    if (Error error = reader.readAll(options.labels, bytes.data()))
      return error;
    labels.resize(count);
    toDoubles(dtype, bytes.data(), count, labels.data());
    labelsPerRun = count / inputs.size();

    if (library.getOutputs().empty())
      return fail("labels '" + options.labels + "': the model has no output");
    const octet_io &scores = library.getOutputs().front();
    classes = getElementCount(scores) / labelsPerRun;
    if (!toNpz(scores.dtype) || classes * labelsPerRun != getElementCount(scores) || classes == 0)
      return fail(Twine("output '") + scores.name + "' does not hold the scores of " +
                  Twine(labelsPerRun) + " samples");
    for (double label : labels)
      if (!(label >= 0 && label < static_cast<double>(classes)))
        return fail("labels '" + options.labels + "': expected values from 0 to " +
                    Twine(classes - 1) + ", got " + Twine(static_cast<int64_t>(label)));
    report.accuracy.emplace();
    return Error::success();
  }

  Error score(int64_t run, ArrayRef<octet_buffer> outputs) {
    if (!options.golden.empty()) {
      if (Error error = readRun(golden, run, goldenBuffers))
        return error;
      for (size_t i = 0; i < outputs.size(); ++i) {
        const octet_io &io = library.getOutputs()[i];
        // The batch of a model is the leading extent of its outputs.
        const int64_t rows = io.rank > 1 ? io.dims[0] : 1;
        report.outputs[i].second.add(convert(io, goldenBuffers[i].data, expected),
                                     convert(io, outputs[i].data, actual), rows);
      }
    }
    if (!report.accuracy)
      return Error::success();
    ArrayRef<double> all = convert(library.getOutputs().front(), outputs.front().data, actual);
    for (int64_t i = 0; i < labelsPerRun; ++i)
      report.accuracy->add(all.slice(i * classes, classes),
                           static_cast<int64_t>(labels[run * labelsPerRun + i]));
    return Error::success();
  }

  ArrayRef<double> convert(const octet_io &io, const void *data, std::vector<double> &values) {
    values.resize(getElementCount(io));
    toDoubles(*toNpz(io.dtype), data, static_cast<int64_t>(values.size()), values.data());
    return values;
  }

  const RunOptions &options;
  const ModelLibrary &library;
  Report &report;
  npz::Samples golden;
  std::vector<std::vector<char>> goldenData;
  std::vector<octet_buffer> goldenBuffers;
  std::vector<double> labels, expected, actual;
  int64_t labelsPerRun = 0, classes = 0;
};

/// Values for timing where there are no data: small and of both signs; zeros for
/// integers, which may be indices.
void fillSynthetic(ArrayRef<octet_io> ios, ArrayRef<octet_buffer> buffers) {
  uint32_t state = 1;
  for (auto [io, buffer] : zip_equal(ios, buffers)) {
    if (io.dtype != OCTET_F32)
      continue;
    auto *values = static_cast<float *>(buffer.data);
    for (uint64_t i = 0; i < buffer.bytes / sizeof(float); ++i) {
      state = state * 1664525u + 1013904223u;
      values[i] = static_cast<float>(state >> 8) * 0x1p-23f - 1.0f;
    }
  }
}

Error measure(const RunOptions &options, const ModelLibrary &library, npz::Samples *inputs,
              Report &report, raw_ostream &tableOs) {
  for (bool profile : {false, true}) {
    if (profile ? !options.profile : !options.bench)
      continue;
    auto instance = Instance::create(library, {options.threads, profile});
    if (!instance)
      return instance.takeError();
    if (inputs) {
      if (Error error = readRun(*inputs, 0, (*instance)->getInputs()))
        return error;
    } else {
      fillSynthetic(library.getInputs(), (*instance)->getInputs());
    }
    if (profile) {
      auto kernels = measureKernels(library, **instance, options.seconds);
      if (!kernels)
        return kernels.takeError();
      printKernels(*kernels, tableOs);
    } else {
      auto latency = measureLatency(**instance, options.seconds);
      if (!latency)
        return latency.takeError();
      report.latency = *latency;
    }
  }
  return Error::success();
}

void printShapes(const octet_model &model, raw_ostream &os) {
  for (uint32_t i = 0; i < model.input_count; ++i) {
    const octet_io &io = model.inputs[i];
    os << (i ? " " : "") << io.name << "=";
    for (uint32_t d = 0; d < io.rank; ++d)
      os << (d ? "x" : "") << io.dims[d];
  }
}

/// The shape that is asked for, or the first that the samples fit.
Error selectShape(ModelLibrary &library, const RunOptions &options) {
  ArrayRef<const octet_model *> models = library.getModels();
  if (options.shape > models.size())
    return fail("expected --shape of at most " + Twine(models.size()) + ", got " +
                Twine(options.shape));
  if (options.shape)
    library.select(options.shape - 1);
  const std::string &path = options.input.empty() ? options.golden : options.input;
  if (options.shape || models.size() == 1 || path.empty())
    return Error::success();
  std::string first;
  for (size_t i = 0; i < models.size(); ++i) {
    library.select(i);
    auto samples = openSamples(path, library.getInputs());
    if (samples)
      return Error::success();
    std::string reason = toString(samples.takeError());
    if (i == 0)
      first = reason;
  }
  std::string text;
  raw_string_ostream os(text);
  os << first << "; none of the shapes fits:";
  for (const octet_model *model : models)
    printShapes(*model, os << (model == models.front() ? " " : ", "));
  return fail(text);
}

} // namespace

Expected<Report> evaluate(const RunOptions &options, raw_ostream &tableOs) {
  auto library = ModelLibrary::load(options.library);
  if (!library)
    return library.takeError();
  if (Error error = selectShape(**library, options))
    return error;
  const octet_model &model = (*library)->getModel();
  Report report;
  report.threads = options.threads;
  for (const octet_model *shape : (*library)->getModels())
    report.arenaBytes = std::max(report.arenaBytes, shape->arena_bytes);
  report.target = model.target;

  // A golden file holds the inputs, too.
  const std::string &path = options.input.empty() ? options.golden : options.input;
  const bool time = options.bench || options.profile;
  if (path.empty() && (!options.output.empty() || !options.labels.empty()))
    return fail("expected --input with --output and --labels");
  std::optional<npz::Samples> inputs;
  if (!path.empty()) {
    auto samples = openSamples(path, (*library)->getInputs());
    if (!samples)
      return samples.takeError();
    if (samples->size() == 0)
      return fail(path + ": the model has no inputs to take samples for");
    inputs = std::move(*samples);
  }
  const bool evaluate =
      !options.output.empty() || !options.golden.empty() || !options.labels.empty() || !time;
  if (inputs && evaluate) {
    auto instance = Instance::create(**library, {options.threads, 0});
    if (!instance)
      return instance.takeError();
    if (Error error = Evaluation(options, **library, report).run(**instance, *inputs))
      return error;
  }
  if (Error error = measure(options, **library, inputs ? &*inputs : nullptr, report, tableOs))
    return error;
  return report;
}

static Error checkModes(const RunOptions &options) {
  if (!options.layers && !options.reference.empty())
    return fail("expected --layers beside --reference");
  if (options.layers && !options.diff.empty())
    return fail("expected --layers or --diff, got both");
  if (!options.layers && options.diff.empty())
    return Error::success();
  const StringRef mode = options.layers ? "--layers" : "--diff";
  if (options.layers && options.reference.empty())
    return fail("expected --reference beside --layers");
  if (options.input.empty())
    return fail("expected --input beside " + mode);
  if (!options.output.empty() || !options.golden.empty() || !options.labels.empty() ||
      options.bench || options.profile)
    return fail("expected nothing but --input, --json, --seconds and --threads beside " + mode);
  return Error::success();
}

static Error runLayers(const RunOptions &options, raw_ostream &os) {
  auto library = ModelLibrary::load(options.library);
  if (!library)
    return library.takeError();
  auto reference = ModelLibrary::load(options.reference);
  if (!reference)
    return reference.takeError();
  auto comparison = compareLayers(**library, **reference, options.input, options.threads);
  if (!comparison)
    return comparison.takeError();
  if (options.json)
    printJson(*comparison, os);
  else
    printText(*comparison, os);
  return Error::success();
}

Error run(const RunOptions &options, raw_ostream &out, raw_ostream &err) {
  if (Error error = checkModes(options))
    return error;
  if (options.layers)
    return runLayers(options, out);
  if (!options.diff.empty())
    return printDifference(options, out);
  auto report = evaluate(options, options.json ? err : out);
  if (!report)
    return report.takeError();
  if (options.json) {
    printJson(*report, out);
    return Error::success();
  }
  if (!options.input.empty() || !options.golden.empty() || options.bench || options.profile) {
    printText(*report, out);
    return Error::success();
  }
  auto library = ModelLibrary::load(options.library);
  if (!library)
    return library.takeError();
  printModel(**library, out);
  return Error::success();
}

} // namespace octet::run

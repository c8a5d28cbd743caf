#include "tools/run/Report.h"
#include "tools/run/Elements.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <limits>

using namespace llvm;

namespace octet::run {

static void printIo(StringRef kind, const octet_io &io, raw_ostream &os) {
  os << kind << " '" << io.name << "': " << getTypeName(io.dtype) << " [";
  for (uint32_t i = 0; i < io.rank; ++i)
    os << (i ? ", " : "") << io.dims[i];
  os << ']';
}

void printModel(const ModelLibrary &library, raw_ostream &os) {
  const octet_model &model = library.getModel();
  os << "model '" << model.name << "' for " << model.target << '\n';
  ArrayRef<const octet_model *> models = library.getModels();
  for (auto [i, shape] : enumerate(models)) {
    if (models.size() > 1)
      os << "shape " << i + 1 << ":\n";
    for (const octet_io &io : ArrayRef(shape->inputs, shape->input_count)) {
      printIo("input", io, os);
      os << '\n';
    }
    for (auto [i, io] : enumerate(ArrayRef(shape->outputs, library.getOutputs().size()))) {
      printIo("output", io, os);
      for (const octet_extent &extent : ArrayRef(shape->extents, shape->extent_count))
        if (extent.output == i)
          os << ", of dimension " << extent.axis << " as many as '"
             << shape->outputs[extent.count].name << "' says";
      os << '\n';
    }
  }
  if (!library.getLayers().empty())
    os << library.getLayers().size() << " layers are returned beside them\n";
  os << model.kernel_count << " kernels, " << model.weight_bytes << " bytes of weights, "
     << model.arena_bytes << " bytes of arena\n";
}

void printText(const Report &report, raw_ostream &os) {
  if (report.samples)
    os << "samples: " << *report.samples << '\n';
  for (const auto &[name, score] : report.outputs)
    os << "output '" << name << "': max abs error "
       << format("%.3g, sqnr %.2f dB, argmax agreement %.2f %%\n", score.getMaxAbs(),
                 score.getSqnr(), score.getArgmaxAgreement() * 100);
  if (report.accuracy)
    os << format("top-1: %.2f %%\ntop-5: %.2f %%\n", report.accuracy->getTop1() * 100,
                 report.accuracy->getTop5() * 100);
  if (const auto &latency = report.latency)
    os << format("latency: min %.4f ms, median %.4f ms, p90 %.4f ms, p99 %.4f ms", latency->min,
                 latency->median, latency->p90, latency->p99)
       << " (" << latency->runs << " runs, " << report.threads
       << (report.threads == 1 ? " thread)\n" : " threads)\n");
}

void printJson(const Report &report, raw_ostream &os) {
  json::OStream json(os, 2);
  auto printOutput = [&](const Comparison &score) {
    json.attribute("sqnr_db", std::clamp(score.getSqnr(), -1000.0, 1000.0));
    json.attribute("max_abs", std::min(score.getMaxAbs(), std::numeric_limits<double>::max()));
    json.attribute("argmax_agreement", score.getArgmaxAgreement());
  };
  json.object([&] {
    if (const auto &latency = report.latency)
      json.attributeObject("latency_ms", [&] {
        json.attribute("min", latency->min);
        json.attribute("median", latency->median);
        json.attribute("p90", latency->p90);
        json.attribute("p99", latency->p99);
      });
    if (!report.outputs.empty())
      json.attributeObject("outputs", [&] {
        for (const auto &[name, score] : report.outputs)
          json.attributeObject(json::fixUTF8(name), [&, &score = score] { printOutput(score); });
      });
    if (report.accuracy) {
      json.attribute("top1", report.accuracy->getTop1());
      json.attribute("top5", report.accuracy->getTop5());
    }
    if (report.samples)
      json.attribute("samples", *report.samples);
    json.attribute("threads", report.threads);
    json.attribute("arena_bytes", report.arenaBytes);
    json.attribute("target", json::fixUTF8(report.target));
  });
  os << '\n';
}

void printKernels(ArrayRef<KernelTime> kernels, raw_ostream &os) {
  double total = 0;
  size_t width = 6;
  for (const KernelTime &kernel : kernels) {
    total += kernel.milliseconds;
    width = std::max(width, kernel.kernel.size());
  }
  os << "  share         ms  " << left_justify("kernel", width) << "  node\n";
  for (const KernelTime &kernel : kernels)
    os << format("%6.2f %%  %9.4f  ", total > 0 ? kernel.milliseconds / total * 100 : 0,
                 kernel.milliseconds)
       << left_justify(kernel.kernel, width) << "  " << kernel.node << '\n';
  os << format("%6.2f %%  %9.4f  total\n", total > 0 ? 100.0 : 0.0, total);
}

} // namespace octet::run

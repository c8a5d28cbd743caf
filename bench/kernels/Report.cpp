#include "bench/kernels/Report.h"

#include "llvm/Support/Format.h"

namespace octet::bench {

Section::Total Section::getTotal() const {
  Total total;
  for (const Result &result : results) {
    double operations = result.shape.count * result.shape.getOperations();
    total.seconds += result.shape.count * result.seconds;
    total.peerSeconds += result.shape.count * result.peerSeconds;
    total.operations += operations;
    total.secondsAtPeak += 1e-9 * operations / result.peak;
  }
  return total;
}

static void printFigures(double seconds, double gops, double share, double peerSeconds,
                         bool withPeer, llvm::raw_ostream &os) {
  os << llvm::format(" %.2f | %.0f | %.1f %% |", 1e6 * seconds, gops, 100 * share);
  if (withPeer && peerSeconds > 0)
    os << llvm::format(" %.2f | %.2f |", 1e6 * peerSeconds, peerSeconds / seconds);
  else if (withPeer)
    os << " - | - |";
}

void printMarkdown(const Section &section, bool withPeer, llvm::raw_ostream &os) {
  Section::Total total = section.getTotal();
  os << "\n### " << section.network << ", " << section.precision.name << ", "
     << section.row.kernel->name << " (" << section.row.target << ")\n\n"
     << llvm::format("Peak of the row: %.0f GOPS.\n\n",
                     1e-9 * total.operations / total.secondsAtPeak)
     << "| layer | times | K | us | GOPS | of peak |"
     << (withPeer ? " oneDNN us | oneDNN / ours |" : "") << "\n|---|--:|--:|--:|--:|--:|"
     << (withPeer ? "--:|--:|" : "") << "\n";
  for (const Result &result : section.results) {
    os << "| " << result.shape.getName() << " | " << result.shape.count << " | "
       << result.shape.getReduction() << " |";
    printFigures(result.seconds, result.getGops(), result.getShare(), result.peerSeconds, withPeer,
                 os);
    os << "\n";
  }
  os << "| **all** | | |";
  printFigures(total.seconds, 1e-9 * total.operations / total.seconds, total.getShare(),
               total.peerSeconds, withPeer, os);
  os << "\n";
}

static void addPeer(llvm::json::Object &object, double seconds, double peerSeconds) {
  if (peerSeconds == 0)
    return;
  object["onednn_us"] = 1e6 * peerSeconds;
  object["onednn_ratio"] = peerSeconds / seconds;
}

llvm::json::Value toJson(const Section &section) {
  llvm::json::Array layers;
  for (const Result &result : section.results) {
    llvm::json::Object layer{{"layer", result.shape.getName()},
                             {"count", result.shape.count},
                             {"reduction", result.shape.getReduction()},
                             {"us", 1e6 * result.seconds},
                             {"gops", result.getGops()},
                             {"peak_gops", result.peak},
                             {"share", result.getShare()}};
    addPeer(layer, result.seconds, result.peerSeconds);
    layers.push_back(std::move(layer));
  }
  Section::Total total = section.getTotal();
  llvm::json::Object object{
      {"network", section.network},      {"precision", section.precision.name},
      {"row", section.row.kernel->name}, {"target", section.row.target},
      {"us", 1e6 * total.seconds},       {"gops", 1e-9 * total.operations / total.seconds},
      {"share", total.getShare()},       {"layers", std::move(layers)}};
  addPeer(object, total.seconds, total.peerSeconds);
  return object;
}

} // namespace octet::bench

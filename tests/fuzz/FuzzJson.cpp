// Files of JSON: calibration tables, configurations, encodings of other tools, tuning files,
// the layers that a library describes. All readers get every text; what one of them accepts and
// can print must be accepted again.

#include "codegen/tune/TilingCache.h"
#include "passes/calibrate/CalibrationTable.h"
#include "passes/quantize/Config.h"
#include "passes/quantize/Encodings.h"
#include "tools/run/Layers.h"

#include <cstdio>
#include <cstdlib>

using namespace octet;

// Printing what was read, and reading that, ends where it began.
template <typename T>
static void checkRoundTrip(llvm::StringRef text, const char *what) {
  auto read = T::fromJson(text);
  if (!read)
    return llvm::consumeError(read.takeError());
  std::string printed = read->toJson();
  auto again = T::fromJson(printed);
  if (again && again->toJson() == printed)
    return;
  std::fprintf(stderr, "%s: %s\n%s", what,
               again ? "differs" : llvm::toString(again.takeError()).c_str(), printed.c_str());
  std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::StringRef text(reinterpret_cast<const char *>(data), size);
  checkRoundTrip<CalibrationTable>(text, "calibration table");
  checkRoundTrip<Config>(text, "configuration");
  checkRoundTrip<codegen::TilingCache>(text, "tiling cache");
  if (auto encodings = Encodings::fromJson(text); !encodings)
    llvm::consumeError(encodings.takeError());
  if (auto layers = run::parseLayers(text, 8); !layers)
    llvm::consumeError(layers.takeError());
  return 0;
}

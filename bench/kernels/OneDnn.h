// The same layer by oneDNN: the layouts it likes best (format_tag::any), constants and
// the input reordered beforehand, the primitive built once.

#ifndef OCTET_BENCH_KERNELS_ONEDNN_H
#define OCTET_BENCH_KERNELS_ONEDNN_H

#include "bench/kernels/Layer.h"

namespace octet::bench {

class OneDnn {
public:
  virtual ~OneDnn() = default;
  virtual void run() = 0;
  /// The last result in logical order.
  virtual reference::Tensor getResult() = 0;

  /// The version of the library; empty if this program was built without it.
  static std::string getVersion();
  /// For all primitives; call first.
  static void setThreads(unsigned threads);
  /// The fastest of the primitives that do it, or null: oneDNN has no such primitive on
  /// this CPU, or is not there.
  static std::unique_ptr<OneDnn> create(const Layer &layer);
};

} // namespace octet::bench

#endif // OCTET_BENCH_KERNELS_ONEDNN_H

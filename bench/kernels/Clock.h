// Time of something short.

#ifndef OCTET_BENCH_KERNELS_CLOCK_H
#define OCTET_BENCH_KERNELS_CLOCK_H

#include <chrono>

namespace octet::bench {

inline double getSeconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Calls `body` `count` times, and returns seconds per call.
template <typename Body>
double measure(long count, Body body) {
  double start = getSeconds();
  for (long i = 0; i < count; ++i)
    body();
  return (getSeconds() - start) / count;
}

/// Calls `body` until `seconds` have passed, and returns seconds per call.
template <typename Body>
double measureAtLeast(double seconds, Body body) {
  double start = getSeconds(), now;
  long count = 0;
  do {
    body();
    ++count;
    now = getSeconds();
  } while (now - start < seconds);
  return (now - start) / count;
}

} // namespace octet::bench

#endif // OCTET_BENCH_KERNELS_CLOCK_H

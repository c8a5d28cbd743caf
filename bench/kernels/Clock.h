// Time of something short. On one thread that is the time in which the thread runs, so
// that other programs on the machine count less.

#ifndef OCTET_BENCH_KERNELS_CLOCK_H
#define OCTET_BENCH_KERNELS_CLOCK_H

#include <ctime>

namespace octet::bench {

inline double getSeconds(clockid_t clock = CLOCK_MONOTONIC) {
  timespec time;
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// The clock that measures work of so many threads.
inline clockid_t getClock(unsigned threads) {
  return threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC;
}

/// Calls `body` `count` times, and returns seconds per call.
template <typename Body>
double measure(clockid_t clock, long count, Body body) {
  double start = getSeconds(clock);
  for (long i = 0; i < count; ++i)
    body();
  return (getSeconds(clock) - start) / static_cast<double>(count);
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
  return (now - start) / static_cast<double>(count);
}

} // namespace octet::bench

#endif // OCTET_BENCH_KERNELS_CLOCK_H

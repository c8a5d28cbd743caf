/* Each loop is a function around one instruction sequence given as text, so that no
   optimizer can merge, hoist or reorder what is to be counted; only the registers are
   the compiler's choice. The result is the median of many short batches: what
   interrupts a few of them is left out, and the clock counts as it usually is. */

#define _POSIX_C_SOURCE 199309L
#include "peak.h"

#include "cpu_features.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Latency 5 times two in a cycle is the most so far; more chains even out the two. A
   loop also holds one operand and one free register. */
enum { CHAINS_8 = 12, CHAINS_16 = 24, OCTET_PEAK_NONE = -1 };

typedef int vector_8 __attribute__((vector_size(32)));
typedef int vector_16 __attribute__((vector_size(64)));

/* Bits of ordinary numbers in every element type: 1.0 in f32 and in the upper of two
   bf16, whose lower is 1.0 as well. */
static const int ordinary = 0x3f803f80;

#define OCTET_PEAK_LOOP(NAME, KIND, FEATURE, LANES, OPERATIONS, TARGET, SEQUENCE)                  \
  __attribute__((target(TARGET), noinline)) static void run_##NAME(long iterations) {              \
    vector_##LANES acc[CHAINS_##LANES] = {0}, free, a = {0}, b, c;                                 \
    a = b = c = a + ordinary;                                                                      \
    for (long i = 0; i < iterations; ++i)                                                          \
      _Pragma("unroll") for (int chain = 0; chain < CHAINS_##LANES; ++chain) __asm__ volatile(     \
          SEQUENCE : "+v"(acc[chain]), "=&v"(free) : "v"(a), "v"(b), "v"(c));                      \
    (void)free;                                                                                    \
  }
#include "peak_loops.inc"

typedef struct peak_loop {
  const char *name;
  int kind;
  enum octet_cpu_feature feature;
  double operations; /* of one iteration */
  void (*run)(long iterations);
} peak_loop;

static const peak_loop loops[] = {
#define OCTET_PEAK_LOOP(NAME, KIND, FEATURE, LANES, OPERATIONS, TARGET, SEQUENCE)                  \
  {#NAME, OCTET_PEAK_##KIND, OCTET_CPU_##FEATURE, OPERATIONS * CHAINS_##LANES, run_##NAME},
#include "peak_loops.inc"
};
static const peak_loop *const loops_end = loops + sizeof(loops) / sizeof(loops[0]);

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int can_run(const peak_loop *loop) {
  return octet_missing_cpu_features(UINT64_C(1) << loop->feature) == 0;
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double measure(const peak_loop *loop, double seconds) {
  enum { BATCH = 20000, MAX_BATCHES = 1 << 14 }; /* a batch takes some 50 microseconds */
  double times[MAX_BATCHES];
  const double end = now() + seconds;
  int count = 0;
  loop->run(BATCH); /* wakes the wide units */
  double start = now();
  do {
    loop->run(BATCH);
    const double stop = now();
    times[count++] = stop - start;
    start = stop;
  } while (start < end && count < MAX_BATCHES);
  qsort(times, count, sizeof(times[0]), compare);
  return 1e-9 * BATCH * loop->operations / times[count / 2];
}

double octet_peak_gops(int kind, double seconds) {
  for (const peak_loop *loop = loops; loop != loops_end; ++loop)
    if (kind >= 0 && loop->kind == kind && can_run(loop))
      return measure(loop, seconds);
  return 0;
}

double octet_peak_loop_gops(const char *name, double seconds) {
  for (const peak_loop *loop = loops; loop != loops_end; ++loop)
    if (strcmp(name, loop->name) == 0)
      return can_run(loop) ? measure(loop, seconds) : 0;
  return 0;
}

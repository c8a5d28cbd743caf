/* A pool for launches that follow each other within microseconds: workers spin
   for a moment after a launch and park in the kernel when nothing comes, so an
   idle context costs nothing.

   Every launch has one range per thread, fixed in advance; who computes it is not.
   A range is claimed before it is computed, by its worker or, once the launching
   thread has finished its own, by that. So a launch waits for nobody who has not
   begun: not for a worker that the system has yet to schedule, nor at all where the
   work is smaller than a wake-up. The job is read after a claim only, and a claimed
   range keeps the launch from ending, so no lock is needed to replace it.

   Futexes and not condition variables: launching then needs no system call while
   the workers spin. */

#define _GNU_SOURCE
#include "thread_pool.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <xmmintrin.h>

enum {
  CACHE_LINE = 64,
  /* About 20 microseconds on Zen, 50 on Skylake: longer than the serial gaps inside
     a model, shorter than anybody notices after it. */
  SPINS = 1200
};

typedef struct worker {
  alignas(CACHE_LINE) _Atomic uint32_t available; /* its range is not claimed yet */
  octet_pool *pool;
  pthread_t thread;
  uint32_t index;
} worker;

struct octet_pool {
  /* The job: written by the launching thread, read by those who claimed a range. */
  alignas(CACHE_LINE) octet_kernel_fn kernel;
  void *const *buffers;
  int64_t units;
  uint32_t threads;
  uint32_t spins;
  alignas(CACHE_LINE) _Atomic uint32_t launches; /* futex of parked workers */
  _Atomic uint32_t parked;                       /* someone waits on `launches` */
  _Atomic uint32_t stop;
  alignas(CACHE_LINE) _Atomic uint32_t pending; /* ranges; futex of the launcher */
  _Atomic uint32_t launcher_parked;
  worker workers[];
};

static void futex_wait(_Atomic uint32_t *word, uint32_t expected) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, NULL, NULL, 0);
}

static void futex_wake_all(_Atomic uint32_t *word) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 0x7fffffff, NULL, NULL, 0);
}

static void run_range(const octet_pool *pool, uint32_t index) {
  const int64_t share = pool->units / pool->threads, rest = pool->units % pool->threads;
  const int64_t begin = share * index + (index < rest ? index : rest);
  const int64_t end = begin + share + (index < rest);
  if (begin < end)
    pool->kernel(pool->buffers, begin, end);
}

static int claim(worker *owner) { return atomic_exchange(&owner->available, 0) != 0; }

/* Waits until `launches` differs from `seen` and returns it. The sequentially
   consistent order of `parked` and `launches` here, and of the reverse pair in
   `publish`, is what makes a wake-up impossible to lose. */
static uint32_t await_launch(octet_pool *pool, uint32_t seen) {
  uint32_t now;
  for (uint32_t i = 0; i < pool->spins; ++i) {
    now = atomic_load_explicit(&pool->launches, memory_order_acquire);
    if (now != seen)
      return now;
    _mm_pause();
  }
  while ((now = atomic_load(&pool->launches)) == seen) {
    atomic_store(&pool->parked, 1);
    futex_wait(&pool->launches, seen);
  }
  return now;
}

/* `parked` is cleared here and not by whoever wakes up: until the system runs them,
   further launches need not wake them again. */
static void publish(octet_pool *pool) {
  atomic_fetch_add(&pool->launches, 1);
  if (atomic_load(&pool->parked) != 0 && atomic_exchange(&pool->parked, 0) != 0)
    futex_wake_all(&pool->launches);
}

static void await_workers(octet_pool *pool) {
  uint32_t left;
  for (uint32_t i = 0; i < pool->spins; ++i) {
    if (atomic_load_explicit(&pool->pending, memory_order_acquire) == 0)
      return;
    _mm_pause();
  }
  atomic_store(&pool->launcher_parked, 1);
  while ((left = atomic_load(&pool->pending)) != 0)
    futex_wait(&pool->pending, left);
  atomic_store(&pool->launcher_parked, 0);
}

static void *work(void *argument) {
  worker *self = argument;
  octet_pool *pool = self->pool;
  uint32_t seen = 0;
  /* The state in which octet_runtime_api.run computes; a new thread inherits the
     state of whoever created the context. */
  _mm_setcsr(0x1f80);
  for (;;) {
    seen = await_launch(pool, seen);
    if (atomic_load(&pool->stop))
      return NULL;
    if (!claim(self))
      continue;
    run_range(pool, self->index);
    if (atomic_fetch_sub(&pool->pending, 1) == 1 && atomic_load(&pool->launcher_parked))
      futex_wake_all(&pool->pending);
  }
}

static uint32_t usable_cpus(void) {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0)
    return 1;
  uint32_t count = 0;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    count += CPU_ISSET(cpu, &set) != 0;
  return count;
}

/* Stops and joins the first `count` workers. */
static void join_workers(octet_pool *pool, uint32_t count) {
  atomic_store(&pool->stop, 1);
  publish(pool);
  for (uint32_t i = 0; i < count; ++i)
    pthread_join(pool->workers[i].thread, NULL);
}

octet_status octet_pool_create(uint32_t threads, octet_pool **result) {
  const size_t bytes = sizeof(octet_pool) + (threads - 1) * sizeof(worker);
  void *memory;
  if (posix_memalign(&memory, CACHE_LINE, bytes) != 0)
    return OCTET_OUT_OF_MEMORY;
  octet_pool *pool = memory;
  pool->threads = threads;
  /* With more threads than CPUs a spinning one keeps another from its work. */
  pool->spins = threads <= usable_cpus() ? SPINS : 0;
  atomic_init(&pool->stop, 0);
  atomic_init(&pool->launches, 0);
  atomic_init(&pool->parked, 0);
  atomic_init(&pool->pending, 0);
  atomic_init(&pool->launcher_parked, 0);

  /* The program's signal handlers must not run on our threads. */
  sigset_t all, previous;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &previous);
  octet_status status = OCTET_OK;
  for (uint32_t i = 0; i + 1 < threads; ++i) {
    atomic_init(&pool->workers[i].available, 0);
    pool->workers[i].pool = pool;
    pool->workers[i].index = i + 1;
    if (pthread_create(&pool->workers[i].thread, NULL, work, &pool->workers[i]) != 0) {
      join_workers(pool, i);
      free(pool);
      pool = NULL;
      status = OCTET_THREAD_ERROR;
      break;
    }
  }
  pthread_sigmask(SIG_SETMASK, &previous, NULL);
  *result = pool;
  return status;
}

void octet_pool_destroy(octet_pool *pool) {
  if (!pool)
    return;
  join_workers(pool, pool->threads - 1);
  free(pool);
}

void octet_pool_run(octet_pool *pool, octet_kernel_fn kernel, void *const *buffers, int64_t units) {
  pool->kernel = kernel;
  pool->buffers = buffers;
  pool->units = units;
  const uint32_t workers = pool->threads - 1;
  atomic_store_explicit(&pool->pending, workers, memory_order_relaxed);
  for (uint32_t i = 0; i < workers; ++i)
    atomic_store_explicit(&pool->workers[i].available, 1, memory_order_release);
  publish(pool);

  run_range(pool, 0);
  uint32_t done = 0;
  for (uint32_t i = 0; i < workers; ++i)
    if (claim(&pool->workers[i])) {
      run_range(pool, i + 1);
      ++done;
    }
  if (done == workers)
    return;
  atomic_fetch_sub(&pool->pending, done);
  await_workers(pool);
}

/* The worker threads of one context. */

#ifndef OCTET_RUNTIME_SRC_THREAD_POOL_H
#define OCTET_RUNTIME_SRC_THREAD_POOL_H

#include "octet/runtime.h"

typedef struct octet_pool octet_pool;

/* Starts `threads` - 1 workers (the caller of octet_pool_run is the remaining
   thread); `threads` is at least 2. On failure no thread and no memory remain. */
octet_status octet_pool_create(uint32_t threads, octet_pool **pool);

/* Stops and joins the workers. Null is allowed. */
void octet_pool_destroy(octet_pool *pool);

/* Runs `kernel` over [0, units), in one contiguous range per thread, and returns when
   all of it is done. Ranges depend on `units` and the number of threads alone; an idle
   thread may compute the range of a late one. */
void octet_pool_run(octet_pool *pool, octet_kernel_fn kernel, void *const *buffers, int64_t units);

#endif /* OCTET_RUNTIME_SRC_THREAD_POOL_H */

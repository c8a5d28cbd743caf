/* The arithmetic peak of one core, measured: what a kernel could do at most on this
   machine at this moment. A C interface, so that C++ and Python (ctypes) programs
   measure it in the same run as what they compare with it. */

#ifndef OCTET_BENCH_PEAK_PEAK_H
#define OCTET_BENCH_PEAK_PEAK_H

#ifdef __cplusplus
extern "C" {
#endif

enum octet_peak_kind { OCTET_PEAK_INT8 = 0, OCTET_PEAK_BF16 = 1, OCTET_PEAK_F32 = 2 };

/* Billions of additions and multiplications per second, of the calling thread, with
   the widest of: vpdpbusd (int8), vdpbf16ps (bf16), vfmadd231ps (f32). 0 where the CPU
   has none. Runs for about `seconds` (at most 1); 0.1 is plenty. */
__attribute__((visibility("default"))) double octet_peak_gops(int kind, double seconds);

/* The same for one loop of peak_loops.inc, which names the multiply-and-accumulate
   sequences of the compiler's microkernels; 0 for a name that is not there. */
__attribute__((visibility("default"))) double octet_peak_loop_gops(const char *name,
                                                                   double seconds);

#ifdef __cplusplus
}
#endif

#endif /* OCTET_BENCH_PEAK_PEAK_H */

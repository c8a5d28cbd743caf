/* cpuid says what the CPU implements and xgetbv which registers the operating
   system saves; both must hold. Nothing is cached: the question is asked once per
   context, and no state means no initialisation order and nothing to lock. */

#define _GNU_SOURCE
#include "cpu_features.h"

#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Register state in XCR0 that must be enabled. */
enum {
  STATE_NONE = 0,
  STATE_AVX = 1 << 1 | 1 << 2,
  STATE_AVX512 = STATE_AVX | 1 << 5 | 1 << 6 | 1 << 7,
  STATE_AMX = 1 << 17 | 1 << 18
};

enum { EAX, EBX, ECX, EDX };

typedef struct feature_row {
  uint8_t leaf, subleaf, reg, bit;
  uint32_t state;
} feature_row;

static const feature_row rows[] = {
    [OCTET_CPU_AVX2] = {7, 0, EBX, 5, STATE_AVX},
    [OCTET_CPU_FMA] = {1, 0, ECX, 12, STATE_AVX},
    [OCTET_CPU_F16C] = {1, 0, ECX, 29, STATE_AVX},
    [OCTET_CPU_BMI2] = {7, 0, EBX, 8, STATE_NONE},
    [OCTET_CPU_AVX512F] = {7, 0, EBX, 16, STATE_AVX512},
    [OCTET_CPU_AVX512BW] = {7, 0, EBX, 30, STATE_AVX512},
    [OCTET_CPU_AVX512VL] = {7, 0, EBX, 31, STATE_AVX512},
    [OCTET_CPU_AVX512DQ] = {7, 0, EBX, 17, STATE_AVX512},
    [OCTET_CPU_AVX512CD] = {7, 0, EBX, 28, STATE_AVX512},
    [OCTET_CPU_AVX512VNNI] = {7, 0, ECX, 11, STATE_AVX512},
    [OCTET_CPU_AVX512VBMI] = {7, 0, ECX, 1, STATE_AVX512},
    [OCTET_CPU_AVX512BF16] = {7, 1, EAX, 5, STATE_AVX512},
    [OCTET_CPU_AVXVNNI] = {7, 1, EAX, 4, STATE_AVX},
    [OCTET_CPU_AMXTILE] = {7, 0, EDX, 24, STATE_AMX},
    [OCTET_CPU_AMXINT8] = {7, 0, EDX, 25, STATE_AMX},
    [OCTET_CPU_AMXBF16] = {7, 0, EDX, 22, STATE_AMX},
};
_Static_assert(sizeof(rows) / sizeof(rows[0]) == OCTET_CPU_FEATURE_COUNT,
               "every feature of cpu_features.def needs a row");
_Static_assert(OCTET_CPU_FEATURE_COUNT <= 64, "features are bits of a 64-bit word");

static const char *const names[] = {
#define OCTET_CPU_FEATURE(ID, NAME) NAME,
#include "octet/cpu_features.def"
};

static uint64_t enabled_state(void) {
  uint32_t eax, ebx, ecx, edx;
  if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !(ecx & bit_OSXSAVE))
    return 0;
  __asm__("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0));
  return (uint64_t)edx << 32 | eax;
}

/* Linux hands out the AMX tile data only to processes that ask: it makes every
   signal frame 8 KB larger. So it is asked for when a model needs it. */
static int request_amx(void) {
  enum { ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18 };
  return syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
}

static int has_feature(const feature_row *row, uint64_t state) {
  uint32_t regs[4];
  if ((state & row->state) != row->state)
    return 0;
  /* Subleaf 0 of leaf 7 holds the number of the last subleaf. */
  if (row->subleaf != 0 &&
      (!__get_cpuid_count(row->leaf, 0, &regs[EAX], &regs[EBX], &regs[ECX], &regs[EDX]) ||
       regs[EAX] < row->subleaf))
    return 0;
  if (!__get_cpuid_count(row->leaf, row->subleaf, &regs[EAX], &regs[EBX], &regs[ECX], &regs[EDX]))
    return 0;
  if (!(regs[row->reg] >> row->bit & 1))
    return 0;
  return row->state != STATE_AMX || request_amx();
}

uint64_t octet_missing_cpu_features(uint64_t wanted) {
  const uint64_t state = enabled_state();
  uint64_t missing = wanted;
  for (uint32_t bit = 0; bit < OCTET_CPU_FEATURE_COUNT; ++bit)
    if (wanted >> bit & 1 && has_feature(&rows[bit], state))
      missing &= ~(UINT64_C(1) << bit);
  return missing;
}

const char *octet_cpu_feature_name(uint32_t bit) {
  return bit < OCTET_CPU_FEATURE_COUNT ? names[bit] : 0;
}

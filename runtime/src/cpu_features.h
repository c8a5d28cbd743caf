/* What this CPU, and the operating system on it, can execute. */

#ifndef OCTET_RUNTIME_SRC_CPU_FEATURES_H
#define OCTET_RUNTIME_SRC_CPU_FEATURES_H

#include <stdint.h>

enum octet_cpu_feature {
#define OCTET_CPU_FEATURE(ID, NAME) OCTET_CPU_##ID,
#include "octet/cpu_features.def"
#undef OCTET_CPU_FEATURE
  OCTET_CPU_FEATURE_COUNT
};

/* The bits of `wanted` (positions as in cpu_features.def) that cannot be executed
   here. Bits behind the end of the list are features of the future: missing. */
uint64_t octet_missing_cpu_features(uint64_t wanted);

/* The name of a bit; null for one that is not in the list. */
const char *octet_cpu_feature_name(uint32_t bit);

#endif /* OCTET_RUNTIME_SRC_CPU_FEATURES_H */

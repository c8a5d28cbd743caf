// One precision assignment that was compiled, run and timed.

#ifndef OCTET_TOOLS_OCTETC_SEARCH_TRIAL_H
#define OCTET_TOOLS_OCTETC_SEARCH_TRIAL_H

#include "tools/octetc/search/SearchSpace.h"

namespace octet {

struct Trial {
  Assignment assignment;
  double score = 0;
  double latency = 0; ///< ms
  uint64_t bytes = 0; ///< of the library
  bool meets = false; ///< the criterion

  double getObjective(Objective objective) const {
    return objective == Objective::Latency ? latency : bytes;
  }
};

} // namespace octet

#endif // OCTET_TOOLS_OCTETC_SEARCH_TRIAL_H

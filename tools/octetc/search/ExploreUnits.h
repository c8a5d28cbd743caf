// What there is to choose, and what each choice costs, from measuring.

#ifndef OCTET_TOOLS_OCTETC_SEARCH_EXPLOREUNITS_H
#define OCTET_TOOLS_OCTETC_SEARCH_EXPLOREUNITS_H

#include "tools/octetc/Lowering.h"
#include "tools/octetc/search/SearchSpace.h"

namespace octet {

/// Fills in the units of `space`, whose mix is set: those of `graph` (cleaned up, f32), but those
/// that `config` speaks of. Their noise is measured on the samples of `options.calibration.data`,
/// by `single`, the same graph for one sample; their times on this machine.
mlir::LogicalResult exploreUnits(SearchSpace &space, mlir::ModuleOp graph, mlir::ModuleOp single,
                                 Lowering &lowering, std::shared_ptr<const Config> config,
                                 std::shared_ptr<const CalibrationTable> table,
                                 const CompilationOptions &options);

} // namespace octet

#endif // OCTET_TOOLS_OCTETC_SEARCH_EXPLOREUNITS_H

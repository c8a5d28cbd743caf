// Dialects and passes of the project, registered in one place so that the drivers
// cannot drift apart.

#ifndef OCTET_TOOLS_REGISTEREVERYTHING_H
#define OCTET_TOOLS_REGISTEREVERYTHING_H

#include "codegen/lower/Pipeline.h"
#include "codegen/tune/TargetTimeModel.h"
#include "dialect/Octet.h"
#include "mlir/Transforms/Passes.h"
#include "passes/Pipelines.h"
#include "passes/calibrate/Passes.h"
#include "passes/graph/Passes.h"
#include "passes/quantize/Passes.h"
#include "passes/quantize/Pipeline.h"
#include "passes/repair/Passes.h"

namespace octet {

inline void registerAllDialects(mlir::DialectRegistry &registry) {
  registry.insert<OctetDialect, mlir::quant::QuantDialect, mlir::func::FuncDialect>();
  registerCodegenDialects(registry);
}

inline void registerAllPasses() {
  mlir::registerTransformsPasses();
  registerCalibratePasses();
  registerGraphPasses();
  registerGraphPipelines();
  registerQuantizePasses();
  registerQuantizePipelines();
  registerRepairPasses();
  registerCodegenPasses();
  codegen::registerTimedPasses();
}

} // namespace octet

#endif // OCTET_TOOLS_REGISTEREVERYTHING_H

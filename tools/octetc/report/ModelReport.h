// --report: what the compiler decided for each op, why, what it costs in accuracy and what it
// takes in time, as JSON and as a page.

#ifndef OCTET_TOOLS_OCTETC_REPORT_MODELREPORT_H
#define OCTET_TOOLS_OCTETC_REPORT_MODELREPORT_H

#include "tools/octetc/Lowering.h"
#include "llvm/Support/JSON.h"

namespace octet {

/// What a report is about.
struct ReportSubject {
  mlir::ModuleOp reference;             ///< cleaned up, in f32
  mlir::ModuleOp graph;                 ///< the same with rounded weights, where data rounds them
  mlir::ModuleOp quantized;             ///< the same behind the quantize pipeline
  std::string library;                  ///< path of what it was compiled to
  std::shared_ptr<const Config> config; ///< null without rules
  std::shared_ptr<const CalibrationTable> table; ///< null without calibration
  std::string front; ///< what a search found (Front::toJson); empty without one
};

/// Makes the report. What cannot be measured is left out, and `notes` in it say why.
mlir::FailureOr<llvm::json::Value> makeReport(mlir::MLIRContext &context,
                                              const CompilationOptions &options,
                                              const ReportSubject &subject);

/// As JSON, or as a page where the file's name ends in .html.
std::string printReport(const llvm::json::Value &report, llvm::StringRef path);

} // namespace octet

#endif // OCTET_TOOLS_OCTETC_REPORT_MODELREPORT_H

// A report as one page that needs no network: the data, Chart.js and the page's own script.

#ifndef OCTET_TOOLS_OCTETC_REPORT_REPORTPAGE_H
#define OCTET_TOOLS_OCTETC_REPORT_REPORTPAGE_H

#include "llvm/Support/JSON.h"

namespace octet {

std::string printPage(const llvm::json::Value &report);

} // namespace octet

#endif // OCTET_TOOLS_OCTETC_REPORT_REPORTPAGE_H

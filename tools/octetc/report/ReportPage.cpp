#include "tools/octetc/report/ReportPage.h"

#include "tools/octetc/report/PageTexts.h"
#include "llvm/Support/raw_ostream.h"

namespace octet {

std::string printPage(const llvm::json::Value &report) {
  std::string data;
  llvm::raw_string_ostream(data) << report;
  auto [head, behindData] = llvm::StringRef(kPageText).split("@DATA@");
  auto [middle, tail] = behindData.split("@CHART@");
  std::string page = head.str();
  // In JSON, `<` stands in strings alone; there it could end the script element.
  for (char c : data)
    if (c == '<')
      page += "\\u003c";
    else
      page += c;
  page += middle;
  page += kChartText;
  page += tail;
  return page;
}

} // namespace octet

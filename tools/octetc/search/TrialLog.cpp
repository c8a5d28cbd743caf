#include "tools/octetc/search/TrialLog.h"

#include "passes/JsonText.h"
#include "tools/octetc/search/Front.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

namespace octet {

namespace json = llvm::json;

static llvm::Error makeError(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

std::string TrialLog::print(const Trial &trial) const {
  json::Object precisions;
  for (auto [unit, precision] : llvm::zip_equal(space.units, trial.assignment))
    precisions[unit.name] = stringifyPrecision(precision);
  std::string line;
  llvm::raw_string_ostream(line) << json::Value(json::Object{
                                        {"score", trial.score},
                                        {"latency_ms", trial.latency},
                                        {"library_bytes", trial.bytes},
                                        {"meets", trial.meets},
                                        {"average_bits", getAverageBits(space, trial.assignment)},
                                        {"precisions", std::move(precisions)},
                                    })
                                 << "\n";
  return line;
}

static std::optional<Trial> readTrial(const json::Value &value, const SearchSpace &space) {
  const json::Object *object = value.getAsObject();
  const json::Object *precisions = object ? object->getObject("precisions") : nullptr;
  if (!precisions || precisions->size() != space.units.size())
    return std::nullopt;
  auto score = object->getNumber("score"), latency = object->getNumber("latency_ms");
  auto bytes = object->getInteger("library_bytes");
  auto meets = object->getBoolean("meets");
  if (!score || !latency || !bytes || !meets)
    return std::nullopt;
  Trial trial{{}, *score, *latency, static_cast<uint64_t>(*bytes), *meets};
  for (const Unit &unit : space.units) {
    auto text = precisions->getString(unit.name);
    auto precision = text ? symbolizePrecision(*text) : std::nullopt;
    if (!precision)
      return std::nullopt;
    trial.assignment.push_back(*precision);
  }
  return trial;
}

llvm::Error TrialLog::read(llvm::StringRef text, llvm::StringRef signature) {
  llvm::StringRef rest = text;
  for (unsigned number = 1; !rest.empty(); ++number) {
    auto [line, after] = rest.split('\n');
    auto value = parseJson(line);
    bool isCutOff = after.empty() && !rest.ends_with("\n");
    if (!value || isCutOff) {
      llvm::consumeError(value.takeError());
      if (isCutOff)
        return llvm::Error::success();
      return makeError(path + ": line " + llvm::Twine(number) + ": malformed JSON");
    }
    if (number == 1) {
      const json::Object *object = value->getAsObject();
      if (!object || object->getString("search") != signature)
        return makeError(path + ": expected the log of this search, got that of another one; "
                                "remove it or choose another folder (--trials)");
    } else if (auto trial = readTrial(*value, space)) {
      trials[trial->assignment] = std::move(*trial);
    } else {
      return makeError(path + ": line " + llvm::Twine(number) +
                       ": expected a trial of this search");
    }
    rest = after;
  }
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<TrialLog>>
TrialLog::open(llvm::StringRef path, llvm::StringRef signature, const SearchSpace &space) {
  std::unique_ptr<TrialLog> log(new TrialLog(space));
  log->path = path.str();
  if (llvm::sys::fs::exists(path)) {
    auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
    if (!buffer)
      return makeError(path + ": " + buffer.getError().message());
    if (llvm::Error error = log->read((*buffer)->getBuffer(), signature))
      return error;
  }
  // Written anew, so that a line that was cut off is gone.
  std::error_code code;
  log->stream = std::make_unique<llvm::raw_fd_ostream>(path, code);
  if (code)
    return makeError("cannot write '" + path + "': " + code.message());
  *log->stream << json::Value(json::Object{{"search", signature}}) << "\n";
  for (const auto &entry : log->trials)
    *log->stream << log->print(entry.second);
  log->stream->flush();
  return log;
}

const Trial *TrialLog::lookup(const Assignment &assignment) const {
  auto it = trials.find(assignment);
  return it == trials.end() ? nullptr : &it->second;
}

llvm::Error TrialLog::append(const Trial &trial) {
  trials[trial.assignment] = trial;
  *stream << print(trial);
  stream->flush();
  if (!stream->has_error())
    return llvm::Error::success();
  std::string reason = stream->error().message();
  stream->clear_error();
  return makeError("cannot write '" + path + "': " + reason);
}

} // namespace octet

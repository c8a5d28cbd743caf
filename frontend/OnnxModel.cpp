#include "frontend/OnnxModel.h"

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/stubs/logging.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;

namespace octet {

Location OnnxModel::getLoc(MLIRContext *context) const {
  return FileLineColLoc::get(context, path, 0, 0);
}

std::string getFunctionKey(StringRef domain, StringRef name) {
  return (getDomain(domain) + StringRef("\0", 1) + name).str();
}

namespace {

class ModelReader {
public:
  ModelReader(MLIRContext *context, const ImportLimits &limits, OnnxModel &model)
      : context(context), limits(limits), model(model) {}

  LogicalResult run() {
    // Each step relies on what the one before it checked.
    if (failed(parse()) || failed(checkVersions()) || failed(readFunctions()))
      return failure();
    auto graph = readGraph(
        model.getLoc(context), *model.proto.mutable_graph(), /*prefix=*/"",
        [](StringRef) { return false; }, limits);
    if (failed(graph))
      return failure();
    model.main = std::move(*graph);
    return checkOutputs();
  }

private:
  InFlightDiagnostic error() { return emitError(model.getLoc(context)); }

  LogicalResult parse();
  LogicalResult checkVersions();
  LogicalResult readFunctions();
  LogicalResult checkOutputs();

  MLIRContext *context;
  const ImportLimits &limits;
  OnnxModel &model;
};

} // namespace

LogicalResult ModelReader::parse() {
  llvm::sys::fs::file_status status;
  if (std::error_code code = llvm::sys::fs::status(model.path, status))
    return error() << code.message();
  // Opening a pipe could wait forever.
  if (status.type() != llvm::sys::fs::file_type::regular_file)
    return error() << "expected a regular file";
  if (status.getSize() > limits.fileBytes)
    return error() << "expected at most " << limits.fileBytes << " bytes, got " << status.getSize();
  if (status.getSize() == 0)
    return error() << "expected an ONNX model, got an empty file";
  auto file = llvm::MemoryBuffer::getFile(model.path, /*IsText=*/false,
                                          /*RequiresNullTerminator=*/false);
  if (!file)
    return error() << file.getError().message();
  if ((*file)->getBufferSize() > limits.fileBytes)
    return error() << "expected at most " << limits.fileBytes << " bytes, got "
                   << (*file)->getBufferSize();
  google::protobuf::LogSilencer silence;
  google::protobuf::io::CodedInputStream stream(
      reinterpret_cast<const uint8_t *>((*file)->getBufferStart()),
      static_cast<int>((*file)->getBufferSize()));
  stream.SetRecursionLimit(limits.nesting);
  if (!model.proto.ParseFromCodedStream(&stream) || !stream.ConsumedEntireMessage())
    return error() << "expected an ONNX model, got bytes that do not parse as one (truncated?)";
  return success();
}

LogicalResult
readOpsets(Location loc,
           const google::protobuf::RepeatedPtrField<onnx::OperatorSetIdProto> &imports,
           Opsets &opsets) {
  for (const onnx::OperatorSetIdProto &set : imports)
    if (!opsets.try_emplace(getDomain(set.domain()), set.version()).second)
      return emitError(loc) << "expected one opset for domain '" << getDomain(set.domain())
                            << "', got several";
  auto main = opsets.find("");
  if (main == opsets.end())
    return success();
  if (main->second < kOldestOpset)
    return emitError(loc) << "expected opset " << kOldestOpset << " or newer, got " << main->second;
  if (main->second > kNewestOpset)
    emitWarning(loc) << "opset " << main->second << " is newer than " << kNewestOpset
                     << ", the newest that is known: ops are read as in that one";
  return success();
}

LogicalResult ModelReader::checkVersions() {
  if (!model.proto.has_graph())
    return error() << "expected an ONNX model, got one without a graph";
  if (model.proto.ir_version() < kOldestIr)
    return error() << "expected IR version " << kOldestIr << " or newer, got "
                   << model.proto.ir_version();
  if (failed(readOpsets(model.getLoc(context), model.proto.opset_import(), model.opsets)))
    return failure();
  if (model.opsets.empty())
    return error() << "expected an import of the default opset, got none";
  if (model.graph().node_size() > limits.nodes)
    return error() << "expected at most " << limits.nodes << " nodes, got "
                   << model.graph().node_size();
  return success();
}

LogicalResult ModelReader::readFunctions() {
  for (const onnx::FunctionProto &function : model.proto.functions()) {
    bool isNew =
        model.functions.try_emplace(getFunctionKey(function.domain(), function.name()), &function)
            .second;
    if (!isNew)
      return error() << "function '" << function.name() << "' of domain '" << function.domain()
                     << "': expected one definition, got two";
  }
  return success();
}

// Callers of the compiled model tell outputs apart by their names.
LogicalResult ModelReader::checkOutputs() {
  llvm::StringSet<> outputs;
  for (const onnx::ValueInfoProto &output : model.graph().output())
    if (!outputs.insert(output.name()).second)
      return error() << "output '" << output.name() << "': expected one definition, got two";
  return success();
}

FailureOr<std::unique_ptr<OnnxModel>> readModel(MLIRContext *context, StringRef path,
                                                const ImportLimits &limits) {
  auto model = std::make_unique<OnnxModel>();
  model->path = path.str();
  if (failed(ModelReader(context, limits, *model).run()))
    return failure();
  return model;
}

} // namespace octet

#include "frontend/Import.h"

#include "dialect/Octet.h"
#include "frontend/GraphImporter.h"

using namespace mlir;

namespace octet {

FailureOr<OwningOpRef<ModuleOp>> importOnnx(MLIRContext &context, StringRef path,
                                            const ImportOptions &options) {
  context.loadDialect<OctetDialect, func::FuncDialect, quant::QuantDialect>();
  auto model = readModel(&context, path, options.limits);
  if (failed(model))
    return failure();
  return GraphImporter(&context, **model, options).run();
}

std::optional<ShapeOverride> parseShapeOverride(StringRef text) {
  // Names of tensors may hold '=', shapes do not.
  auto [name, shape] = text.rsplit('=');
  if (name.empty() || name.size() == text.size())
    return std::nullopt;
  ShapeOverride result{name.str(), {}};
  SmallVector<StringRef> parts;
  if (!shape.empty())
    shape.split(parts, 'x');
  for (StringRef part : parts) {
    int64_t extent;
    if (part.getAsInteger(10, extent) || extent < 1)
      return std::nullopt;
    result.shape.push_back(extent);
  }
  return result;
}

} // namespace octet

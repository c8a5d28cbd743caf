#include "frontend/GraphInputs.h"

#include "frontend/ElementTypes.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;

namespace octet {

static constexpr int64_t kUnknown = -1;

// Some exporters write -1 for a dimension that is not known.
static int64_t getExtent(const onnx::TensorShapeProto::Dimension &dim) {
  return dim.value_case() == onnx::TensorShapeProto::Dimension::kDimValue ? dim.dim_value()
                                                                          : kUnknown;
}

RankedTensorType getStaticType(MLIRContext *context, const onnx::TypeProto &type,
                               const ImportLimits &limits) {
  if (!type.has_tensor_type() || !type.tensor_type().has_shape())
    return {};
  Type element = getElementType(context, type.tensor_type().elem_type());
  SmallVector<int64_t> shape;
  for (const auto &dim : type.tensor_type().shape().dim())
    shape.push_back(getExtent(dim));
  auto count = countElements(shape, limits.rank, limits.elements);
  if (!element || !count || *count == 0)
    return {};
  return RankedTensorType::get(shape, element);
}

static StringRef getKindName(const onnx::TypeProto &type) {
  switch (type.value_case()) {
  case onnx::TypeProto::kSequenceType:
    return "a sequence";
  case onnx::TypeProto::kMapType:
    return "a map";
  case onnx::TypeProto::kOptionalType:
    return "an optional value";
  case onnx::TypeProto::kSparseTensorType:
    return "a sparse tensor";
  default:
    return "no type";
  }
}

namespace {

class InputResolver {
public:
  InputResolver(MLIRContext *context, const OnnxModel &model, const ImportOptions &options)
      : context(context), model(model), options(options) {}

  FailureOr<std::vector<GraphInput>> run() {
    for (const onnx::ValueInfoProto &value : model.graph().input())
      if (!model.main->initializers.count(value.name()))
        inputs.push_back(&value);
    if (static_cast<int>(inputs.size()) > options.limits.operands)
      return error() << "the graph: expected at most " << options.limits.operands << " inputs, got "
                     << inputs.size();
    if (failed(bindOverrides()))
      return failure();
    std::vector<GraphInput> resolved;
    bool broken = false;
    for (const onnx::ValueInfoProto *input : inputs) {
      auto type = resolve(*input);
      broken |= failed(type);
      if (succeeded(type))
        resolved.push_back({input->name(), *type});
    }
    if (!broken && options.batch && !batchUsed) {
      error() << "expected an input with a symbolic first dimension for --batch, got none";
      broken = true;
    }
    if (broken)
      return failure();
    return resolved;
  }

private:
  InFlightDiagnostic error() { return emitError(model.getLoc(context)); }
  InFlightDiagnostic error(const onnx::ValueInfoProto &input) {
    return error() << "input '" << input.name() << "': ";
  }
  LogicalResult bindOverrides();
  FailureOr<RankedTensorType> resolve(const onnx::ValueInfoProto &input);

  MLIRContext *context;
  const OnnxModel &model;
  const ImportOptions &options;
  std::vector<const onnx::ValueInfoProto *> inputs;
  llvm::StringMap<const ShapeOverride *> overrides;
  /// Extents that an override gives to named dimensions.
  llvm::StringMap<int64_t> bound;
  bool batchUsed = false;
};

} // namespace

LogicalResult InputResolver::bindOverrides() {
  for (const ShapeOverride &given : options.shapes) {
    auto input = llvm::find_if(inputs, [&](auto *value) { return value->name() == given.input; });
    if (input == inputs.end()) {
      std::string names;
      for (const onnx::ValueInfoProto *value : inputs)
        names += (names.empty() ? "'" : ", '") + value->name() + "'";
      return error() << "expected --shape for an input of the model (" << names << "), got '"
                     << given.input << "'";
    }
    if (!overrides.try_emplace(given.input, &given).second)
      return error() << "expected one --shape for input '" << given.input << "', got several";
    if (!(*input)->type().tensor_type().has_shape())
      continue;
    const onnx::TensorShapeProto &shape = (*input)->type().tensor_type().shape();
    if (shape.dim_size() != static_cast<int>(given.shape.size()))
      return error(**input) << "expected " << shape.dim_size() << " dimensions in --shape, got "
                            << given.shape.size();
    for (auto [dim, extent] : llvm::zip(shape.dim(), given.shape))
      if (!dim.dim_param().empty())
        bound.try_emplace(dim.dim_param(), extent);
  }
  return success();
}

FailureOr<RankedTensorType> InputResolver::resolve(const onnx::ValueInfoProto &input) {
  if (!input.type().has_tensor_type())
    return error(input) << "expected a tensor, got " << getKindName(input.type());
  const onnx::TypeProto::Tensor &declared = input.type().tensor_type();
  Type element = getElementType(context, declared.elem_type());
  if (!element)
    return error(input) << "element type " << getDataTypeName(declared.elem_type())
                        << " is not supported";
  SmallVector<int64_t> shape;
  if (const ShapeOverride *given = overrides.lookup(input.name())) {
    shape.assign(given->shape.begin(), given->shape.end());
  } else {
    if (!declared.has_shape())
      return error(input) << "expected a declared shape, got none: give --shape " << input.name()
                          << "=1x3x224x224 (its own extents)";
    for (const auto &dim : declared.shape().dim()) {
      auto known = bound.find(dim.dim_param());
      shape.push_back(dim.dim_param().empty() || known == bound.end() ? getExtent(dim)
                                                                      : known->second);
    }
    if (!shape.empty() && shape[0] == kUnknown) {
      shape[0] = options.batch.value_or(1);
      batchUsed = true;
    }
    if (llvm::is_contained(shape, kUnknown)) {
      std::string flag;
      for (auto [dim, extent] : llvm::zip(declared.shape().dim(), shape))
        flag +=
            (flag.empty() ? "" : "x") + (extent != kUnknown        ? std::to_string(extent)
                                         : dim.dim_param().empty() ? std::string("?")
                                                                   : "<" + dim.dim_param() + ">");
      return error(input) << "expected known dimensions, got unknown ones: give --shape "
                          << input.name() << "=" << flag;
    }
    // Another input may have used the batch, and this one be a scalar.
    if (batchUsed && !options.batch && declared.shape().dim_size() &&
        getExtent(declared.shape().dim(0)) == kUnknown &&
        !bound.count(declared.shape().dim(0).dim_param()))
      emitRemark(model.getLoc(context))
          << "input '" << input.name()
          << "': symbolic first dimension taken as 1 (--batch N gives another)";
  }
  auto count = countElements(shape, options.limits.rank, options.limits.elements);
  if (!count)
    return error(input) << "expected rank " << options.limits.rank << " and "
                        << options.limits.elements << " elements at most, got "
                        << printShape(shape);
  // Legal, though some exporters write 0 for what they do not know.
  if (*count == 0)
    emitRemark(model.getLoc(context))
        << "input '" << input.name() << "' has no elements: " << printShape(shape);
  return RankedTensorType::get(shape, element);
}

FailureOr<std::vector<GraphInput>> resolveInputs(MLIRContext *context, const OnnxModel &model,
                                                 const ImportOptions &options) {
  return InputResolver(context, model, options).run();
}

} // namespace octet

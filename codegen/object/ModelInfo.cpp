#include "codegen/object/ModelInfo.h"

#include "dialect/ExtentOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "octet/runtime.h"

using namespace mlir;

namespace octet::codegen {

std::string getEntrySymbol(size_t i) { return i ? "entry." + std::to_string(i) : "entry"; }

static void readEntry(func::FuncOp entry, EntryInfo &info) {
  for (unsigned i = 0; i < entry.getNumArguments(); ++i) {
    auto role = entry.getArgAttrOfType<StringAttr>(i, "octet.role");
    if (!role)
      continue;
    IoInfo io;
    io.type = cast<RankedTensorType>(entry.getArgAttrOfType<TypeAttr>(i, "octet.type").getValue());
    if (auto name = entry.getArgAttrOfType<StringAttr>(i, "octet.name"))
      io.name = name.str();
    if (auto observed = entry.getArgAttrOfType<StringAttr>(i, "octet.observed"))
      io.observed = observed.str();
    if (auto extent = entry.getArgAttrOfType<DenseI64ArrayAttr>(i, kExtentAttr))
      info.extents.push_back({static_cast<uint32_t>(info.outputs.size()),
                              static_cast<uint32_t>(extent[0]), static_cast<uint32_t>(extent[1])});
    io.layer = entry.getArgAttrOfType<DictionaryAttr>(i, "octet.layer");
    (role == "input" ? info.inputs : info.outputs).push_back(std::move(io));
  }
  auto arena = cast<MemRefType>(entry.getArgumentTypes().back());
  info.arenaBytes = arena.getNumElements();
  entry.walk([&](LaunchOp launch) {
    info.launches.push_back(
        {launch.getNode().str(), launch.getKernel().str(), int64_t(launch.getUnits())});
  });
}

LogicalResult readModelInfo(ModuleOp module, ModelInfo &info) {
  auto entry = module.lookupSymbol<func::FuncOp>(getEntrySymbol(0));
  auto weights = module.lookupSymbol<memref::GlobalOp>("weights");
  if (!entry || !weights)
    return module.emitError("expected a module of kernels with @entry and @weights");
  readEntry(entry, info);
  while (auto other = module.lookupSymbol<func::FuncOp>(getEntrySymbol(info.others.size() + 1)))
    readEntry(other, info.others.emplace_back());
  info.weightBytes = weights.getType().getNumElements();
  return success();
}

uint32_t getDtype(Type elementType) {
  if (auto quantized = dyn_cast<quant::QuantizedType>(elementType))
    return quantized.isSigned() ? OCTET_I8 : OCTET_U8;
  if (elementType.isF32())
    return OCTET_F32;
  if (elementType.isF64())
    return OCTET_F64;
  if (elementType.isF16())
    return OCTET_F16;
  if (elementType.isBF16())
    return OCTET_BF16;
  bool isUnsigned = elementType.isUnsignedInteger();
  switch (elementType.getIntOrFloatBitWidth()) {
  case 1:
    return OCTET_BOOL;
  case 8:
    return isUnsigned ? OCTET_U8 : OCTET_I8;
  case 16:
    return isUnsigned ? OCTET_U16 : OCTET_I16;
  case 32:
    return isUnsigned ? OCTET_U32 : OCTET_I32;
  case 64:
    return isUnsigned ? OCTET_U64 : OCTET_I64;
  default:
    return 0;
  }
}

} // namespace octet::codegen

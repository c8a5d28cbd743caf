#include "tools/run/Elements.h"

#include <cstring>

using namespace octet::npz;

namespace octet::run {

std::optional<DType> toNpz(uint32_t dtype) {
  switch (dtype) {
  case OCTET_F32:
    return DType::F32;
  case OCTET_U8:
    return DType::U8;
  case OCTET_I8:
    return DType::I8;
  case OCTET_U16:
    return DType::U16;
  case OCTET_I16:
    return DType::I16;
  case OCTET_I32:
    return DType::I32;
  case OCTET_I64:
    return DType::I64;
  case OCTET_BOOL:
    return DType::Bool;
  case OCTET_F16:
    return DType::F16;
  case OCTET_F64:
    return DType::F64;
  case OCTET_U32:
    return DType::U32;
  case OCTET_U64:
    return DType::U64;
  default:
    return std::nullopt;
  }
}

llvm::StringRef getTypeName(uint32_t dtype) {
  if (std::optional<DType> known = toNpz(dtype))
    return npz::getName(*known);
  return dtype == OCTET_BF16 ? "bfloat16" : "unknown";
}

template <typename T>
static void convert(const void *data, int64_t count, double *result) {
  for (int64_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, static_cast<const char *>(data) + i * sizeof(T), sizeof(T));
    result[i] = static_cast<double>(value);
  }
}

void toDoubles(DType dtype, const void *data, int64_t count, double *result) {
  switch (dtype) {
  case DType::F16:
    return convert<_Float16>(data, count, result);
  case DType::F32:
    return convert<float>(data, count, result);
  case DType::F64:
    return convert<double>(data, count, result);
  case DType::I8:
    return convert<int8_t>(data, count, result);
  case DType::I16:
    return convert<int16_t>(data, count, result);
  case DType::I32:
    return convert<int32_t>(data, count, result);
  case DType::I64:
    return convert<int64_t>(data, count, result);
  case DType::U8:
  case DType::Bool:
    return convert<uint8_t>(data, count, result);
  case DType::U16:
    return convert<uint16_t>(data, count, result);
  case DType::U32:
    return convert<uint32_t>(data, count, result);
  case DType::U64:
    return convert<uint64_t>(data, count, result);
  }
}

} // namespace octet::run

#include "frontend/TensorLoader.h"

#include "dialect/reference/Tensor.h"
#include "frontend/ElementTypes.h"
#include "mlir/IR/AsmState.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace octet {

// malloc aligns to this, and so std::string's own allocations are.
static constexpr size_t kHeapAlignment = 16;
static constexpr int64_t kInlineElements = 16;

static ElementsAttr makeElements(RankedTensorType type, ArrayRef<char> bytes, StringRef name) {
  if (type.getNumElements() == 0 || type.getNumElements() > kInlineElements ||
      type.getElementType().isInteger(1))
    return getBlobAttr(type, bytes, name);
  return DenseElementsAttr::getFromRawBuffer(type, bytes);
}

// Any nonzero byte is true in a file; a blob holds 0 and 1.
static void normalizeBooleans(RankedTensorType type, MutableArrayRef<char> bytes) {
  if (type.getElementType().isInteger(1))
    for (char &byte : bytes)
      byte = byte != 0;
}

// The first of the integers in a byte is in its lowest bits.
static reference::Tensor unpack(ArrayRef<char> packed, PackedInteger integer,
                                RankedTensorType type) {
  reference::Tensor result(type);
  unsigned perByte = 8 / integer.width;
  for (int64_t i = 0; i < result.size(); ++i) {
    auto bits = static_cast<uint8_t>(packed[i / perByte]);
    uint64_t value = (bits >> (i % perByte * integer.width)) & ((1u << integer.width) - 1);
    result.setInteger(i, integer.isSigned ? llvm::SignExtend64(value, integer.width)
                                          : static_cast<int64_t>(value));
  }
  return result;
}

FailureOr<LoadedTensor> TensorLoader::load(onnx::TensorProto &tensor, StringRef name, Error error) {
  Type element = getStoredElementType(context, tensor.data_type());
  if (!element)
    return error() << "element type " << getDataTypeName(tensor.data_type()) << " is not supported";
  if (tensor.has_segment())
    return error() << "tensors in segments are not supported";
  SmallVector<int64_t> shape(tensor.dims().begin(), tensor.dims().end());
  auto count = countElements(shape, limits.rank, limits.elements);
  if (!count)
    return error() << "expected a shape of rank " << limits.rank << " and " << limits.elements
                   << " elements at most, got " << printShape(shape);
  LoadedTensor result;
  result.type = RankedTensorType::get(shape, element);
  auto packed = getPackedInteger(tensor.data_type());
  RankedTensorType stored = result.type;
  if (packed)
    stored =
        RankedTensorType::get(static_cast<int64_t>(llvm::divideCeil(*count * packed->width, 8)),
                              IntegerType::get(context, 8, IntegerType::Unsigned));
  std::string what = "shape " + printShape(shape) + " of " + getDataTypeName(tensor.data_type());
  auto elements = loadStored(tensor, stored, what, name, error);
  if (failed(elements))
    return failure();
  result.elements = *elements;
  if (packed)
    result.elements = unpack(getRawElements(*elements), *packed, result.type).toAttr(name);
  return result;
}

FailureOr<ElementsAttr> TensorLoader::loadStored(onnx::TensorProto &tensor, RankedTensorType type,
                                                 StringRef what, StringRef name, Error error) {
  if (tensor.data_location() == onnx::TensorProto::EXTERNAL)
    return loadExternal(tensor, type, what, name, error);
  if (!tensor.has_raw_data())
    return loadTyped(tensor, type, what, name, error);

  uint64_t expected = type.getNumElements() * getElementBytes(type.getElementType());
  if (tensor.raw_data().size() != expected)
    return error() << "expected " << expected << " bytes for " << what << ", got "
                   << tensor.raw_data().size();
  std::unique_ptr<std::string> bytes(tensor.release_raw_data());
  normalizeBooleans(type, MutableArrayRef<char>(bytes->data(), bytes->size()));
  if (type.getNumElements() <= kInlineElements)
    return makeElements(type, ArrayRef<char>(bytes->data(), bytes->size()), name);
  ArrayRef<char> data(bytes->data(), bytes->size());
  if (reinterpret_cast<uintptr_t>(data.data()) % kHeapAlignment)
    return getBlobAttr(type, data, name);
  AsmResourceBlob blob(
      data, kHeapAlignment,
      [bytes = std::move(bytes)](void *, size_t, size_t) mutable { bytes.reset(); },
      /*dataIsMutable=*/false);
  return ElementsAttr(DenseResourceElementsAttr::get(type, name, std::move(blob)));
}

template <typename To, typename Field>
static SmallVector<char> convertField(const Field &field) {
  SmallVector<char> bytes;
  bytes.resize_for_overwrite(field.size() * sizeof(To));
  for (auto [i, value] : llvm::enumerate(field)) {
    To element = static_cast<To>(value);
    std::memcpy(bytes.data() + i * sizeof(To), &element, sizeof(To));
  }
  return bytes;
}

FailureOr<ElementsAttr> TensorLoader::loadTyped(const onnx::TensorProto &tensor,
                                                RankedTensorType type, StringRef what,
                                                StringRef name, Error error) {
  SmallVector<char> bytes;
  int64_t got = 0;
  auto take = [&](auto sample, const auto &field) {
    got = field.size();
    if (got == type.getNumElements())
      bytes = convertField<decltype(sample)>(field);
  };
  switch (tensor.data_type()) {
  case onnx::TensorProto::FLOAT:
    take(float(), tensor.float_data());
    break;
  case onnx::TensorProto::DOUBLE:
    take(double(), tensor.double_data());
    break;
  case onnx::TensorProto::INT64:
    take(int64_t(), tensor.int64_data());
    break;
  case onnx::TensorProto::UINT64:
    take(uint64_t(), tensor.uint64_data());
    break;
  case onnx::TensorProto::UINT32:
    take(uint32_t(), tensor.uint64_data());
    break;
  case onnx::TensorProto::INT32:
    take(int32_t(), tensor.int32_data());
    break;
  case onnx::TensorProto::BOOL:
    take(bool(), tensor.int32_data());
    break;
  default: // Floating point by its bits, packed integers by their bytes.
    if (getElementBytes(type.getElementType()) == 1)
      take(uint8_t(), tensor.int32_data());
    else
      take(uint16_t(), tensor.int32_data());
  }
  if (got != type.getNumElements())
    return error() << "expected " << type.getNumElements() << " elements for " << what << ", got "
                   << got;
  return makeElements(type, bytes, name);
}

FailureOr<ElementsAttr> TensorLoader::loadExternal(const onnx::TensorProto &tensor,
                                                   RankedTensorType type, StringRef what,
                                                   StringRef name, Error error) {
  namespace fs = llvm::sys::fs;
  namespace path = llvm::sys::path;
  StringRef location;
  uint64_t expected = type.getNumElements() * getElementBytes(type.getElementType());
  uint64_t offset = 0, length = expected;
  for (const onnx::StringStringEntryProto &entry : tensor.external_data()) {
    StringRef value = entry.value();
    bool number = true;
    if (entry.key() == "location")
      location = value;
    else if (entry.key() == "offset")
      number = !value.getAsInteger(10, offset);
    else if (entry.key() == "length")
      number = !value.getAsInteger(10, length);
    if (!number)
      return error() << "expected a number as " << entry.key() << " of external data, got '"
                     << value << "'";
  }
  if (location.empty())
    return error() << "expected external data with a location, got none";
  if (path::is_absolute(location) || location.contains('\0') ||
      llvm::is_contained(llvm::make_range(path::begin(location), path::end(location)), ".."))
    return error() << "expected external data inside the model's folder, got '" << location << "'";
  SmallString<256> folder, file, joined(path::parent_path(modelPath));
  if (joined.empty())
    joined = ".";
  if (std::error_code code = fs::real_path(joined, folder))
    return error() << "external data '" << location << "': " << code.message();
  path::append(joined, location);
  // Links are followed before the comparison, so that none leads out.
  if (std::error_code code = fs::real_path(joined, file))
    return error() << "external data '" << location << "': " << code.message();
  StringRef rest = file;
  if (!rest.consume_front(folder) || !(rest.starts_with("/") || StringRef(folder).ends_with("/")))
    return error() << "expected external data inside the model's folder, got '" << location
                   << "', which is '" << file << "'";
  fs::file_status status;
  if (std::error_code code = fs::status(file, status))
    return error() << "external data '" << location << "': " << code.message();
  if (status.type() != fs::file_type::regular_file)
    return error() << "external data '" << location << "': expected a regular file";
  if (length != expected)
    return error() << "external data '" << location << "': expected " << expected << " bytes for "
                   << what << ", got " << length;
  if (offset > status.getSize() || length > status.getSize() - offset)
    return error() << "external data '" << location << "': expected " << length
                   << " bytes at offset " << offset << ", got a file of " << status.getSize();
  if (length == 0)
    return makeElements(type, {}, name);
  externalBytes += length;
  if (externalBytes > limits.externalBytes)
    return error() << "expected external data of " << limits.externalBytes
                   << " bytes at most in all, got " << externalBytes;
  // Read, not mapped: a file that shrinks meanwhile must not fault.
  auto buffer = llvm::WritableMemoryBuffer::getFileSlice(file, length, offset,
                                                         /*IsVolatile=*/true);
  if (!buffer)
    return error() << "external data '" << location << "': " << buffer.getError().message();
  MutableArrayRef<char> bytes = (*buffer)->getBuffer();
  normalizeBooleans(type, bytes);
  if (type.getNumElements() <= kInlineElements ||
      reinterpret_cast<uintptr_t>(bytes.data()) % kHeapAlignment)
    return makeElements(type, bytes, name);
  AsmResourceBlob blob(
      bytes, kHeapAlignment,
      [owner = std::move(*buffer)](void *, size_t, size_t) mutable { owner.reset(); },
      /*dataIsMutable=*/false);
  return ElementsAttr(DenseResourceElementsAttr::get(type, name, std::move(blob)));
}

} // namespace octet

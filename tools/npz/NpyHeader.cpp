// A parser for exactly the dictionaries that NumPy writes (in any order of keys)
// and not for Python: whatever else could stand there is not a plain array.

#include "tools/npz/NpyHeader.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace octet::npz {
namespace {

struct DTypeRow {
  DType dtype;
  StringLiteral code; // behind the byte order
  StringLiteral name;
  int64_t bytes;
};

constexpr DTypeRow rows[] = {
    {DType::F16, "f2", "float16", 2}, {DType::F32, "f4", "float32", 4},
    {DType::F64, "f8", "float64", 8}, {DType::I8, "i1", "int8", 1},
    {DType::I16, "i2", "int16", 2},   {DType::I32, "i4", "int32", 4},
    {DType::I64, "i8", "int64", 8},   {DType::U8, "u1", "uint8", 1},
    {DType::U16, "u2", "uint16", 2},  {DType::U32, "u4", "uint32", 4},
    {DType::U64, "u8", "uint64", 8},  {DType::Bool, "b1", "bool", 1},
};

const DTypeRow &getRow(DType dtype) { return rows[static_cast<size_t>(dtype)]; }

constexpr StringLiteral kMagic = "\x93NUMPY";
/// Far more than any array needs; NumPy itself stops reading at 10,000.
constexpr size_t kMaxDictionary = 1 << 16;

Error fail(const Twine &message) { return createStringError(inconvertibleErrorCode(), message); }

/// A cursor over the dictionary.
class Parser {
public:
  explicit Parser(StringRef text) : rest(text) {}

  bool consume(StringRef token) {
    rest = rest.ltrim(" \n");
    return rest.consume_front(token);
  }

  bool atEnd() { return rest.ltrim(" \n").empty(); }

  Expected<StringRef> parseString() {
    rest = rest.ltrim(" \n");
    const size_t end = rest.empty() ? StringRef::npos : rest.find(rest.front(), 1);
    if (end == StringRef::npos || (rest.front() != '\'' && rest.front() != '"'))
      return malformed("a string");
    StringRef text = rest.slice(1, end);
    rest = rest.drop_front(end + 1);
    return text;
  }

  Expected<std::vector<int64_t>> parseShape() {
    std::vector<int64_t> shape;
    if (!consume("("))
      return malformed("'('");
    while (!consume(")")) {
      rest = rest.ltrim(" \n");
      uint64_t extent;
      if (rest.empty() || !isDigit(rest.front()))
        return malformed("an extent");
      if (rest.consumeInteger(10, extent) || extent > uint64_t(INT64_MAX))
        return fail("an extent of the shape is out of range");
      shape.push_back(static_cast<int64_t>(extent));
      // A comma is optional only behind the last of several.
      if (!consume(",") && (shape.size() < 2 || !rest.ltrim(" \n").starts_with(")")))
        return malformed("','");
    }
    return shape;
  }

  Error malformed(const Twine &expected) {
    std::string got;
    for (char c : rest.ltrim(" \n").take_front(16))
      got += isPrint(c) ? c : '?';
    return fail("malformed array header: expected " + expected + ", got '" + got + "'");
  }

private:
  StringRef rest;
};

Expected<DType> parseDescr(StringRef text) {
  const StringRef order = text.take_front(1), code = text.drop_front(order.size());
  for (const DTypeRow &row : rows) {
    if (code != row.code)
      continue;
    if (order == "<" || (order == "|" && row.bytes == 1))
      return row.dtype;
    if (order == ">")
      return fail("big-endian arrays are not supported");
  }
  std::string shown;
  for (char c : text.take_front(32))
    shown += isPrint(c) ? c : '?';
  return fail("unsupported element type '" + shown + "'");
}

Error countElements(NpyHeader &header) {
  header.elementCount = 1;
  for (int64_t extent : header.shape)
    if (MulOverflow(header.elementCount, extent, header.elementCount))
      return fail("the array's size overflows");
  int64_t bytes;
  if (MulOverflow(header.elementCount, getElementBytes(header.dtype), bytes))
    return fail("the array's size overflows");
  return Error::success();
}

} // namespace

int64_t getElementBytes(DType dtype) { return getRow(dtype).bytes; }

StringRef getName(DType dtype) { return getRow(dtype).name; }

Expected<NpyPreamble> parseNpyPreamble(StringRef bytes) {
  if (!bytes.starts_with(kMagic) || bytes.size() < kMagic.size() + 4)
    return fail("not an .npy array");
  const int major = bytes[6], minor = bytes[7];
  if (major < 1 || major > 3 || minor != 0)
    return fail("unsupported .npy version " + Twine(major & 255) + "." + Twine(minor & 255));
  NpyPreamble preamble;
  if (major == 1) {
    preamble = {10, support::endian::read16le(bytes.data() + 8)};
  } else {
    if (bytes.size() < 12)
      return fail("not an .npy array");
    preamble = {12, support::endian::read32le(bytes.data() + 8)};
  }
  if (preamble.dictionaryBytes > kMaxDictionary)
    return fail("the array's header is too long");
  return preamble;
}

Expected<NpyHeader> parseNpyDictionary(StringRef text) {
  Parser parser(text);
  NpyHeader header;
  bool haveDescr = false, haveOrder = false, haveShape = false;
  if (!parser.consume("{"))
    return parser.malformed("'{'");
  while (!parser.consume("}")) {
    Expected<StringRef> key = parser.parseString();
    if (!key)
      return key.takeError();
    if (!parser.consume(":"))
      return parser.malformed("':'");
    if (*key == "descr" && !haveDescr) {
      haveDescr = true;
      // A structured array has a list here.
      Expected<StringRef> descr = parser.parseString();
      if (!descr)
        return descr.takeError();
      Expected<DType> dtype = parseDescr(*descr);
      if (!dtype)
        return dtype.takeError();
      header.dtype = *dtype;
    } else if (*key == "fortran_order" && !haveOrder) {
      haveOrder = true;
      if (parser.consume("True"))
        return fail("the array is in Fortran order: save numpy.ascontiguousarray of it");
      if (!parser.consume("False"))
        return parser.malformed("True or False");
    } else if (*key == "shape" && !haveShape) {
      haveShape = true;
      Expected<std::vector<int64_t>> shape = parser.parseShape();
      if (!shape)
        return shape.takeError();
      header.shape = std::move(*shape);
    } else {
      return fail("malformed array header: unexpected or repeated key");
    }
    if (!parser.consume(",")) {
      if (!parser.consume("}"))
        return parser.malformed("',' or '}'");
      break;
    }
  }
  if (!parser.atEnd())
    return parser.malformed("the end");
  if (!haveDescr || !haveOrder || !haveShape)
    return fail("malformed array header: expected the keys descr, fortran_order and shape");
  if (Error error = countElements(header))
    return error;
  return header;
}

std::string printNpyHeader(DType dtype, ArrayRef<int64_t> shape) {
  const DTypeRow &row = getRow(dtype);
  std::string text = "{'descr': '";
  text += row.bytes == 1 ? '|' : '<';
  text += row.code;
  text += "', 'fortran_order': False, 'shape': (";
  for (auto [i, extent] : enumerate(shape))
    text += (i ? " " : "") + std::to_string(extent) + (i + 1 < shape.size() || i == 0 ? "," : "");
  text += "), }";
  // The newline ends a multiple of 64 bytes.
  text.append(63 - (10 + text.size()) % 64, ' ');
  text += '\n';
  char length[2];
  support::endian::write16le(length, static_cast<uint16_t>(text.size()));
  std::string bytes(kMagic);
  bytes += {1, 0, length[0], length[1]};
  return bytes + text;
}

} // namespace octet::npz

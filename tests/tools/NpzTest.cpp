// .npz files: what NumPy writes is read, and what lies is refused.

#include "tools/npz/Npz.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gtest/gtest.h"

#include <cstring>
#include <numeric>
#include <zip.h>

using namespace llvm;
using namespace octet::npz;

namespace {

std::string messageOf(Error error) { return toString(std::move(error)); }
template <typename T>
std::string messageOf(Expected<T> value) {
  return value ? "success" : toString(value.takeError());
}

class NpzTest : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(sys::fs::createUniqueDirectory("octet-npz", folder));
    path = (folder + "/data.npz").str();
  }
  void TearDown() override { sys::fs::remove_directories(folder); }

  /// Writes entries as they are, with libzip itself.
  void writeRaw(ArrayRef<std::pair<std::string, std::string>> entries, bool deflate = false) {
    zip_t *archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
    for (const auto &[name, bytes] : entries) {
      zip_source_t *source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
      const zip_int64_t index = zip_file_add(archive, name.c_str(), source, 0);
      ASSERT_GE(index, 0);
      zip_set_file_compression(archive, index, deflate ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
    }
    ASSERT_EQ(zip_close(archive), 0);
  }

  std::string fileBytes() { return (*MemoryBuffer::getFile(path))->getBuffer().str(); }
  void setFileBytes(StringRef bytes) {
    sys::fs::remove(path);
    std::error_code error;
    raw_fd_ostream(path, error) << bytes;
    ASSERT_FALSE(error);
  }

  /// The message for array `x` of a file that holds just these bytes.
  std::string messageFor(const std::string &npy) {
    writeRaw({{"x.npy", npy}});
    Expected<std::unique_ptr<Reader>> reader = Reader::open(path);
    return reader ? messageOf((*reader)->find("x")) : messageOf(reader.takeError());
  }
  std::string prefix() { return path + ": array 'x': "; }

  SmallString<128> folder;
  std::string path;
};

std::string npy(const std::string &dictionary, const std::string &data, char major = 1) {
  std::string bytes = "\x93NUMPY";
  bytes += {major, 0, static_cast<char>(dictionary.size() & 255),
            static_cast<char>(dictionary.size() >> 8)};
  if (major > 1)
    bytes += {0, 0};
  return bytes + dictionary + data;
}

std::string dictionary(const std::string &descr, const std::string &shape) {
  return "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
}

TEST_F(NpzTest, RoundTrip) {
  std::vector<float> floats(7 * 3 * 5);
  std::iota(floats.begin(), floats.end(), 0.5f);
  const int64_t labels[7] = {3, 1, 4, 1, 5, -9, 2};
  const uint8_t scalar = 200;
  for (Compression compression : {Compression::Stored, Compression::Deflate}) {
    auto writer = cantFail(Writer::create(path, compression));
    cantFail(writer->add("a/../b:0", DType::F32, {7, 3, 5}, floats.data()));
    cantFail(writer->add("labels", DType::I64, {7}, labels));
    cantFail(writer->add("scalar", DType::U8, {}, &scalar));
    cantFail(writer->add("empty", DType::F64, {0, 4}, nullptr));
    EXPECT_FALSE(sys::fs::exists(path) && compression == Compression::Stored);
    cantFail(writer->close());

    auto reader = cantFail(Reader::open(path));
    EXPECT_EQ(reader->names(), (std::vector<std::string>{"a/../b:0", "labels", "scalar", "empty"}));
    const Array *array = cantFail(reader->find("a/../b:0"));
    EXPECT_EQ(array->dtype, DType::F32);
    EXPECT_EQ(array->shape, (std::vector<int64_t>{7, 3, 5}));
    EXPECT_EQ(array->getSliceBytes(), 60);
    std::vector<float> all(105);
    cantFail(reader->readAll("a/../b:0", all.data()));
    EXPECT_EQ(all, floats);

    // Interleaved, forward, with gaps, and back.
    int64_t label;
    for (int64_t first : {0, 1, 4, 6, 2, 6, 6, 0}) {
      std::vector<float> slice(15);
      cantFail(reader->read("a/../b:0", first, 1, slice.data()));
      EXPECT_EQ(slice,
                std::vector<float>(floats.begin() + first * 15, floats.begin() + (first + 1) * 15));
      cantFail(reader->read("labels", first, 1, &label));
      EXPECT_EQ(label, labels[first]);
    }
    uint8_t value = 0;
    cantFail(reader->readAll("scalar", &value));
    EXPECT_EQ(value, 200);
    cantFail(reader->readAll("empty", nullptr));
    EXPECT_EQ(cantFail(reader->find("empty"))->bytes, 0);

    EXPECT_EQ(messageOf(reader->read("labels", 5, 3, all.data())),
              path + ": array 'labels': there is no sample 7");
    EXPECT_EQ(messageOf(reader->read("labels", 9, 1, all.data())),
              path + ": array 'labels': there is no sample 9");
    EXPECT_EQ(messageOf(reader->find("labelz")), path + ": there is no array 'labelz'");
    EXPECT_FALSE(reader->contains("labelz"));
    sys::fs::remove(path);
  }
}

TEST_F(NpzTest, EqualContentsGiveEqualBytes) {
  const float value[2] = {1, 2};
  std::string first;
  for (int i = 0; i < 2; ++i) {
    auto writer = cantFail(Writer::create(path, Compression::Deflate));
    cantFail(writer->add("x", DType::F32, {2}, value));
    cantFail(writer->close());
    if (i == 0)
      first = fileBytes();
  }
  EXPECT_EQ(first, fileBytes());
}

TEST_F(NpzTest, UnfinishedWriterLeavesNothing) {
  {
    auto writer = cantFail(Writer::create(path, Compression::Stored));
    const float value = 1;
    cantFail(writer->add("x", DType::F32, {1}, &value));
  }
  EXPECT_FALSE(sys::fs::exists(path));
  auto writer = cantFail(Writer::create((folder + "/none/x.npz").str(), Compression::Stored));
  const float value = 1;
  cantFail(writer->add("x", DType::F32, {1}, &value));
  EXPECT_NE(messageOf(writer->close()), "");
}

TEST_F(NpzTest, ElementTypes) {
  const std::pair<const char *, DType> types[] = {
      {"<f2", DType::F16}, {"<f4", DType::F32}, {"<f8", DType::F64}, {"|i1", DType::I8},
      {"<i2", DType::I16}, {"<i4", DType::I32}, {"<i8", DType::I64}, {"|u1", DType::U8},
      {"<u2", DType::U16}, {"<u4", DType::U32}, {"<u8", DType::U64}, {"|b1", DType::Bool}};
  for (const auto &[descr, dtype] : types) {
    const std::string data(2 * getElementBytes(dtype), 'x');
    for (char major : {1, 2, 3}) {
      writeRaw({{"x.npy", npy(dictionary(descr, "(2,)"), data, major)}}, true);
      auto reader = cantFail(Reader::open(path));
      const Array *array = cantFail(reader->find("x"));
      EXPECT_EQ(array->dtype, dtype);
      std::string read(data.size(), 0);
      cantFail(reader->readAll("x", read.data()));
      EXPECT_EQ(read, data);
    }
    EXPECT_TRUE(StringRef(printNpyHeader(dtype, {2})).contains(std::string("'") + descr + "'"));
  }
}

TEST_F(NpzTest, HeaderVariants) {
  EXPECT_EQ(messageFor(npy("{\"shape\":(2 , 1),\"descr\":\"|u1\", 'fortran_order' :False}", "ab")),
            "success");
  EXPECT_EQ(messageFor(npy(dictionary("|u1", "()"), "a")), "success");
  EXPECT_EQ(messageFor(npy(dictionary("|u1", "(0, 3)"), "")), "success");
}

TEST_F(NpzTest, RefusesHeaders) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "not an .npy array"},
      {"PK\3\4 and so on, longer than a header", "not an .npy array"},
      {std::string("\x93NUMPY\1\0\x10", 9), "not an .npy array"},
      {npy(dictionary("|u1", "(1,)"), "a", 4), "unsupported .npy version 4.0"},
      {std::string("\x93NUMPY\2\0\xff\xff\xff\xff", 12), "the array's header is too long"},
      {std::string("\x93NUMPY\1\0\xff\x00{'descr", 17), "unexpected end of data"},
      {npy(dictionary(">f4", "(1,)"), "abcd"), "big-endian arrays are not supported"},
      {npy(dictionary("|O", "(1,)"), "abcd"), "unsupported element type '|O'"},
      {npy(dictionary("<c8", "(1,)"), "abcdabcd"), "unsupported element type '<c8'"},
      {npy(dictionary("<U4", "(1,)"), "abcd"), "unsupported element type '<U4'"},
      {npy(dictionary("", "(1,)"), "abcd"), "unsupported element type ''"},
      {npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "abcd"),
       "malformed array header: expected a string, got '[('a', '<f4')], '"},
      {npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2)}", "0123456789abcdef"),
       "the array is in Fortran order: save numpy.ascontiguousarray of it"},
      {npy("{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 2)}", ""),
       "malformed array header: expected True or False, got '0, 'shape': (2, '"},
      {npy("{'descr': '<f4', 'shape': (2, 2)}", ""),
       "malformed array header: expected the keys descr, fortran_order and shape"},
      {npy("{'descr': '<f4', 'descr': '<f4'}", ""),
       "malformed array header: unexpected or repeated key"},
      {npy("{'descr': '<f4', 'extra': 1}", ""),
       "malformed array header: unexpected or repeated key"},
      {npy(dictionary("<f4", "(1,)") + "garbage", ""),
       "malformed array header: expected the end, got 'garbage'"},
      {npy("", ""), "malformed array header: expected '{', got ''"},
      {npy("{'descr", ""), "malformed array header: expected a string, got ''descr'"},
      {npy("{", ""), "malformed array header: expected a string, got ''"},
      {npy("{'shape'", ""), "malformed array header: expected ':', got ''"},
      {npy("{'shape': (", ""), "malformed array header: expected an extent, got ''"},
      {npy(dictionary("<f4", "(2)"), ""), "malformed array header: expected ',', got '), }?'"},
      {npy(dictionary("<f4", "(-1,)"), ""),
       "malformed array header: expected an extent, got '-1,), }?'"},
      {npy(dictionary("<f4", "(2.5,)"), ""),
       "malformed array header: expected ',', got '.5,), }?'"},
      {npy(dictionary("<f4", "(9223372036854775808,)"), ""),
       "an extent of the shape is out of range"},
      {npy(dictionary("<f4", "(99999999999999999999999,)"), ""),
       "an extent of the shape is out of range"},
      {npy(dictionary("<f4", "(4294967296, 4294967296)"), ""), "the array's size overflows"},
      {npy(dictionary("<f4", "(4611686018427387904,)"), ""), "the array's size overflows"},
      {npy(dictionary("<f4", "(1000000000000,)"), "abcd"),
       "expected 4000000000000 bytes of elements, got 4"},
      {npy(dictionary("<f4", "(1,)"), "abc"), "expected 4 bytes of elements, got 3"},
      {npy(dictionary("<f4", "(1,)"), "abcde"), "expected 4 bytes of elements, got 5"},
  };
  for (const auto &[bytes, message] : cases)
    EXPECT_EQ(messageFor(bytes), prefix() + message);
}

TEST_F(NpzTest, EveryTruncationFails) {
  const std::vector<float> values(50, 1.5f);
  auto writer = cantFail(Writer::create(path, Compression::Deflate));
  cantFail(writer->add("x", DType::F32, {50}, values.data()));
  cantFail(writer->close());
  const std::string whole = fileBytes();
  for (size_t size = 0; size < whole.size(); ++size) {
    setFileBytes(whole.substr(0, size));
    EXPECT_NE(messageOf(Reader::open(path)), "success") << size;
  }
}

// No flipped byte may crash or hang, nor change data without an error.
TEST_F(NpzTest, FlippedBytes) {
  std::vector<float> values(50);
  std::iota(values.begin(), values.end(), 0.0f);
  for (Compression compression : {Compression::Stored, Compression::Deflate}) {
    auto writer = cantFail(Writer::create(path, compression));
    cantFail(writer->add("x", DType::F32, {50}, values.data()));
    cantFail(writer->close());
    const std::string whole = fileBytes();
    for (size_t i = 0; i < whole.size(); ++i)
      for (int mask : {1, 0xff}) {
        std::string bytes = whole;
        bytes[i] = static_cast<char>(bytes[i] ^ mask);
        setFileBytes(bytes);
        Expected<std::unique_ptr<Reader>> reader = Reader::open(path);
        if (!reader) {
          consumeError(reader.takeError());
          continue;
        }
        Expected<const Array *> array = (*reader)->find("x");
        if (!array) {
          consumeError(array.takeError());
          continue;
        }
        ASSERT_EQ((*array)->bytes, 200);
        std::vector<float> read(50);
        Error error = (*reader)->readAll("x", read.data());
        // Sign or type of an element may change the header into another valid one.
        if (!error && (*array)->dtype == DType::F32) {
          EXPECT_EQ(read, values) << "byte " << i;
        }
        consumeError(std::move(error));
      }
  }
}

/// Overwrites a 32-bit field at `offset` behind every occurrence of `signature`.
void patch(std::string &bytes, StringRef signature, size_t offset, uint32_t value) {
  for (size_t at = bytes.find(signature); at != std::string::npos;
       at = bytes.find(signature, at + 4))
    std::memcpy(&bytes[at + offset], &value, 4);
}

TEST_F(NpzTest, DirectoryLiesAboutSizes) {
  const std::string dict = dictionary("|u1", "(1000000000,)");
  const std::string claimed = npy(dict, "");
  const uint32_t lie = static_cast<uint32_t>(claimed.size() + 1000000000);
  for (bool deflate : {false, true}) {
    writeRaw({{"x.npy", npy(dict, std::string(5000, 'a'))}}, deflate);
    std::string bytes = fileBytes();
    patch(bytes, StringRef("PK\3\4"), 22, lie);
    patch(bytes, StringRef("PK\1\2"), 24, lie);
    if (!deflate) {
      patch(bytes, StringRef("PK\3\4"), 18, lie);
      patch(bytes, StringRef("PK\1\2"), 20, lie);
    }
    setFileBytes(bytes);
    Expected<std::unique_ptr<Reader>> reader = Reader::open(path);
    if (!reader) {
      consumeError(reader.takeError());
      continue;
    }
    char buffer[4096];
    Error good = (*reader)->read("x", 0, 4096, buffer);
    consumeError(std::move(good));
    std::string message = messageOf((*reader)->read("x", 4096, 4096, buffer));
    EXPECT_TRUE(StringRef(message).starts_with(prefix())) << message;
  }
}

// A deflated entry that is longer than header and directory agree on.
TEST_F(NpzTest, StreamLongerThanPromised) {
  const std::string dict = dictionary("|u1", "(100,)");
  writeRaw({{"x.npy", npy(dict, std::string(5000, 'a'))}}, true);
  std::string bytes = fileBytes();
  const auto lie = static_cast<uint32_t>(npy(dict, "").size() + 100);
  patch(bytes, StringRef("PK\3\4"), 22, lie);
  patch(bytes, StringRef("PK\1\2"), 24, lie);
  setFileBytes(bytes);
  Expected<std::unique_ptr<Reader>> reader = Reader::open(path);
  ASSERT_TRUE(static_cast<bool>(reader)) << messageOf(reader.takeError());
  char buffer[100];
  EXPECT_NE(messageOf((*reader)->readAll("x", buffer)), "");
}

TEST_F(NpzTest, OtherEntriesAndDuplicates) {
  writeRaw({{"README.txt", "hello"},
            {"bad.npy", "not an array"},
            {"x.npy", npy(dictionary("|u1", "(1,)"), "a")}});
  auto reader = cantFail(Reader::open(path));
  EXPECT_EQ(reader->names(), (std::vector<std::string>{"bad", "x"}));
  // A bad array only matters to those who want it.
  EXPECT_EQ(messageOf(reader->find("x")), "success");
  EXPECT_EQ(messageOf(reader->find("bad")), path + ": array 'bad': not an .npy array");
  char byte;
  EXPECT_EQ(messageOf(reader->readAll("bad", &byte)), path + ": array 'bad': not an .npy array");

  writeRaw({{"x.npy", npy(dictionary("|u1", "(1,)"), "a")},
            {"y.npy", npy(dictionary("|u1", "(1,)"), "b")}});
  std::string bytes = fileBytes();
  for (size_t at = bytes.find("y.npy"); at != std::string::npos; at = bytes.find("y.npy"))
    bytes[at] = 'x';
  setFileBytes(bytes);
  EXPECT_EQ(messageOf(Reader::open(path)), prefix() + "there are two arrays of this name");
}

TEST_F(NpzTest, NotAnArchive) {
  EXPECT_EQ(messageOf(Reader::open(path)), path + ": No such file");
  setFileBytes("hello");
  EXPECT_EQ(messageOf(Reader::open(path)), path + ": Not a zip archive");
  EXPECT_NE(messageOf(Reader::open(folder)), "success");
}

} // namespace

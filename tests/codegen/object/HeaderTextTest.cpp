// Headers of models: compiled as C and as C++, with names that want to break them.

#include "codegen/object/HeaderText.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

using namespace octet::codegen;

namespace {

class HeaderText : public testing::Test {
protected:
  mlir::RankedTensorType type(llvm::ArrayRef<int64_t> shape, mlir::Type element) {
    return mlir::RankedTensorType::get(shape, element);
  }

  void write(llvm::StringRef name, llvm::StringRef text) {
    std::error_code error;
    llvm::raw_fd_ostream((folder + "/" + name).str(), error) << text;
    ASSERT_FALSE(error);
  }

  /// Compiles a program in the folder strictly; returns the compiler's exit status.
  int compile(llvm::StringRef source, llvm::StringRef compiler, llvm::StringRef standard) {
    const std::string path = (folder + "/" + source).str(), include = ("-I" + folder).str();
    llvm::StringRef arguments[] = {
        compiler,  standard, "-fsyntax-only",      "-Wall", "-Wextra", "-Wpedantic",
        "-Werror", include,  "-I" RUNTIME_INCLUDE, path};
    return llvm::sys::ExecuteAndWait(compiler, arguments);
  }

  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("octet-header", folder));
  }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }

  mlir::MLIRContext context;
  mlir::Builder b{&context};
  llvm::SmallString<128> folder;
};

TEST_F(HeaderText, Identifiers) {
  EXPECT_EQ(makeIdentifier("resnet8-cifar10"), "resnet8_cifar10");
  EXPECT_EQ(makeIdentifier("0"), "_0");
  EXPECT_EQ(makeIdentifier(""), "_");
  EXPECT_EQ(makeIdentifier("a/b:0 */"), "a_b_0___");
}

TEST_F(HeaderText, OrdinaryModel) {
  ModelInfo info;
  info.name = "mnist";
  info.target = "x86-64-v3";
  info.arenaBytes = 4096;
  info.inputs = {{"image", type({1, 1, 28, 28}, b.getF32Type()), ""}};
  info.outputs = {{"scores", type({1, 10}, b.getF32Type()), ""}};
  info.outputs.push_back({"scores.count", type({}, b.getI64Type()), ""});
  info.extents = {{0, 1, 1}};
  const std::string text = printHeader(info);
  for (const char *line : {
           "const octet_model *mnist_model(void);\n",
           "#define MNIST_ARENA_BYTES 4096\n",
           "#define MNIST_INPUT_0_RANK 4\n",
           "#define MNIST_INPUT_0_DIM_3 28\n",
           "#define MNIST_INPUT_0_ELEMENTS 784\n",
           "#define MNIST_INPUT_0_BYTES 3136\n",
           "#define MNIST_OUTPUT_0_ELEMENTS 10\n",
           "/* output 0: along dimension 1 as many places are used as output 1 says */\n",
           "    const float *in_image,\n    float *out_scores,\n    int64_t *out_scores_count) {\n",
       })
    EXPECT_NE(text.find(line), std::string::npos) << line << "\nin\n" << text;
}

// Two models in one program, one of them with everything that is odd.
TEST_F(HeaderText, CompilesAsCAndCxx) {
  ModelInfo plain, odd;
  plain.name = "plain";
  plain.outputs = {{"y", type({}, b.getF64Type()), ""}};
  odd.name = "_2odd";
  odd.target = "*/ #error \n";
  const mlir::Type types[] = {b.getI1Type(),
                              b.getF16Type(),
                              b.getBF16Type(),
                              b.getI8Type(),
                              b.getI16Type(),
                              b.getI32Type(),
                              b.getI64Type(),
                              b.getF32Type(),
                              b.getIntegerType(8, false),
                              b.getIntegerType(16, false),
                              b.getIntegerType(32, false),
                              b.getIntegerType(64, false)};
  const char *names[] = {"class",    "0",  "x/1",    "x:1", "x_1",   "*/",
                         "\n#error", "\\", "inputs", "",    "?\\?/", "context"};
  for (auto [element, name] : llvm::zip_equal(types, names)) {
    odd.inputs.push_back({name, type({2, 3}, element), ""});
    odd.outputs.push_back({name, type({2, 3}, element), ""});
  }
  write("plain.h", printHeader(plain));
  write("odd.h", printHeader(odd));
  const char *program = "#include \"odd.h\"\n#include \"plain.h\"\n#include \"odd.h\"\n"
                        "double result;\n"
                        "float data[_2ODD_INPUT_7_ELEMENTS];\n"
                        "int main(void) {\n"
                        "  octet_context *context;\n"
                        "  if (plain_create(0, &context) != OCTET_OK) return 1;\n"
                        "  octet_status status = plain_run(context, &result);\n"
                        "  plain_destroy(context);\n"
                        "  return !plain_status_message(status);\n}\n";
  write("program.c", program);
  write("program.cpp", program);
  EXPECT_EQ(compile("program.c", C_COMPILER, "-std=c99"), 0);
  EXPECT_EQ(compile("program.c", C_COMPILER, "-std=c17"), 0);
  EXPECT_EQ(compile("program.cpp", CXX_COMPILER, "-std=c++11"), 0);
  EXPECT_EQ(compile("program.cpp", CXX_COMPILER, "-std=c++20"), 0);
}

} // namespace

// Imports whole trained networks, where they exist beside the repository, and lets
// the reference evaluator compute what ONNX Runtime computed for them.

#include "dialect/Octet.h"
#include "dialect/reference/Compare.h"
#include "dialect/reference/Evaluate.h"
#include "frontend/DiagnosticPrinter.h"
#include "frontend/Import.h"
#include "tools/npz/Samples.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace octet;

namespace {

struct Model {
  const char *name;
  /// As for --shape; null where the model needs none.
  const char *shape;
  /// Type of the first result.
  const char *result;
};

std::ostream &operator<<(std::ostream &stream, const Model &model) { return stream << model.name; }

class ImportModel : public testing::TestWithParam<Model> {};

npz::TensorSpec getSpec(Type type, Attribute name) {
  auto tensor = cast<RankedTensorType>(type);
  npz::DType dtype = tensor.getElementType().isF32() ? npz::DType::F32 : npz::DType::I64;
  return {cast<StringAttr>(name).str(), dtype, tensor.getShape().vec()};
}

// The first sample of the golden file, all outputs.
void compareWithGolden(func::FuncOp main, StringRef path) {
  constexpr double kLeastDecibels = 90.0;
  std::vector<npz::TensorSpec> inputs, outputs;
  for (auto [i, type] : llvm::enumerate(main.getArgumentTypes()))
    inputs.push_back(getSpec(type, main.getArgAttr(i, "octet.name")));
  for (auto [i, type] : llvm::enumerate(main.getResultTypes()))
    outputs.push_back(getSpec(type, main.getResultAttr(i, "octet.name")));
  auto samples = npz::Samples::open(path, inputs);
  ASSERT_TRUE(bool(samples)) << llvm::toString(samples.takeError());
  SmallVector<reference::Tensor> arguments;
  for (auto [i, type] : llvm::enumerate(main.getArgumentTypes())) {
    reference::Tensor tensor(cast<RankedTensorType>(type));
    ASSERT_FALSE(bool(samples->read(0, i, tensor.bytes().data())));
    arguments.push_back(tensor);
  }
  auto results = reference::evaluate(main, arguments);
  ASSERT_TRUE(succeeded(results));
  auto golden = npz::Samples::open(path, outputs, "out:");
  ASSERT_TRUE(bool(golden)) << llvm::toString(golden.takeError());
  for (auto [i, result] : llvm::enumerate(*results)) {
    reference::Tensor expected(result.getType());
    ASSERT_FALSE(bool(golden->read(0, i, expected.bytes().data())));
    EXPECT_GE(
        reference::getSqnr(expected.as<float>().data(), result.as<float>().data(), result.size()),
        kLeastDecibels)
        << outputs[i].name;
  }
}

TEST_P(ImportModel, ImportsAndEvaluates) {
  SmallString<128> path(OCTET_MODELS);
  llvm::sys::path::append(path, GetParam().name, "model.onnx");
  if (!llvm::sys::fs::exists(path))
    GTEST_SKIP() << "no " << path.c_str();
  MLIRContext context;
  std::string text;
  llvm::raw_string_ostream stream(text);
  DiagnosticPrinter printer(&context, "test", path, stream);
  ImportOptions options;
  if (GetParam().shape) {
    auto shape = parseShapeOverride(GetParam().shape);
    ASSERT_TRUE(shape);
    options.shapes.push_back(*shape);
  }
  auto module = importOnnx(context, path, options);
  ASSERT_TRUE(succeeded(module)) << text;
  EXPECT_EQ(printer.getErrorCount(), 0) << text;
  auto main = (*module)->lookupSymbol<func::FuncOp>("main");
  ASSERT_TRUE(main);
  std::string type;
  llvm::raw_string_ostream(type) << main.getResultTypes().front();
  EXPECT_EQ(type, GetParam().result);
  llvm::sys::path::remove_filename(path);
  llvm::sys::path::append(path, "golden.npz");
  compareWithGolden(main, path);
}

INSTANTIATE_TEST_SUITE_P(Shared, ImportModel,
                         testing::Values(Model{"ad01", nullptr, "tensor<1x640xf32>"},
                                         Model{"kws-dscnn", nullptr, "tensor<1x12xf32>"},
                                         Model{"mnist-cntk", nullptr, "tensor<1x10xf32>"},
                                         Model{"mnist-torch", nullptr, "tensor<1x10xf32>"},
                                         Model{"mobilenetv1-025", nullptr, "tensor<1x1000xf32>"},
                                         Model{"mobilenetv2", nullptr, "tensor<1x1000xf32>"},
                                         Model{"mobilenetv3s-cifar10", nullptr, "tensor<1x10xf32>"},
                                         Model{"ppocr-det", "x=1x3x320x320",
                                               "tensor<1x1x320x320xf32>"},
                                         Model{"resnet18-cifar10", nullptr, "tensor<1x10xf32>"},
                                         Model{"resnet8-cifar10", nullptr, "tensor<1x10xf32>"},
                                         Model{"squeezenet10", nullptr, "tensor<1x1000x1x1xf32>"},
                                         Model{"stories260k", nullptr, "tensor<1x128x512xf32>"},
                                         Model{"superres", nullptr, "tensor<1x1x672x672xf32>"},
                                         Model{"ultraface-rfb320", nullptr, "tensor<1x4420x2xf32>"},
                                         Model{"vit-cifar10", nullptr, "tensor<1x10xf32>"},
                                         Model{"vww96", nullptr, "tensor<1x2xf32>"},
                                         Model{"yunet-n", nullptr, "tensor<1x1600x1xf32>"}),
                         [](const testing::TestParamInfo<Model> &info) {
                           std::string name = info.param.name;
                           llvm::erase_if(name, [](char c) { return c == '-'; });
                           return name;
                         });

} // namespace

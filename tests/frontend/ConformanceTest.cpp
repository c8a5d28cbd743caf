// The ONNX project's own test cases (Debian: libonnx-testdata), through importer
// and reference evaluator. Every case whose ops have rows in the op table has to
// import and give the stored results, but for the ones listed here with a reason.

#include "dialect/Octet.h"
#include "dialect/reference/Evaluate.h"
#include "frontend/DiagnosticPrinter.h"
#include "frontend/OpTable.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "gtest/gtest.h"

#include <cmath>
#include <fstream>
#include <set>

using namespace mlir;
using namespace octet;

namespace {

struct Exception {
  /// Start of the case's name.
  const char *prefix;
  const char *reason;
};

constexpr Exception kExceptions[] = {
    {"test_averagepool_3d", "three spatial dimensions"},
    {"test_batchnorm_epsilon_training_mode", "training"},
    {"test_batchnorm_example_training_mode", "training"},
    {"test_cast_BFLOAT16_to_FLOAT", "stored as uint16"},
    {"test_cast_FLOAT_to_BFLOAT16", "stored as uint16"},
    {"test_cast_FLOAT_to_STRING", "strings"},
    {"test_cast_STRING_to_FLOAT", "strings"},
    {"test_castlike_BFLOAT16_to_FLOAT_expanded", "stored as uint16"},
    {"test_castlike_FLOAT_to_BFLOAT16_expanded", "stored as uint16"},
    {"test_castlike_FLOAT_to_STRING_expanded", "strings"},
    {"test_castlike_STRING_to_FLOAT_expanded", "strings"},
    {"test_convtranspose_3d", "three spatial dimensions"},
    {"test_dropout_default_mask", "mask as a result"},
    {"test_maxpool_2d_uint8", "pooling of integers"},
    {"test_maxpool_3d", "three spatial dimensions"},
    {"test_maxpool_with_argmax", "indices as a result"},
    {"test_resize_downsample_scales_cubic", "cubic resize"},
    // The stored result scales by the rounded extent, runtimes by the exact one.
    {"test_resize_downsample_scales_linear_align_corners", "disputed result"},
    {"test_resize_downsample_sizes_cubic", "cubic resize"},
    {"test_resize_downsample_sizes_nearest_tf_half_pixel_for_nn", "unusual coordinates"},
    {"test_resize_tf_crop_and_resize", "unusual coordinates"},
    {"test_resize_upsample_scales_cubic", "cubic resize"},
    {"test_resize_upsample_sizes_cubic", "cubic resize"},
    {"test_training_dropout", "training"},
};

const char *findException(StringRef name) {
  for (const Exception &exception : kExceptions)
    if (name.starts_with(exception.prefix))
      return exception.reason;
  return nullptr;
}

template <typename Message>
bool readMessage(StringRef path, Message &message) {
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, false);
  return file && message.ParseFromArray((*file)->getBufferStart(),
                                        static_cast<int>((*file)->getBufferSize()));
}

std::vector<std::string> listFolder(StringRef path) {
  std::vector<std::string> names;
  std::error_code error;
  for (llvm::sys::fs::directory_iterator it(path, error), end; it != end && !error;
       it.increment(error))
    names.push_back(it->path());
  llvm::sort(names);
  return names;
}

class Case {
public:
  Case(StringRef folder, StringRef scratch) : folder(folder), scratch(scratch) {}

  /// Why the case cannot be run here; empty where it can.
  std::string prepare() {
    if (!readMessage(folder + "/model.onnx", model))
      return "model does not parse";
    std::string data = folder + "/test_data_set_0";
    std::set<std::string> constants;
    for (const onnx::TensorProto &tensor : model.graph().initializer())
      constants.insert(tensor.name());
    int file = 0;
    for (const onnx::ValueInfoProto &input : model.graph().input()) {
      if (constants.count(input.name()))
        continue;
      onnx::TensorProto tensor;
      if (!input.type().has_tensor_type() ||
          !readMessage(data + "/input_" + std::to_string(file++) + ".pb", tensor))
        return "an input is no tensor";
      tensor.set_name(input.name());
      inputs.push_back(tensor);
    }
    for (int i = 0; i < model.graph().output_size(); ++i) {
      onnx::TensorProto tensor;
      if (!readMessage(data + "/output_" + std::to_string(i) + ".pb", tensor))
        return "an output is no tensor";
      outputs.push_back(tensor);
    }
    // Many old cases mean the same in the oldest opset that is understood; where
    // they do not, import fails and they do not count.
    for (onnx::OperatorSetIdProto &set : *model.mutable_opset_import())
      if (set.version() < kOldestOpset) {
        set.set_version(kOldestOpset);
        promoted = true;
      }
    for (const onnx::NodeProto &node : model.graph().node()) {
      bool known;
      int64_t version = kNewestOpset;
      for (const onnx::OperatorSetIdProto &set : model.opset_import())
        if (set.domain() == node.domain())
          version = set.version();
      if (!findRow(getDomain(node), node.op_type(), version, known))
        return "op " + node.op_type();
    }
    return "";
  }

  bool isPromoted() const { return promoted; }

  /// Runs the case and gives what went wrong. Many cases feed shapes and axes as
  /// inputs; those behind the first `live` ones become initializers.
  std::string run(size_t live) {
    live = std::min(live, inputs.size());
    MLIRContext context;
    std::string text;
    llvm::raw_string_ostream stream(text);
    DiagnosticPrinter printer(&context, "test", "", stream);
    onnx::ModelProto copy = model;
    for (size_t i = live; i < inputs.size(); ++i)
      *copy.mutable_graph()->add_initializer() = inputs[i];
    std::string path = scratch + "/model.onnx";
    std::ofstream(path, std::ios::binary) << copy.SerializeAsString();
    ImportOptions options;
    for (size_t i = 0; i < live; ++i)
      options.shapes.push_back(
          {inputs[i].name(), {inputs[i].dims().begin(), inputs[i].dims().end()}});
    auto module = importOnnx(context, path, options);
    if (failed(module))
      return "import: " + text;
    SmallVector<reference::Tensor> arguments;
    for (size_t i = 0; i < live; ++i)
      arguments.push_back(toTensor(context, inputs[i]));
    auto results = reference::evaluate((*module)->lookupSymbol<func::FuncOp>("main"), arguments);
    if (failed(results))
      return "evaluate: " + text;
    for (size_t i = 0; i < outputs.size(); ++i)
      if (std::string problem = compare(toTensor(context, outputs[i]), (*results)[i]);
          !problem.empty())
        return "output " + std::to_string(i) + ": " + problem;
    return "";
  }

private:
  reference::Tensor toTensor(MLIRContext &context, onnx::TensorProto tensor) {
    context.loadDialect<OctetDialect>();
    ImportLimits limits;
    auto elements = TensorLoader(&context, folder, limits).load(tensor, "data", [&] {
      return emitError(UnknownLoc::get(&context));
    });
    if (failed(elements))
      return {};
    return reference::Tensor::fromAttr(
        *elements,
        mlir::cast<RankedTensorType>(mlir::cast<TypedAttr>(Attribute(*elements)).getType()));
  }

  // The tolerance of the ONNX project's own runner.
  static std::string compare(const reference::Tensor &expected, const reference::Tensor &got) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    if (!expected.getType())
      return "stored result does not load";
    if (expected.getType() != got.getType()) {
      stream << "expected " << expected.getType() << ", got " << got.getType();
      return text;
    }
    bool real = isa<FloatType>(expected.getType().getElementType());
    for (int64_t i = 0; i < expected.size(); ++i) {
      double a = real ? expected.getFloat(i) : static_cast<double>(expected.getInteger(i));
      double b = real ? got.getFloat(i) : static_cast<double>(got.getInteger(i));
      bool close = real ? std::fabs(a - b) <= 1e-7 + 1e-3 * std::fabs(a) || a == b : a == b;
      if (!close && !(std::isnan(a) && std::isnan(b))) {
        stream << "element " << i << ": expected " << a << ", got " << b;
        return text;
      }
    }
    return "";
  }

  std::string folder, scratch;
  onnx::ModelProto model;
  std::vector<onnx::TensorProto> inputs, outputs;
  bool promoted = false;
};

class Conformance : public testing::TestWithParam<const char *> {};

TEST_P(Conformance, StoredResults) {
  std::string root = std::string(OCTET_ONNX_TESTDATA) + "/" + GetParam();
  if (!llvm::sys::fs::is_directory(root))
    GTEST_SKIP() << "no " << root;
  SmallString<128> scratch;
  ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("octet-conformance", scratch));
  int passed = 0, excepted = 0, unsupported = 0;
  for (const std::string &folder : listFolder(root)) {
    StringRef name = llvm::sys::path::filename(folder);
    Case test(folder, scratch);
    if (std::string reason = test.prepare(); !reason.empty()) {
      ++unsupported;
      continue;
    }
    std::string problem;
    for (size_t live : {size_t(99), size_t(1), size_t(0)}) {
      std::string retry = test.run(live);
      bool refused = StringRef(retry).starts_with("import: ");
      if (live == 99 || !refused)
        problem = retry;
      if (!refused)
        break;
    }
    if (test.isPromoted() && StringRef(problem).starts_with("import: ")) {
      ++unsupported;
      continue;
    }
    const char *exception = findException(name);
    if (exception && !problem.empty())
      ++excepted;
    else if (exception)
      ADD_FAILURE() << name.str() << ": expected to fail (" << exception << "), but passes";
    else if (!problem.empty())
      ADD_FAILURE() << name.str() << ": " << problem;
    else
      ++passed;
  }
  llvm::sys::fs::remove_directories(scratch);
  RecordProperty("passed", passed);
  llvm::outs() << GetParam() << ": " << passed << " passed, " << excepted << " known exceptions, "
               << unsupported << " of other ops or types\n";
  EXPECT_GT(passed, 0);
}

INSTANTIATE_TEST_SUITE_P(Onnx, Conformance,
                         testing::Values("node", "pytorch-converted", "pytorch-operator", "simple"),
                         [](const testing::TestParamInfo<const char *> &info) {
                           std::string name = info.param;
                           llvm::erase_if(name, [](char c) { return c == '-'; });
                           return name;
                         });

} // namespace

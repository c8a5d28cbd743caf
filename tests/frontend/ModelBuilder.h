// Small ONNX models for tests, written as code, and what becomes of them.

#ifndef OCTET_TESTS_FRONTEND_MODELBUILDER_H
#define OCTET_TESTS_FRONTEND_MODELBUILDER_H

#include "dialect/Octet.h"
#include "frontend/DiagnosticPrinter.h"
#include "frontend/Import.h"
#include "onnx/onnx.pb.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "gtest/gtest.h"

#include <fstream>

namespace octet::test {

class ModelBuilder {
public:
  explicit ModelBuilder(int64_t opset = 13) {
    model.set_ir_version(8);
    auto *set = model.add_opset_import();
    set->set_domain("");
    set->set_version(opset);
    model.mutable_graph()->set_name("test");
  }

  onnx::GraphProto &graph() { return *model.mutable_graph(); }

  /// Dimensions as "1x3x8x8"; other words than numbers are symbolic.
  ModelBuilder &input(llvm::StringRef name, llvm::StringRef shape,
                      int type = onnx::TensorProto::FLOAT) {
    declare(*graph().add_input(), name, shape, type);
    return *this;
  }
  ModelBuilder &output(llvm::StringRef name) {
    graph().add_output()->set_name(name.str());
    return *this;
  }
  /// A declared type for an intermediate tensor.
  ModelBuilder &value(llvm::StringRef name, llvm::StringRef shape) {
    declare(*graph().add_value_info(), name, shape, onnx::TensorProto::FLOAT);
    return *this;
  }
  ModelBuilder &weights(llvm::StringRef name, std::vector<int64_t> dims,
                        std::vector<float> values = {}) {
    onnx::TensorProto &tensor = initializer(name, dims, onnx::TensorProto::FLOAT);
    int64_t count = 1;
    for (int64_t extent : dims)
      count *= extent;
    for (int64_t i = static_cast<int64_t>(values.size()); i < count; ++i)
      values.push_back(0.125f * static_cast<float>(i % 17 - 8));
    tensor.set_raw_data(values.data(), values.size() * sizeof(float));
    return *this;
  }
  ModelBuilder &integers(llvm::StringRef name, std::vector<int64_t> values) {
    onnx::TensorProto &tensor =
        initializer(name, {static_cast<int64_t>(values.size())}, onnx::TensorProto::INT64);
    for (int64_t value : values)
      tensor.add_int64_data(value);
    return *this;
  }
  /// Integers of a type of 32 bits or less.
  ModelBuilder &stored(llvm::StringRef name, int type, const std::vector<int64_t> &dims,
                       const std::vector<int32_t> &values) {
    onnx::TensorProto &tensor = initializer(name, dims, type);
    for (int32_t value : values)
      tensor.add_int32_data(value);
    return *this;
  }
  /// Scale and zero point: `NAME.s` and `NAME.z`.
  ModelBuilder &scale(llvm::StringRef name, float scale, int type, int32_t zeroPoint) {
    weights((name + ".s").str(), {}, {scale});
    return stored((name + ".z").str(), type, {}, {zeroPoint});
  }
  onnx::TensorProto &initializer(llvm::StringRef name, const std::vector<int64_t> &dims, int type) {
    onnx::TensorProto &tensor = *graph().add_initializer();
    tensor.set_name(name.str());
    for (int64_t extent : dims)
      tensor.add_dims(extent);
    tensor.set_data_type(type);
    return tensor;
  }

  /// Adds a node; attributes follow. Inputs and outputs are separated by spaces;
  /// "-" leaves one out.
  ModelBuilder &node(llvm::StringRef op, llvm::StringRef inputs, llvm::StringRef outputs,
                     llvm::StringRef name = "") {
    onnx::NodeProto &node = *graph().add_node();
    node.set_op_type(op.str());
    node.set_name(name.str());
    for (llvm::StringRef input : llvm::split(inputs, ' '))
      if (!input.empty())
        node.add_input(input == "-" ? "" : input.str());
    for (llvm::StringRef output : llvm::split(outputs, ' '))
      if (!output.empty())
        node.add_output(output == "-" ? "" : output.str());
    return *this;
  }
  /// The same, of domain com.microsoft.
  ModelBuilder &microsoft(llvm::StringRef op, llvm::StringRef inputs, llvm::StringRef outputs) {
    if (model.opset_import_size() == 1) {
      auto *set = model.add_opset_import();
      set->set_domain("com.microsoft");
      set->set_version(1);
    }
    node(op, inputs, outputs);
    graph().mutable_node(graph().node_size() - 1)->set_domain("com.microsoft");
    return *this;
  }
  ModelBuilder &ints(llvm::StringRef name, std::vector<int64_t> values) {
    onnx::AttributeProto &attribute = add(name, onnx::AttributeProto::INTS);
    for (int64_t value : values)
      attribute.add_ints(value);
    return *this;
  }
  ModelBuilder &floats(llvm::StringRef name, std::vector<float> values) {
    onnx::AttributeProto &attribute = add(name, onnx::AttributeProto::FLOATS);
    for (float value : values)
      attribute.add_floats(value);
    return *this;
  }
  ModelBuilder &integer(llvm::StringRef name, int64_t value) {
    add(name, onnx::AttributeProto::INT).set_i(value);
    return *this;
  }
  ModelBuilder &number(llvm::StringRef name, float value) {
    add(name, onnx::AttributeProto::FLOAT).set_f(value);
    return *this;
  }
  ModelBuilder &text(llvm::StringRef name, llvm::StringRef value) {
    add(name, onnx::AttributeProto::STRING).set_s(value.str());
    return *this;
  }

  ModelBuilder &texts(llvm::StringRef name, const std::vector<std::string> &values) {
    onnx::AttributeProto &attribute = add(name, onnx::AttributeProto::STRINGS);
    for (const std::string &value : values)
      attribute.add_strings(value);
    return *this;
  }
  /// The graph of another model as an attribute.
  ModelBuilder &graphOf(llvm::StringRef name, const ModelBuilder &other) {
    *add(name, onnx::AttributeProto::GRAPH).mutable_g() = other.model.graph();
    return *this;
  }

  std::string bytes() const { return model.SerializeAsString(); }

  onnx::ModelProto model;

private:
  onnx::AttributeProto &add(llvm::StringRef name, onnx::AttributeProto::AttributeType type) {
    onnx::NodeProto &node = *graph().mutable_node(graph().node_size() - 1);
    onnx::AttributeProto &attribute = *node.add_attribute();
    attribute.set_name(name.str());
    attribute.set_type(type);
    return attribute;
  }
  static void declare(onnx::ValueInfoProto &value, llvm::StringRef name, llvm::StringRef shape,
                      int type) {
    value.set_name(name.str());
    onnx::TypeProto::Tensor &tensor = *value.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(type);
    tensor.mutable_shape();
    for (llvm::StringRef part : llvm::split(shape, 'x')) {
      int64_t extent;
      auto *dim = part.empty() ? nullptr : tensor.mutable_shape()->add_dim();
      if (dim && !part.getAsInteger(10, extent))
        dim->set_dim_value(extent);
      else if (dim)
        dim->set_dim_param(part.str());
    }
  }
};

/// Imports models from a folder of its own and keeps what was reported.
class ImportTest : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("octet-frontend", folder));
  }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }

  std::string path(llvm::StringRef name) const { return (folder + "/" + name).str(); }
  void writeFile(llvm::StringRef name, llvm::StringRef bytes) {
    std::ofstream(path(name), std::ios::binary).write(bytes.data(), bytes.size());
  }

  /// The body of `main`, without locations; empty after a failure.
  std::string importBytes(llvm::StringRef bytes, const ImportOptions &options = {}) {
    writeFile("model.onnx", bytes);
    return importFile("model.onnx", options);
  }
  std::string importModel(const ModelBuilder &model, const ImportOptions &options = {}) {
    return importBytes(model.bytes(), options);
  }
  std::string importFile(llvm::StringRef name, const ImportOptions &options = {}) {
    mlir::MLIRContext context;
    diagnostics.clear();
    llvm::raw_string_ostream stream(diagnostics);
    DiagnosticPrinter printer(&context, "octetc", path(name), stream);
    auto module = importOnnx(context, path(name), options);
    std::string prefix = path("");
    for (size_t at; (at = diagnostics.find(prefix)) != std::string::npos;)
      diagnostics.erase(at, prefix.size());
    EXPECT_EQ(failed(module), printer.getErrorCount() != 0) << diagnostics;
    if (failed(module))
      return "";
    std::string body;
    llvm::raw_string_ostream out(body);
    (*module)->print(out);
    return body;
  }

  /// Expects the model to be refused with exactly these lines.
  void expectErrors(const ModelBuilder &model, const std::vector<std::string> &lines,
                    const ImportOptions &options = {}) {
    EXPECT_EQ(importModel(model, options), "");
    std::string expected;
    for (const std::string &line : lines)
      expected += "octetc: error: " + line + "\n";
    EXPECT_EQ(diagnostics, expected);
  }

  llvm::SmallString<128> folder;
  std::string diagnostics;
};

} // namespace octet::test

#endif // OCTET_TESTS_FRONTEND_MODELBUILDER_H

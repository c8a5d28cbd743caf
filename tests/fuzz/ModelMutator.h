// Changes ONNX models where it matters: flipped bytes mostly break the encoding, which
// protobuf refuses before any line of ours runs. So models are changed as messages: single
// fields of the encoding, and graphs by what importers look at (op types, attributes, wiring,
// shapes), drawn from the op table.

#ifndef OCTET_TESTS_FUZZ_MODELMUTATOR_H
#define OCTET_TESTS_FUZZ_MODELMUTATOR_H

#include "frontend/OpTable.h"

#include <random>
#include <string>
#include <vector>

namespace octet::test {

class ModelMutator {
public:
  explicit ModelMutator(unsigned seed) : random(seed) {}

  /// One to four changes.
  void mutate(onnx::ModelProto &model);
  /// Nodes and initializers of `other` join `model`.
  void cross(onnx::ModelProto &model, const onnx::ModelProto &other);

private:
  int64_t range(int64_t low, int64_t high);
  bool chance(int percent);
  const OpRow &pickRow();
  /// Sizes, axes and counts as models have them, and the borders of their types.
  int64_t pickInteger();
  float pickFloat();
  std::string pickTensor(const onnx::GraphProto &graph);
  onnx::NodeProto *pickNode(onnx::GraphProto &graph);

  void addNode(onnx::ModelProto &model);
  void removeNode(onnx::GraphProto &graph);
  void rewire(onnx::GraphProto &graph);
  void changeOp(onnx::GraphProto &graph);
  void changeAttribute(onnx::GraphProto &graph);
  void fillAttribute(onnx::AttributeProto &attribute);
  void addConstant(onnx::GraphProto &graph);
  void changeShape(onnx::GraphProto &graph);
  void changeTensor(onnx::TensorProto &tensor);
  void fillTensor(onnx::TensorProto &tensor);
  std::string changeAnyField(const std::string &bytes, int depth);

  std::mt19937 random;
};

} // namespace octet::test

#endif // OCTET_TESTS_FUZZ_MODELMUTATOR_H

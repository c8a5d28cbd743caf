// The nodes and initializers of an ONNX graph in the making, with names that are given once.

#ifndef OCTET_FRONTEND_GRAPHWRITER_H
#define OCTET_FRONTEND_GRAPHWRITER_H

#include "dialect/reference/Tensor.h"
#include "onnx/onnx.pb.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

namespace octet {

class GraphWriter {
public:
  explicit GraphWriter(onnx::GraphProto &graph) : graph(graph) {}

  /// `wanted`, or with a number behind it where that is taken.
  std::string takeName(llvm::StringRef wanted);

  /// A node with one output, whose name is returned; attributes go to getNode().
  std::string addNode(llvm::StringRef op, llvm::ArrayRef<std::string> inputs,
                      llvm::StringRef output);
  /// The node that was added last.
  onnx::NodeProto &getNode() { return *graph.mutable_node(graph.node_size() - 1); }
  void setInteger(llvm::StringRef name, int64_t value);
  void setIntegers(llvm::StringRef name, llvm::ArrayRef<int64_t> values);
  void setNumber(llvm::StringRef name, float value);
  void setText(llvm::StringRef name, llvm::StringRef value);

  /// Initializers, by elements of `tensor` under an element type of ONNX.
  std::string addTensor(llvm::StringRef name, const reference::Tensor &tensor, int dataType);
  std::string addIntegers(llvm::StringRef name, llvm::ArrayRef<int64_t> values);
  std::string addNumber(llvm::StringRef name, float value);

  /// Gives the output `from` of a node the name `to` in the whole graph, or where it is not the
  /// output of a node or has been renamed, adds a node that copies it.
  void rename(llvm::StringRef from, llvm::StringRef to);

private:
  onnx::AttributeProto &addAttribute(llvm::StringRef name,
                                     onnx::AttributeProto::AttributeType type);

  onnx::GraphProto &graph;
  llvm::StringSet<> taken;
  llvm::StringMap<std::string> renamed; ///< new names by old ones
};

/// The ONNX element type of numbers of `type`, or 0.
int getDataType(mlir::Type type);

} // namespace octet

#endif // OCTET_FRONTEND_GRAPHWRITER_H

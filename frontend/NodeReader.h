// One ONNX node, read with types. A wrong attribute or input is reported here and
// a harmless value returned, so that handlers read straight through; whatever they
// build after a failure is dropped. What a handler never asks for is reported
// too: an attribute or input that is not understood must not be ignored.

#ifndef OCTET_FRONTEND_NODEREADER_H
#define OCTET_FRONTEND_NODEREADER_H

#include "dialect/reference/Tensor.h"
#include "frontend/OnnxModel.h"

namespace octet {

class NodeReader {
public:
  /// `inputs` are the node's, null where left out.
  NodeReader(onnx::NodeProto &proto, mlir::Location loc, int64_t opset,
             llvm::ArrayRef<mlir::Value> inputs);

  mlir::Location getLoc() const { return loc; }
  int64_t getOpset() const { return opset; }
  llvm::StringRef getOpType() const { return proto.op_type(); }
  mlir::MLIRContext *getContext() const { return loc.getContext(); }

  /// Opens a report at the node, which has failed from here on.
  mlir::InFlightDiagnostic error();
  void fail() { broken = true; }
  bool failed() const { return broken; }

  // Attributes. A missing one has the fallback's value.
  bool has(llvm::StringRef name) const;
  int64_t integer(llvm::StringRef name, int64_t fallback);
  int64_t requiredInteger(llvm::StringRef name);
  bool flag(llvm::StringRef name, bool fallback);
  float number(llvm::StringRef name, float fallback);
  llvm::StringRef text(llvm::StringRef name, llvm::StringRef fallback);
  llvm::SmallVector<int64_t> integers(llvm::StringRef name, llvm::ArrayRef<int64_t> fallback = {});
  llvm::SmallVector<float> numbers(llvm::StringRef name);
  llvm::SmallVector<llvm::StringRef> texts(llvm::StringRef name);
  onnx::TensorProto *tensor(llvm::StringRef name);
  /// A required one; null after a report.
  onnx::GraphProto *graph(llvm::StringRef name);
  /// An attribute with one supported value.
  void expectInteger(llvm::StringRef name, int64_t only);
  void expectText(llvm::StringRef name, llvm::StringRef only);
  /// Reports attributes that are not among `known` (separated by spaces).
  void checkAttributes(llvm::StringRef known);

  // Inputs.
  unsigned getNumInputs() const { return inputs.size(); }
  bool hasInput(unsigned i) const { return i < inputs.size() && inputs[i]; }
  /// A required input; null after a failure.
  mlir::Value input(unsigned i);
  /// Null where left out.
  mlir::Value optionalInput(unsigned i);
  llvm::SmallVector<mlir::Value> allInputs();
  /// Type of a required input, a scalar after a failure.
  mlir::RankedTensorType inputType(unsigned i);
  /// Elements of an input that has to be known now. `what` names it in reports.
  std::optional<reference::Tensor> constant(unsigned i, llvm::StringRef what);
  std::optional<llvm::SmallVector<int64_t>> constantIntegers(unsigned i, llvm::StringRef what);
  std::optional<llvm::SmallVector<float>> constantNumbers(unsigned i, llvm::StringRef what);
  /// Reports inputs that no one asked for.
  void checkInputs();
  /// From here on the node has these inputs: those of the op that it stands for.
  void replaceInputs(llvm::ArrayRef<mlir::Value> values);

  // Outputs.
  unsigned getNumOutputs() const { return proto.output_size(); }
  llvm::StringRef output(unsigned i) const { return proto.output(i); }

  /// An axis counted from the end if negative; nullopt after a report.
  std::optional<int64_t> axis(int64_t axis, int64_t rank);
  /// Sorted, without duplicates.
  std::optional<llvm::SmallVector<int64_t>> axes(llvm::ArrayRef<int64_t> axes, int64_t rank);

private:
  onnx::AttributeProto *find(llvm::StringRef name, onnx::AttributeProto::AttributeType type,
                             llvm::StringRef typeName);

  onnx::NodeProto &proto;
  mlir::Location loc;
  int64_t opset;
  llvm::SmallVector<mlir::Value> inputs;
  llvm::SmallVector<bool> asked;
  bool broken = false;
};

} // namespace octet

#endif // OCTET_FRONTEND_NODEREADER_H

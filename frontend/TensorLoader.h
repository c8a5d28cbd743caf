// TensorProto to constant elements. Bytes of a model file are moved out of the
// parsed message into the blob, not copied; small tensors become plain dense
// attributes, which are easier to read in IR.

#ifndef OCTET_FRONTEND_TENSORLOADER_H
#define OCTET_FRONTEND_TENSORLOADER_H

#include "frontend/OnnxModel.h"
#include "mlir/IR/BuiltinAttributeInterfaces.h"

namespace octet {

struct LoadedTensor {
  /// Of a constant of these elements: integers of less than a byte are bytes of a quantized type.
  mlir::RankedTensorType type;
  mlir::ElementsAttr elements;
};

class TensorLoader {
public:
  TensorLoader(mlir::MLIRContext *context, llvm::StringRef modelPath, const ImportLimits &limits)
      : context(context), modelPath(modelPath), limits(limits) {}

  /// The elements of `tensor`, whose raw bytes move out of it. `error` opens a
  /// diagnostic where the tensor is used.
  mlir::FailureOr<LoadedTensor> load(onnx::TensorProto &tensor, llvm::StringRef name,
                                     llvm::function_ref<mlir::InFlightDiagnostic()> error);

private:
  using Error = llvm::function_ref<mlir::InFlightDiagnostic()>;

  // `type` is that of what the file holds, `what` names the tensor's own in reports.
  mlir::FailureOr<mlir::ElementsAttr> loadStored(onnx::TensorProto &tensor,
                                                 mlir::RankedTensorType type, llvm::StringRef what,
                                                 llvm::StringRef name, Error error);
  mlir::FailureOr<mlir::ElementsAttr> loadExternal(const onnx::TensorProto &tensor,
                                                   mlir::RankedTensorType type,
                                                   llvm::StringRef what, llvm::StringRef name,
                                                   Error error);
  mlir::FailureOr<mlir::ElementsAttr> loadTyped(const onnx::TensorProto &tensor,
                                                mlir::RankedTensorType type, llvm::StringRef what,
                                                llvm::StringRef name, Error error);

  mlir::MLIRContext *context;
  llvm::StringRef modelPath;
  const ImportLimits &limits;
  uint64_t externalBytes = 0;
};

} // namespace octet

#endif // OCTET_FRONTEND_TENSORLOADER_H

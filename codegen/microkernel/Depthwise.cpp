#include "codegen/microkernel/Contractions.h"

using namespace mlir;

namespace octet::codegen {

LogicalResult emitDepthwise(KernelBuilder &kernel, ConvOp op, const reference::Tensor &weights) {
  return op.emitOpError("depthwise: not yet");
}

} // namespace octet::codegen

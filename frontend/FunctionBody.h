// Functions that a model defines itself (FunctionProto): a call becomes the graph that it would
// have been.

#ifndef OCTET_FRONTEND_FUNCTIONBODY_H
#define OCTET_FRONTEND_FUNCTIONBODY_H

#include "onnx/onnx.pb.h"

namespace octet {

/// The function's nodes with the attributes of the call, or the function's defaults, in place of
/// references to them, and without the inputs that the call leaves out.
onnx::GraphProto makeFunctionBody(const onnx::FunctionProto &function, const onnx::NodeProto &call);

} // namespace octet

#endif // OCTET_FRONTEND_FUNCTIONBODY_H

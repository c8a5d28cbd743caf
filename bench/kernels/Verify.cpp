#include "bench/kernels/Verify.h"

#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace mlir;

namespace octet::bench {

using reference::Tensor;

// About a second of the evaluator.
constexpr double kMaxReferenceOperations = 2e8;
// Sums of a few thousand f32 products in another order; a rounding of bf16.
constexpr double kF32Tolerance = 1e-5, kBF16Tolerance = 1e-2;

double getDifference(const Tensor &a, const Tensor &b) {
  bool isFloat = isa<FloatType>(a.getType().getElementType());
  double largest = 0, difference = 0;
  for (int64_t i = 0; i < a.size(); ++i) {
    double x = isFloat ? a.getFloat(i) : a.getInteger(i);
    double y = isFloat ? b.getFloat(i) : b.getInteger(i);
    largest = std::max(largest, std::fabs(x));
    difference = std::max(difference, std::isfinite(x - y) ? std::fabs(x - y) : INFINITY);
  }
  return isFloat ? difference / std::max(largest, 1e-30) : difference;
}

std::string verify(MLIRContext &context, const Layer &layer, StringRef target,
                   const Tensor &result) {
  std::string peer = "the reference evaluator";
  FailureOr<Tensor> expected = failure();
  if (layer.shape.getOperations() <= kMaxReferenceOperations) {
    expected = evaluate(context, layer);
  } else {
    StringRef other = target == "x86-64-v3" ? "skylake-avx512" : "x86-64-v3";
    peer = "code for " + other.str();
    auto kernel = OctetKernel::compile(context, layer, other, /*threads=*/1);
    if (succeeded(kernel)) {
      kernel->run();
      expected = kernel->getResult();
    }
  }
  if (failed(expected))
    return peer + " gave no result";
  double difference = getDifference(*expected, result);
  Type element = result.getType().getElementType();
  double tolerance = element.isF32() ? kF32Tolerance : element.isBF16() ? kBF16Tolerance : 0;
  if (difference <= tolerance)
    return "";
  return llvm::formatv("expected the result of {0}, got a difference of {1}", peer, difference);
}

} // namespace octet::bench

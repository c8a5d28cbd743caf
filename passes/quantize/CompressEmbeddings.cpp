// A table of embeddings is read a few rows at a time: its size matters for memory, its
// precision for everything behind it. So each row has a scale of its own, looked up as the row
// is, and multiplies where the row becomes f32, in the kernel that reads it.

#include "dialect/reference/QuantRules.h"
#include "dialect/reference/Tensor.h"
#include "passes/quantize/Attributes.h"
#include "passes/quantize/Passes.h"

#include <cmath>

namespace octet {

#define GEN_PASS_DEF_COMPRESSEMBEDDINGS
#include "passes/quantize/Passes.h.inc"

using namespace mlir;

namespace {

struct CompressEmbeddings : impl::CompressEmbeddingsBase<CompressEmbeddings> {
  void runOnOperation() override {
    for (Block &block : getOperation().getBody())
      for (Operation &op : llvm::make_early_inc_range(block))
        if (auto gather = dyn_cast<GatherOp>(op))
          compress(gather);
  }

private:
  void compress(GatherOp gather) {
    // Of less, the scales and a second lookup are not worth it.
    constexpr int64_t kFewElements = 16384;
    auto type = gather.getX().getType();
    ElementsAttr attr = getConstantValue(gather.getX());
    if (!attr || getConstantValue(gather.getIndices()) || gather.getAxis() != 0 ||
        type.getRank() != 2 || !type.getElementType().isF32() ||
        type.getNumElements() < kFewElements)
      return;
    reference::Tensor table = reference::Tensor::fromAttr(attr, type);
    ArrayRef<float> numbers = table.as<float>();
    if (!llvm::all_of(numbers, [](float x) { return std::isfinite(x); }))
      return;

    OpBuilder b(gather);
    constexpr int64_t kZero = 128, kSteps = 127;
    auto stored = quant::UniformQuantizedType::get(/*flags=*/0, b.getI8Type(), b.getF32Type(),
                                                   /*scale=*/1, kZero, /*storageTypeMin=*/0,
                                                   /*storageTypeMax=*/UINT8_MAX);
    int64_t rows = type.getDimSize(0), width = type.getDimSize(1);
    reference::Tensor integers(withElementType(type, stored));
    reference::Tensor scales(RankedTensorType::get({rows, 1}, b.getF32Type()));
    for (int64_t row = 0; row < rows; ++row) {
      ArrayRef<float> values = numbers.slice(row * width, width);
      double largest = 0;
      for (float value : values)
        largest = std::max<double>(largest, std::fabs(value));
      float scale = largest > 0 ? static_cast<float>(std::max(largest / kSteps, 0x1p-100)) : 1.0f;
      scales.setFloat(row, scale);
      for (auto [i, value] : llvm::enumerate(values))
        integers.setInteger(row * width + i, kZero + static_cast<int64_t>(std::nearbyint(
                                                         static_cast<double>(value) / scale)));
    }
    auto makeConstant = [&](const reference::Tensor &tensor) -> Value {
      StringRef name = getTensorName(gather.getX().getLoc());
      return ConstantOp::create(b, gather.getX().getLoc(), tensor.getType(), tensor.toAttr(name));
    };
    Location loc = gather.getLoc();
    auto lookUp = [&](const reference::Tensor &tensor) -> Value {
      return GatherOp::create(b, loc, makeConstant(tensor), gather.getIndices(),
                              b.getI64IntegerAttr(0));
    };
    Value row = DequantizeOp::create(b, loc, gather.getY().getType(), lookUp(integers));
    auto product = MulOp::create(b, loc, row, lookUp(scales));
    for (Operation *op : {row.getDefiningOp()->getOperand(0).getDefiningOp(),
                          product.getB().getDefiningOp(), product.getOperation()})
      fallBackToF32(op, "embedding of 8 bits");
    gather.getY().replaceAllUsesWith(product.getY());
    gather.erase();
  }
};

} // namespace

} // namespace octet

// A tensor in host memory, as the reference evaluator sees it: logical
// row-major order, whatever the encoding of the type says, and stored integers
// for quantized elements.

#ifndef OCTET_DIALECT_REFERENCE_TENSOR_H
#define OCTET_DIALECT_REFERENCE_TENSOR_H

#include "dialect/Octet.h"

#include <memory>
#include <vector>

namespace octet::reference {

class Tensor {
public:
  Tensor() = default;
  /// Elements of value 0. `type` may be quantized.
  explicit Tensor(mlir::RankedTensorType type);
  /// Row-major storage elements; `bytes` has their exact size.
  Tensor(mlir::RankedTensorType type, llvm::ArrayRef<char> bytes);
  /// The value of a constant; `type` says how stored integers are meant.
  static Tensor fromAttr(mlir::ElementsAttr attr, mlir::RankedTensorType type);
  /// A dense attribute up to 16 elements, a resource blob beyond.
  mlir::ElementsAttr toAttr(llvm::StringRef name) const;

  /// The same elements under another type; both share the bytes, and an
  /// operand's bytes are never written.
  Tensor withType(mlir::RankedTensorType type) const;

  mlir::RankedTensorType getType() const { return type; }
  llvm::ArrayRef<int64_t> getShape() const { return type.getShape(); }
  int64_t size() const { return type.getNumElements(); }
  llvm::ArrayRef<char> bytes() const { return *data; }
  llvm::MutableArrayRef<char> bytes() { return *data; }

  /// The elements as C++ values; T has the size of the storage element.
  template <typename T>
  llvm::ArrayRef<T> as() const {
    assert(static_cast<int64_t>(data->size() / sizeof(T)) == size() && "element size");
    return {reinterpret_cast<const T *>(data->data()), data->size() / sizeof(T)};
  }
  template <typename T>
  llvm::MutableArrayRef<T> as() {
    assert(static_cast<int64_t>(data->size() / sizeof(T)) == size() && "element size");
    return {reinterpret_cast<T *>(data->data()), data->size() / sizeof(T)};
  }

  /// Element i as an integer (sign- or zero-extended by its type); setInteger
  /// wraps.
  int64_t getInteger(int64_t i) const;
  void setInteger(int64_t i, int64_t value);
  /// Element i as f32; f16, bf16 and f64 are converted.
  float getFloat(int64_t i) const;
  void setFloat(int64_t i, float value);
  /// Element i as f64, exactly; setDouble rounds once to the element type.
  double getDouble(int64_t i) const;
  void setDouble(int64_t i, double value);

private:
  mlir::RankedTensorType type;
  std::shared_ptr<std::vector<char>> data;
};

/// Truncates toward zero and saturates to the range of `element`; NaN becomes 0, and
/// an i1 is 1 for all but 0.
int64_t truncateToInteger(double value, mlir::IntegerType element);

} // namespace octet::reference

#endif // OCTET_DIALECT_REFERENCE_TENSOR_H

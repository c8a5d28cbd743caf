// MatMulNBits of ONNX Runtime, as which language models are shipped: a matrix product whose
// weights [N, K] lie in blocks of 2, 4 or 8 bits along K. They become f32 here, like those of a
// blocked DequantizeLinear.

#include "frontend/ElementTypes.h"
#include "frontend/OpTable.h"
#include "frontend/ScaleGrid.h"

using namespace mlir;

namespace octet {

namespace {

struct PackedMatrix {
  int64_t k, n, bits, block;
  int64_t countBlocks() const { return llvm::divideCeil(k, block); }
  int64_t countBytes(int64_t integers) const { return llvm::divideCeil(integers * bits, 8); }
};

} // namespace

// The first integer of a byte is in its lowest bits.
static int64_t getPacked(ArrayRef<char> bytes, int64_t i, int64_t bits) {
  int64_t perByte = 8 / bits;
  return (static_cast<uint8_t>(bytes[i / perByte]) >> (i % perByte * bits)) & ((1 << bits) - 1);
}

static std::optional<PackedMatrix> readMatrix(NodeReader &node) {
  PackedMatrix matrix{node.requiredInteger("K"), node.requiredInteger("N"), node.integer("bits", 4),
                      node.requiredInteger("block_size")};
  // How exact the product has to be at least; that of f32 is.
  node.integer("accuracy_level", 0);
  if (node.failed())
    return std::nullopt;
  constexpr int64_t kMaxExtent = int64_t(1) << 30;
  for (auto [name, value] :
       {std::pair("K", matrix.k), std::pair("N", matrix.n), std::pair("block_size", matrix.block)})
    if (value < 1 || value > kMaxExtent)
      node.error() << "expected 1 to " << kMaxExtent << " as attribute '" << name << "', got "
                   << value;
  if (matrix.bits != 2 && matrix.bits != 4 && matrix.bits != 8)
    node.error() << "expected 2, 4 or 8 as attribute 'bits', got " << matrix.bits;
  else if (matrix.block * matrix.bits % 8 != 0)
    node.error() << "expected blocks of whole bytes, got " << matrix.block << " integers of "
                 << matrix.bits << " bits";
  if (node.failed())
    return std::nullopt;
  return matrix;
}

// A constant of `shape`, or one dimension with as many elements.
static std::optional<reference::Tensor> readParameter(NodeReader &node, unsigned input,
                                                      StringRef what, ArrayRef<int64_t> shape) {
  Value value = node.input(input);
  if (!value)
    return std::nullopt;
  auto type = cast<RankedTensorType>(value.getType());
  ElementsAttr elements = getConstantValue(value);
  if (!elements) {
    node.error() << "expected " << what << " to be constant, got a computed tensor";
    return std::nullopt;
  }
  int64_t count = 1;
  bool fits = true;
  for (int64_t extent : shape)
    fits &= !llvm::MulOverflow(count, extent, count);
  fits &= type.getShape() == shape || (type.getRank() == 1 && type.getNumElements() == count);
  if (!fits) {
    node.error() << "expected " << what << " of shape " << printShape(shape) << ", got "
                 << printShape(type.getShape());
    return std::nullopt;
  }
  return reference::Tensor::fromAttr(elements, type);
}

// One for each block: floats, or packed integers of which each row begins a byte.
static bool readZeroPoints(NodeReader &node, const PackedMatrix &matrix, Scales &scales) {
  int64_t blocks = matrix.countBlocks();
  if (!node.hasInput(3)) {
    scales.zeroPoints.assign(1, static_cast<double>(1 << (matrix.bits - 1)));
    return true;
  }
  Type element = node.inputType(3).getElementType();
  bool isPacked = element.isUnsignedInteger(8);
  int64_t perRow = isPacked ? matrix.countBytes(blocks) : blocks;
  if (!isPacked && !element.isF32()) {
    node.error() << "expected zero points of uint8 or the type of the scales, got "
                 << getElementTypeName(element);
    return false;
  }
  auto zeros = readParameter(node, 3, "the zero points", {matrix.n, perRow});
  if (!zeros)
    return false;
  for (int64_t row = 0; row < matrix.n; ++row)
    for (int64_t i = 0; i < blocks; ++i)
      scales.zeroPoints.push_back(
          isPacked ? getPacked(zeros->bytes().slice(row * perRow, perRow), i, matrix.bits)
                   : zeros->getFloat(row * blocks + i));
  return true;
}

void importMatMulNBits(NodeReader &node, NodeBuilder &build) {
  auto matrix = readMatrix(node);
  Value a = node.input(0), bias = node.optionalInput(5);
  RankedTensorType stored = node.inputType(1);
  if (!matrix || node.failed())
    return;
  if (!stored.getElementType().isUnsignedInteger(8)) {
    node.error() << "expected weights of uint8, got "
                 << getElementTypeName(stored.getElementType());
    return;
  }
  int64_t blocks = matrix->countBlocks();
  auto packed =
      readParameter(node, 1, "weights", {matrix->n, blocks, matrix->countBytes(matrix->block)});
  auto factors = packed ? readParameter(node, 2, "the scales", {matrix->n, blocks}) : std::nullopt;
  if (!factors)
    return;
  if (!factors->getType().getElementType().isF32()) {
    node.error() << "expected scales of floats, got "
                 << getElementTypeName(factors->getType().getElementType());
    return;
  }
  Scales scales;
  scales.grid.kind = ScaleGrid::Kind::Blocks;
  scales.grid.shape = {matrix->n, matrix->k};
  scales.grid.axis = 1;
  scales.grid.block = matrix->block;
  scales.scales.assign(factors->as<float>().begin(), factors->as<float>().end());
  if (!readZeroPoints(node, *matrix, scales))
    return;
  // As the product reads them: [K, N].
  auto type = RankedTensorType::get({matrix->k, matrix->n}, Float32Type::get(node.getContext()));
  Unpacking unpacking{node.input(1), node.input(2), node.optionalInput(3),
                      type,          matrix->bits,  matrix->block};
  Value weights = build.unpack(unpacking, [&] {
    reference::Tensor result(type);
    MutableArrayRef<float> values = result.as<float>();
    int64_t rowBytes = blocks * matrix->countBytes(matrix->block);
    scales.grid.forEach([&](int64_t i, int64_t scale) {
      int64_t row = i / matrix->k, column = i % matrix->k;
      int64_t q = getPacked(packed->bytes().slice(row * rowBytes, rowBytes), column, matrix->bits);
      values[column * matrix->n + row] =
          static_cast<float>(static_cast<double>(q) - scales.getZeroPoint(scale)) *
          scales.scales[scale];
    });
    return result;
  });
  if (weights)
    build.setResult(build.create<MatMulOp>(a, weights, bias));
}

} // namespace octet

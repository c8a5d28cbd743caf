#include "bench/kernels/OneDnn.h"

#ifndef OCTET_HAVE_ONEDNN

namespace octet::bench {

std::string OneDnn::getVersion() { return ""; }
void OneDnn::setThreads(unsigned) {}
std::unique_ptr<OneDnn> OneDnn::create(const Layer &) { return nullptr; }

} // namespace octet::bench

#else

#include "bench/kernels/Clock.h"
#include "oneapi/dnnl/dnnl.hpp"

#include <unordered_map>

// Debian builds oneDNN with OpenMP, which is loaded with it.
extern "C" __attribute__((weak)) void omp_set_num_threads(int);

namespace octet::bench {

using dnnl::memory;
using reference::Tensor;
using Tag = memory::format_tag;

namespace {

struct Types {
  memory::data_type x, weights, bias, y;
};

class Implementation final : public OneDnn {
public:
  Implementation(const Layer &layer, dnnl::engine engine, dnnl::algorithm algorithm)
      : engine(engine), stream(engine), layer(layer), types(getTypes(layer.precision)) {
    const Shape &shape = layer.shape;
    if (!shape.isMatMul)
      createConvolution(algorithm);
    else if (algorithm == dnnl::algorithm::undef)
      createInnerProduct();
    else
      createMatMul();
  }

  bool isValid() const { return bool(primitive); }
  void run() override { primitive.execute(stream, arguments); }

  Tensor getResult() override {
    Tensor result(RankedTensorType::get(layer.yType.getShape(), layer.yType.getElementType()));
    memory plain(
        {dims(layer.yType.getShape()), types.y, layer.shape.isMatMul ? Tag::ab : Tag::nchw}, engine,
        result.bytes().data());
    dnnl::reorder(y, plain).execute(stream, y, plain);
    stream.wait();
    return result;
  }

private:
  using RankedTensorType = mlir::RankedTensorType;

  static Types getTypes(const PrecisionRow &precision) {
    static const std::pair<llvm::StringRef, Types> table[] = {
#define OCTET_PRECISION(NAME, OPERANDS, X, WEIGHTS, BIAS, Y)                                       \
  {#NAME,                                                                                          \
   {memory::data_type::X, memory::data_type::WEIGHTS, memory::data_type::BIAS,                     \
    memory::data_type::Y}},
#include "bench/kernels/Precisions.inc"
    };
    for (const auto &[name, types] : table)
      if (name == precision.name)
        return types;
    llvm_unreachable("Layer.cpp includes the same list");
  }

  static memory::dims dims(llvm::ArrayRef<int64_t> shape) { return {shape.begin(), shape.end()}; }

  dnnl::primitive_attr getAttributes() const {
    dnnl::primitive_attr attributes;
    // Sums are scaled behind the bias, as our own requantization does.
    if (types.x == memory::data_type::u8)
      attributes.set_output_scales(1 << 1, layer.multipliers);
    dnnl::post_ops epilogue;
    epilogue.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
    attributes.set_post_ops(epilogue);
    return attributes;
  }

  /// Bytes in plain order to the layout of a primitive.
  memory place(const memory::desc &wanted, memory::dims shape, memory::data_type type, Tag tag,
               const Tensor &tensor) {
    memory plain({shape, type, tag}, engine, const_cast<char *>(tensor.bytes().data()));
    memory result(wanted, engine);
    dnnl::reorder(plain, result).execute(stream, plain, result);
    stream.wait();
    return result;
  }

  template <typename PrimitiveDesc>
  void finish(const PrimitiveDesc &desc, memory::dims weightShape, Tag weightTag,
              memory::dims biasShape, Tag biasTag) {
    y = memory(desc.dst_desc(), engine);
    arguments = {{DNNL_ARG_SRC, place(desc.src_desc(), dims(layer.shape.getXShape()), types.x,
                                      layer.shape.isMatMul ? Tag::ab : Tag::nchw, layer.x)},
                 {DNNL_ARG_WEIGHTS,
                  place(desc.weights_desc(), weightShape, types.weights, weightTag, layer.weights)},
                 {DNNL_ARG_BIAS, place({biasShape, types.bias, biasTag}, biasShape, types.bias,
                                       biasTag, layer.bias)},
                 {DNNL_ARG_DST, y}};
  }

  void createConvolution(dnnl::algorithm algorithm) {
    const Shape &shape = layer.shape;
    memory::dims weightShape = dims(shape.getWeightShape());
    Tag weightTag = Tag::oihw;
    if (shape.groups > 1) {
      weightShape[0] /= shape.groups;
      weightShape.insert(weightShape.begin(), shape.groups);
      weightTag = Tag::goihw;
    }
    memory::dims biasShape = {shape.outputs}, strides(2, shape.stride), pads(2, shape.pad);
    dnnl::convolution_forward::desc op(
        dnnl::prop_kind::forward_inference, algorithm, {dims(shape.getXShape()), types.x, Tag::any},
        {weightShape, types.weights, Tag::any}, {biasShape, types.bias, Tag::a},
        {dims(shape.getYShape()), types.y, Tag::any}, strides, pads, pads);
    dnnl::convolution_forward::primitive_desc desc(op, getAttributes(), engine, true);
    if (!desc)
      return;
    finish(desc, weightShape, weightTag, biasShape, Tag::a);
    primitive = dnnl::convolution_forward(desc);
  }

  void createInnerProduct() {
    const Shape &shape = layer.shape;
    memory::dims weightShape = {shape.outputs, shape.channels}, biasShape = {shape.outputs};
    dnnl::inner_product_forward::desc op(
        dnnl::prop_kind::forward_inference, {dims(shape.getXShape()), types.x, Tag::any},
        {weightShape, types.weights, Tag::any}, {biasShape, types.bias, Tag::a},
        {dims(shape.getYShape()), types.y, Tag::any});
    dnnl::inner_product_forward::primitive_desc desc(op, getAttributes(), engine, true);
    if (!desc)
      return;
    finish(desc, weightShape, Tag::ba, biasShape, Tag::a);
    primitive = dnnl::inner_product_forward(desc);
  }

  void createMatMul() {
    const Shape &shape = layer.shape;
    memory::dims weightShape = dims(shape.getWeightShape()), biasShape = {1, shape.outputs};
    dnnl::matmul::desc op({dims(shape.getXShape()), types.x, Tag::any},
                          {weightShape, types.weights, Tag::any}, {biasShape, types.bias, Tag::ab},
                          {dims(shape.getYShape()), types.y, Tag::any});
    dnnl::matmul::primitive_desc desc(op, getAttributes(), engine, true);
    if (!desc)
      return;
    finish(desc, weightShape, Tag::ab, biasShape, Tag::ab);
    primitive = dnnl::matmul(desc);
  }

  dnnl::engine engine;
  dnnl::stream stream;
  const Layer &layer;
  Types types;
  dnnl::primitive primitive;
  memory y;
  std::unordered_map<int, memory> arguments;
};

} // namespace

std::string OneDnn::getVersion() {
  const dnnl::version_t *version = dnnl::version();
  return std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
         std::to_string(version->patch);
}

void OneDnn::setThreads(unsigned threads) {
  if (omp_set_num_threads)
    omp_set_num_threads(static_cast<int>(threads));
}

std::unique_ptr<OneDnn> OneDnn::create(const Layer &layer) {
  // It has no primitive for these, and asking for one throws.
  if (layer.precision.operands == codegen::DotOperands::F32S8)
    return nullptr;
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  // `auto` may be Winograd's method, which in int8 rounds the transformed weights: faster
  // than the peak, but not the sums that every other way gives. Of a product, `undef`
  // stands for the inner product, which is another primitive.
  const bool isInt8 = layer.precision.x == "u8";
  llvm::SmallVector<dnnl::algorithm> algorithms = {dnnl::algorithm::convolution_direct};
  if (!isInt8)
    algorithms.push_back(dnnl::algorithm::convolution_auto);
  // Nor does `auto` try it.
  if (layer.precision.x == "f32" && layer.shape.kernel == 3 && layer.shape.stride == 1)
    algorithms.push_back(dnnl::algorithm::convolution_winograd);
  if (layer.shape.isMatMul)
    algorithms = {dnnl::algorithm::undef, dnnl::algorithm::convolution_auto};
  std::unique_ptr<OneDnn> best;
  double bestTime = 0;
  for (dnnl::algorithm algorithm : algorithms) {
    auto candidate = std::make_unique<Implementation>(layer, engine, algorithm);
    if (!candidate->isValid())
      continue;
    candidate->run();
    double time = measureAtLeast(0.001, [&] { candidate->run(); });
    for (int i = 0; i < 4; ++i)
      time = std::min(time, measureAtLeast(0.001, [&] { candidate->run(); }));
    if (best && time >= bestTime)
      continue;
    best = std::move(candidate);
    bestTime = time;
  }
  return best;
}

} // namespace octet::bench

#endif // OCTET_HAVE_ONEDNN

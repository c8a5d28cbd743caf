#include "passes/repair/SecondMoments.h"

using namespace mlir;

namespace octet {

std::optional<SecondMoments> SecondMoments::create(Operation *op) {
  SecondMoments result;
  auto weights = op->getNumOperands() > 1 ? dyn_cast<RankedTensorType>(op->getOperand(1).getType())
                                          : RankedTensorType();
  if (auto conv = dyn_cast<ConvOp>(op)) {
    ArrayRef<int64_t> w = weights.getShape(), y = conv.getY().getType().getShape();
    result.conv = conv;
    result.groups = conv.getGroup();
    result.inputs = w[1] * w[2] * w[3];
    result.windows = y[0] * y[2] * y[3];
  } else if (isa<MatMulOp>(op) && weights.getRank() == 2) {
    result.inputs = weights.getDimSize(0);
    result.windows = cast<RankedTensorType>(op->getOperand(0).getType()).getNumElements() /
                     std::max<int64_t>(result.inputs, 1);
  } else {
    return std::nullopt;
  }
  return result;
}

int64_t SecondMoments::getBytes() const {
  return groups * inputs * (inputs + 1) * static_cast<int64_t>(sizeof(float));
}

void SecondMoments::gatherWindow(ArrayRef<float> x, int64_t group, int64_t window,
                                 Eigen::Ref<Eigen::VectorXf> column) const {
  if (!conv) {
    column = Eigen::Map<const Eigen::VectorXf>(x.data() + window * inputs, inputs);
    return;
  }
  // Through a copy: accessors of ops are not const.
  ConvOp op = conv;
  ArrayRef<int64_t> in = op.getX().getType().getShape(), out = op.getY().getType().getShape();
  ArrayRef<int64_t> w = op.getWeights().getType().getShape();
  int64_t ow = window % out[3], oh = window / out[3] % out[2], n = window / out[3] / out[2];
  int64_t k = 0;
  for (int64_t c = 0; c < w[1]; ++c)
    for (int64_t kh = 0; kh < w[2]; ++kh)
      for (int64_t kw = 0; kw < w[3]; ++kw, ++k) {
        int64_t h = oh * op.getStrides()[0] - op.getPads()[0] + kh * op.getDilations()[0];
        int64_t v = ow * op.getStrides()[1] - op.getPads()[1] + kw * op.getDilations()[1];
        bool isInside = h >= 0 && h < in[2] && v >= 0 && v < in[3];
        column[k] = isInside ? x[((n * in[1] + group * w[1] + c) * in[2] + h) * in[3] + v] : 0.0f;
      }
}

void SecondMoments::add(ArrayRef<float> x, int64_t most) {
  if (sums.empty()) {
    sums.assign(groups, Eigen::MatrixXf::Zero(inputs, inputs));
    means.assign(groups, Eigen::VectorXf::Zero(inputs));
  }
  int64_t taken = std::min(windows, most);
  Eigen::MatrixXf columns(inputs, taken);
  for (int64_t group = 0; group < groups; ++group) {
    for (int64_t i = 0; i < taken; ++i)
      gatherWindow(x, group, i * windows / taken, columns.col(i));
    sums[group].selfadjointView<Eigen::Lower>().rankUpdate(columns);
    means[group] += columns.rowwise().sum();
  }
  count += static_cast<double>(taken);
}

Eigen::MatrixXf SecondMoments::get(int64_t group, bool centred) const {
  float scale = count > 0 ? static_cast<float>(1 / count) : 0.0f;
  Eigen::MatrixXf result = Eigen::MatrixXf::Zero(inputs, inputs);
  if (sums.empty())
    return result;
  result = sums[group].selfadjointView<Eigen::Lower>();
  result *= scale;
  if (centred) {
    Eigen::VectorXf mean = means[group] * scale;
    result.noalias() -= mean * mean.transpose();
  }
  return result;
}

} // namespace octet

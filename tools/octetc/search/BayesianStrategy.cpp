// The drop of a score is taken as a sum over the units: a drop for int8, a smaller one for
// bf16, none for f32, plus an error of the score itself. With Gaussian priors the posterior
// is Gaussian (Bayesian linear regression: Bishop, Pattern Recognition and Machine Learning,
// 2006, section 3.3), one linear solve for each trial.

#include "tools/octetc/search/Strategy.h"

#include <Eigen/Dense>

#include <random>
#include <set>

namespace octet {

namespace {

class BayesianStrategy : public Strategy {
public:
  BayesianStrategy(const SearchSpace &space, const Metric &metric, const Criterion &criterion,
                   double baseline)
      : space(space), metric(metric), baseline(baseline),
        allowed(getDrop(criterion.getLimit(metric, baseline))) {}

  std::optional<Assignment> next(const Trial *last) override {
    if (last)
      learn(*last);
    if (tried < space.mix.size()) {
      Assignment uniform(space.units.size(), space.mix[tried++]);
      asked.insert(uniform);
      return uniform;
    }
    // A sample that leads to a known assignment asks nothing; others will.
    constexpr int kSamples = 200;
    for (int sample = 0; sample < kSamples; ++sample)
      if (Assignment assignment = solve(drawDrops()); asked.insert(assignment).second)
        return assignment;
    return std::nullopt;
  }

private:
  using Vector = Eigen::VectorXd;

  size_t getFeature(size_t unit, size_t choice) const { return unit * space.mix.size() + choice; }

  /// What adds up over units. Of a score that is a share it is the logarithm: a second unit that
  /// ruins everything finds nothing left to ruin.
  double getDrop(double score) const {
    if (metric.lowerIsBetter)
      return score - baseline;
    if (baseline <= 0)
      return baseline - score;
    return std::log(baseline / std::max(score, 1e-3 * baseline));
  }

  void learn(const Trial &trial) {
    Vector features = Vector::Zero(space.units.size() * space.mix.size());
    for (auto [unit, precision] : llvm::enumerate(trial.assignment))
      for (auto [choice, candidate] : llvm::enumerate(space.mix))
        if (candidate == precision)
          features[getFeature(unit, choice)] = 1;
    rows.push_back(std::move(features));
    drops.push_back(getDrop(trial.score));
  }

  /// A drop for each unit and choice, from the posterior.
  Vector drawDrops() {
    size_t size = space.units.size() * space.mix.size();
    // The prior: shares of the first trial's drop by measured noise, as uncertain as large,
    // and in int8 by a tenth of an equal share, as noise may matter more than its energy tells.
    double total = 0;
    for (size_t unit = 0; unit < space.units.size(); ++unit)
      total += space.getNoise(unit, space.mix[0]);
    double scale = std::max(std::fabs(drops[0]), allowed) / std::max(total, 1e-30);
    Vector mean(size), deviation(size);
    for (size_t unit = 0; unit < space.units.size(); ++unit)
      for (size_t choice = 0; choice < space.mix.size(); ++choice) {
        double drop = scale * space.getNoise(unit, space.mix[choice]);
        mean[getFeature(unit, choice)] = drop;
        double doubt = choice == 0 ? 0.1 * scale * total : 1e-3 * allowed;
        deviation[getFeature(unit, choice)] = drop + doubt / space.units.size();
      }
    // Conditioning in the space of the trials, which are fewer than the unknowns.
    Eigen::MatrixXd x(rows.size(), size);
    Vector y(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      x.row(i) = rows[i];
      y[i] = drops[i];
    }
    Eigen::VectorXd variance = deviation.array().square();
    Eigen::MatrixXd gain = variance.asDiagonal() * x.transpose();
    Eigen::MatrixXd innovation = x * gain;
    double error = 0.1 * allowed + 1e-9;
    innovation.diagonal().array() += error * error;
    Eigen::LLT<Eigen::MatrixXd> solver(innovation);
    // A sample of the prior, corrected by what it gets wrong (Matheron's rule).
    std::normal_distribution<double> normal;
    Vector draw(size), noise(rows.size());
    for (double &value : draw)
      value = normal(random);
    for (double &value : noise)
      value = error * normal(random);
    draw = mean + deviation.cwiseProduct(draw);
    draw += gain * solver.solve(y - x * draw - noise);
    // No precision adds accuracy but by chance.
    return draw.cwiseMax(0);
  }

  /// The cheapest assignment whose drops add up to no more than what is allowed: from the
  /// cheapest choices on, the best exchange first.
  Assignment solve(const Vector &sample) const {
    Assignment assignment(space.units.size(), space.mix[0]);
    std::vector<size_t> choices(space.units.size(), 0);
    double drop = 0;
    for (size_t unit = 0; unit < choices.size(); ++unit)
      drop += sample[getFeature(unit, 0)];
    while (drop > allowed) {
      double best = 0;
      size_t bestUnit = 0, bestChoice = 0;
      for (size_t unit = 0; unit < choices.size(); ++unit)
        for (size_t choice = 0; choice < space.mix.size(); ++choice) {
          double saved = sample[getFeature(unit, choices[unit])] - sample[getFeature(unit, choice)];
          double price = space.getCost(unit, space.mix[choice]) -
                         space.getCost(unit, space.mix[choices[unit]]);
          double merit = saved / std::max(price, 1e-6);
          if (saved > 0 && merit > best) {
            best = merit;
            bestUnit = unit;
            bestChoice = choice;
          }
        }
      if (best == 0)
        break;
      drop -= sample[getFeature(bestUnit, choices[bestUnit])] -
              sample[getFeature(bestUnit, bestChoice)];
      choices[bestUnit] = bestChoice;
      assignment[bestUnit] = space.mix[bestChoice];
    }
    return assignment;
  }

  const SearchSpace &space;
  Metric metric;
  double baseline, allowed;
  size_t tried = 0;
  std::set<Assignment> asked;
  std::vector<Vector> rows;
  std::vector<double> drops;
  // The generator is fixed by the standard, the distribution by the library that is built with.
  std::mt19937_64 random{1};
};

} // namespace

std::unique_ptr<Strategy> createBayesianStrategy(const SearchSpace &space, const Metric &metric,
                                                 const Criterion &criterion, double baseline) {
  return std::make_unique<BayesianStrategy>(space, metric, criterion, baseline);
}

} // namespace octet

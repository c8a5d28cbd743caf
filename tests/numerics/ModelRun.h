// Runs a small ONNX model as a user would, by the evaluator and as machine code.

#ifndef OCTET_TESTS_NUMERICS_MODELRUN_H
#define OCTET_TESTS_NUMERICS_MODELRUN_H

#include "tests/frontend/ModelBuilder.h"

#include <vector>

namespace octet::test {

struct ModelRun {
  std::string error; ///< of the compiler; empty if both ways ran
  /// Elements of each output in row-major order.
  std::vector<std::vector<double>> evaluated, native;
};

/// `inputs` are the elements of each input.
ModelRun runModel(const ModelBuilder &model, const std::vector<std::vector<double>> &inputs);

/// Both ways give `expected`, up to `tolerance`.
inline void expectOutputs(const ModelBuilder &model, const std::vector<std::vector<double>> &inputs,
                          const std::vector<std::vector<double>> &expected,
                          double tolerance = 1e-5) {
  ModelRun run = runModel(model, inputs);
  ASSERT_EQ(run.error, "");
  for (auto *outputs : {&run.evaluated, &run.native}) {
    ASSERT_EQ(outputs->size(), expected.size());
    for (size_t i = 0; i < expected.size(); ++i) {
      ASSERT_EQ((*outputs)[i].size(), expected[i].size()) << "output " << i;
      for (size_t k = 0; k < expected[i].size(); ++k)
        EXPECT_NEAR((*outputs)[i][k], expected[i][k], tolerance)
            << (outputs == &run.native ? "native" : "evaluated") << " output " << i << ", element "
            << k;
    }
  }
}

} // namespace octet::test

#endif // OCTET_TESTS_NUMERICS_MODELRUN_H

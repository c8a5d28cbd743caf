// A compiled model in a shared library, and contexts of it.

#ifndef OCTET_TOOLS_RUN_MODELLIBRARY_H
#define OCTET_TOOLS_RUN_MODELLIBRARY_H

#include "octet/runtime.h"
#include "tools/run/Layers.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>

namespace octet::run {

class ModelLibrary {
public:
  /// Loads the library and checks that its model is one of this ABI and of this CPU.
  static llvm::Expected<std::unique_ptr<ModelLibrary>> load(llvm::StringRef path);
  ~ModelLibrary();

  /// The network for the shape that is selected, the first one if none was.
  const octet_model &getModel() const { return *model; }
  /// It for all shapes.
  llvm::ArrayRef<const octet_model *> getModels() const { return models; }
  void select(size_t shape) { model = models[shape]; }
  llvm::ArrayRef<octet_io> getInputs() const { return {model->inputs, model->input_count}; }
  /// The outputs of the model itself.
  llvm::ArrayRef<octet_io> getOutputs() const { return getResults().take_front(outputCount); }
  /// These and the layers behind them, if it returns any.
  llvm::ArrayRef<octet_io> getResults() const { return {model->outputs, model->output_count}; }
  /// Empty for a library that was not made with --keep-layers.
  llvm::ArrayRef<Layer> getLayers() const { return layers; }

  /// A message about the library.
  llvm::Error fail(const llvm::Twine &message) const;

private:
  ModelLibrary(std::string path, void *handle) : path(std::move(path)), handle(handle) {}
  std::string path;
  void *handle;
  const octet_model *model = nullptr;
  std::vector<const octet_model *> models;
  uint32_t outputCount = 0;
  std::vector<Layer> layers;
};

/// A context with a buffer for every input and output.
class Instance {
public:
  static llvm::Expected<std::unique_ptr<Instance>> create(const ModelLibrary &library,
                                                          octet_options options);
  ~Instance();

  llvm::ArrayRef<octet_buffer> getInputs() const { return inputs; }
  llvm::ArrayRef<octet_buffer> getOutputs() const {
    return llvm::ArrayRef<octet_buffer>(results).take_front(library.getOutputs().size());
  }
  llvm::ArrayRef<octet_buffer> getResults() const { return results; }
  octet_context *getContext() const { return context; }

  /// Places of outputs that the run did not use are 0.
  llvm::Error run();

private:
  explicit Instance(const ModelLibrary &library) : library(library) {}
  llvm::Error allocate(llvm::ArrayRef<octet_io> ios, std::vector<octet_buffer> &buffers);

  const ModelLibrary &library;
  octet_context *context = nullptr;
  std::vector<octet_buffer> inputs, results;
};

} // namespace octet::run

#endif // OCTET_TOOLS_RUN_MODELLIBRARY_H

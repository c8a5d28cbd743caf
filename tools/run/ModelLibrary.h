// A compiled model in a shared library, and contexts of it.

#ifndef OCTET_TOOLS_RUN_MODELLIBRARY_H
#define OCTET_TOOLS_RUN_MODELLIBRARY_H

#include "octet/runtime.h"

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

  const octet_model &getModel() const { return *model; }
  llvm::ArrayRef<octet_io> getInputs() const { return {model->inputs, model->input_count}; }
  llvm::ArrayRef<octet_io> getOutputs() const { return {model->outputs, model->output_count}; }

  /// A message about the library.
  llvm::Error fail(const llvm::Twine &message) const;

private:
  ModelLibrary(std::string path, void *handle) : path(std::move(path)), handle(handle) {}
  std::string path;
  void *handle;
  const octet_model *model = nullptr;
};

/// A context with a buffer for every input and output.
class Instance {
public:
  static llvm::Expected<std::unique_ptr<Instance>> create(const ModelLibrary &library,
                                                          octet_options options);
  ~Instance();

  llvm::ArrayRef<octet_buffer> getInputs() const { return inputs; }
  llvm::ArrayRef<octet_buffer> getOutputs() const { return outputs; }
  octet_context *getContext() const { return context; }

  llvm::Error run();

private:
  explicit Instance(const ModelLibrary &library) : library(library) {}
  llvm::Error allocate(llvm::ArrayRef<octet_io> ios, std::vector<octet_buffer> &buffers);

  const ModelLibrary &library;
  octet_context *context = nullptr;
  std::vector<octet_buffer> inputs, outputs;
};

} // namespace octet::run

#endif // OCTET_TOOLS_RUN_MODELLIBRARY_H

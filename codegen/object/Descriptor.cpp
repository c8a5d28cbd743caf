// The descriptor is written in LLVM IR rather than MLIR: it is constant data with
// the layout of C structs, which LLVM's constants say most directly.

#include "codegen/object/Descriptor.h"

#include "octet/runtime.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

namespace octet::codegen {

namespace {

class DescriptorBuilder {
public:
  explicit DescriptorBuilder(llvm::Module &module)
      : module(module), pointer(llvm::PointerType::getUnqual(module.getContext())),
        i32(llvm::Type::getInt32Ty(module.getContext())),
        i64(llvm::Type::getInt64Ty(module.getContext())) {}

  llvm::Constant *number32(uint64_t value) { return llvm::ConstantInt::get(i32, value); }
  llvm::Constant *number64(uint64_t value) { return llvm::ConstantInt::get(i64, value); }

  llvm::Constant *text(llvm::StringRef value) {
    return data(llvm::ConstantDataArray::getString(module.getContext(), value), "text");
  }

  llvm::GlobalVariable *data(llvm::Constant *value, llvm::StringRef name) {
    auto *global = new llvm::GlobalVariable(module, value->getType(), /*isConstant=*/true,
                                            llvm::GlobalValue::InternalLinkage, value, name);
    global->setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::Global);
    return global;
  }

  llvm::Constant *structure(llvm::ArrayRef<llvm::Constant *> fields) {
    return llvm::ConstantStruct::getAnon(module.getContext(), fields);
  }

  llvm::Constant *array(llvm::ArrayRef<llvm::Constant *> elements, llvm::StringRef name) {
    if (elements.empty())
      return llvm::ConstantPointerNull::get(pointer);
    auto *type = llvm::ArrayType::get(elements.front()->getType(), elements.size());
    return data(llvm::ConstantArray::get(type, elements), name);
  }

  llvm::Constant *describe(const IoInfo &io) {
    llvm::ArrayRef<int64_t> shape = io.type.getShape();
    llvm::SmallVector<uint64_t> dims(shape);
    llvm::Constant *dimsData =
        dims.empty() ? llvm::ConstantPointerNull::get(pointer)
                     : static_cast<llvm::Constant *>(
                           data(llvm::ConstantDataArray::get(module.getContext(), dims), "dims"));
    return structure({text(io.name), dimsData, number64(getBufferBytes(io.type)),
                      number32(shape.size()), number32(getDtype(io.type.getElementType()))});
  }

  llvm::Module &module;
  llvm::PointerType *pointer;
  llvm::Type *i32, *i64;
};

} // namespace

/// The octet_model of one entry; `next` may be a null pointer.
static llvm::GlobalVariable *addModel(llvm::Module &module, const ModelInfo &model,
                                      const EntryInfo &info, llvm::StringRef entry,
                                      llvm::Constant *api, llvm::Constant *next) {
  DescriptorBuilder b(module);
  llvm::SmallVector<llvm::Constant *> inputs, outputs, kernels, extents;
  for (const IoInfo &io : info.inputs)
    inputs.push_back(b.describe(io));
  for (const IoInfo &io : info.outputs)
    outputs.push_back(b.describe(io));
  for (const ExtentInfo &extent : info.extents)
    extents.push_back(b.structure(
        {b.number32(extent.output), b.number32(extent.axis), b.number32(extent.count)}));
  std::string texts;
  llvm::StringMap<uint32_t> offsets;
  auto text = [&](llvm::StringRef value) {
    auto [known, isNew] = offsets.try_emplace(value, texts.size());
    if (isNew)
      texts.append(value.data(), value.size()).push_back('\0');
    return b.number32(known->second);
  };
  for (const LaunchInfo &launch : info.launches) {
    llvm::Constant *node = text(launch.node), *kernel = text(launch.kernel);
    kernels.push_back(b.structure({node, kernel, b.number64(launch.units)}));
  }

  constexpr unsigned kArenaAlignment = 64;
  // In the order of `struct octet_model`.
  llvm::Constant *fields[] = {
      b.number32(OCTET_ABI_VERSION),
      b.number32(sizeof(octet_model)),
      api,
      b.text(model.name),
      b.text(model.target),
      b.number64(model.cpuFeatures),
      b.array(inputs, "inputs"),
      b.array(outputs, "outputs"),
      b.array(kernels, "kernels"),
      b.text(texts),
      b.number32(inputs.size()),
      b.number32(outputs.size()),
      b.number32(kernels.size()),
      b.number32(kArenaAlignment),
      b.number64(info.arenaBytes),
      b.number64(model.weightBytes),
      module.getFunction(entry),
      next,
      b.array(extents, "extents"),
      b.number32(extents.size()),
  };
  llvm::GlobalVariable *global = b.data(b.structure(fields), "model");
  assert(module.getDataLayout().getTypeAllocSize(global->getValueType()) == sizeof(octet_model) &&
         "descriptor differs from struct octet_model");
  global->setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::None);
  return global;
}

void addDescriptor(llvm::Module &module, const ModelInfo &info) {
  DescriptorBuilder b(module);
  auto *api =
      new llvm::GlobalVariable(module, b.pointer, /*isConstant=*/true,
                               llvm::GlobalValue::ExternalLinkage, nullptr, "octet_runtime_api");
  // Backwards, as each points at the next one.
  llvm::Constant *model = llvm::ConstantPointerNull::get(b.pointer);
  for (size_t i = info.others.size(); i > 0; --i)
    model = addModel(module, info, info.others[i - 1], getEntrySymbol(i), api, model);
  model = addModel(module, info, info, getEntrySymbol(0), api, model);

  auto *getterType = llvm::FunctionType::get(b.pointer, false);
  auto *getter = llvm::Function::Create(getterType, llvm::GlobalValue::ExternalLinkage,
                                        info.name + "_model", module);
  getter->setDoesNotThrow();
  llvm::IRBuilder<> builder(llvm::BasicBlock::Create(module.getContext(), "", getter));
  builder.CreateRet(model);
}

} // namespace octet::codegen

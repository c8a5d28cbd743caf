#include "codegen/object/NativeModule.h"

#include "codegen/lower/Pipeline.h"
#include "codegen/object/Descriptor.h"
#include "codegen/object/LayersText.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Analysis/TargetTransformInfo.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Target/TargetOptions.h"

using namespace mlir;

namespace octet::codegen {

static std::unique_ptr<llvm::TargetMachine> createMachine(const Target &target) {
  llvm::Triple triple("x86_64-unknown-linux-gnu");
  std::string error;
  const llvm::Target *backend = llvm::TargetRegistry::lookupTarget(triple, error);
  assert(backend && "lookupTarget found the backend before");
  llvm::TargetOptions options;
  return std::unique_ptr<llvm::TargetMachine>(backend->createTargetMachine(
      triple, target.cpu, target.featureString, options, llvm::Reloc::PIC_, llvm::CodeModel::Small,
      llvm::CodeGenOptLevel::Aggressive));
}

// Everything but the getter is the module's own. Buffers of a kernel never overlap
// (PlanMemory gives live tensors disjoint bytes), which lets LLVM keep values in
// registers across stores.
static void setAttributes(llvm::Module &module, const Target &target) {
  for (llvm::Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.setLinkage(llvm::GlobalValue::InternalLinkage);
    function.addFnAttr("target-cpu", target.cpu);
    if (!target.featureString.empty())
      function.addFnAttr("target-features", target.featureString);
    function.addFnAttr("prefer-vector-width", llvm::utostr(target.getVectorBits()));
    function.addFnAttr(llvm::Attribute::NoUnwind);
    bool isEntry = function.getName() == "entry" || function.getName().starts_with("entry.");
    if (isEntry) {
      function.addFnAttr(llvm::Attribute::MinSize);
      function.addFnAttr(llvm::Attribute::OptimizeForSize);
    }
    if (isEntry || function.getName().ends_with(".thunk"))
      continue;
    for (llvm::Argument &argument : function.args())
      if (argument.getType()->isPointerTy())
        argument.addAttr(llvm::Attribute::NoAlias);
  }
}

static void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = true;
  // Kernels are unrolled by their emitters, to the size the registers hold.
  tuning.LoopUnrolling = false;
  tuning.SLPVectorization = false;
  llvm::PassBuilder builder(&machine, tuning);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3).run(module, modules);
}

FailureOr<NativeModule> NativeModule::create(ModuleOp kernels, const Target &target,
                                             StringRef name) {
  NativeModule result;
  result.info.name = name.str();
  result.info.target = target.cpu;
  result.info.cpuFeatures = target.features;
  if (failed(readModelInfo(kernels, result.info)))
    return failure();

  PassManager pm(kernels.getContext());
  buildLLVMPipeline(pm);
  if (failed(pm.run(kernels)))
    return failure();

  result.context = std::make_unique<llvm::LLVMContext>();
  result.module = translateModuleToLLVMIR(kernels, *result.context, name);
  if (!result.module)
    return failure();
  result.machine = createMachine(target);
  result.module->setTargetTriple(result.machine->getTargetTriple());
  result.module->setDataLayout(result.machine->createDataLayout());
  setAttributes(*result.module, target);
  addDescriptor(*result.module, result.info);
  assert(!llvm::verifyModule(*result.module, &llvm::errs()) && "invalid LLVM IR");
  optimize(*result.module, *result.machine);
  return result;
}

void NativeModule::addGenericGetter() {
  llvm::Function *getter = module->getFunction(info.name + "_model");
  llvm::Function *generic = llvm::Function::Create(
      getter->getFunctionType(), llvm::GlobalValue::ExternalLinkage, "octet_get_model", *module);
  generic->setDoesNotThrow();
  llvm::IRBuilder<> builder(llvm::BasicBlock::Create(*context, "", generic));
  builder.CreateRet(builder.CreateCall(getter));

  std::string layers = printLayers(info);
  if (layers.empty())
    return;
  llvm::Constant *text = llvm::ConstantDataArray::getString(*context, layers);
  new llvm::GlobalVariable(*module, text->getType(), /*isConstant=*/true,
                           llvm::GlobalValue::ExternalLinkage, text, "octet_layers");
}

SmallVector<char, 0> NativeModule::emit(llvm::CodeGenFileType type) {
  SmallVector<char, 0> output;
  llvm::raw_svector_ostream stream(output);
  llvm::legacy::PassManager pm;
  // Emission changes the module; a clone leaves it for the next form.
  if (machine->addPassesToEmitFile(pm, stream, nullptr, type))
    llvm_unreachable("the x86 backend emits objects and assembly");
  pm.run(*module);
  return output;
}

} // namespace octet::codegen

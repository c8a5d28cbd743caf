#include "codegen/tune/MeasureTilings.h"

#include "codegen/tune/IsolatedKernel.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/MD5.h"

using namespace mlir;

namespace octet::codegen {

constexpr size_t kCandidates = 8;
/// Seconds for each kernel, beside compilation.
constexpr double kBudget = 0.03;
/// A candidate has to be this much faster than the model's choice: below it, medians
/// of a few dozen runs are noise.
constexpr double kMargin = 0.98;

std::string getMissingFeatures(const Target &target, const Target &host) {
  static constexpr llvm::StringLiteral kNames[] = {
#define OCTET_CPU_FEATURE(ID, NAME) NAME,
#include "octet/cpu_features.def"
  };
  SmallVector<StringRef> missing;
  for (auto [bit, feature] : llvm::enumerate(kNames))
    if ((target.features & ~host.features) >> bit & 1)
      missing.push_back(feature);
  return llvm::join(missing, ", ");
}

FailureOr<MeasureTilings> MeasureTilings::create(StringRef name, TilingCache cache,
                                                 std::string &error) {
  auto target = lookupTarget(name, error), host = lookupTarget("native", error);
  if (failed(target) || failed(host))
    return failure();
  if (std::string missing = getMissingFeatures(*target, *host); !missing.empty()) {
    error = "expected a target that this machine can run for --autotune, got '" + name.str() +
            "', which needs " + missing;
    return failure();
  }
  return MeasureTilings(name, std::move(*target), std::move(*host), std::move(cache));
}

static std::string joinExtents(ArrayRef<int64_t> extents) {
  return llvm::join(llvm::map_range(extents, [](int64_t extent) { return std::to_string(extent); }),
                    "x");
}

// Readable up to the hash. That is of the body which the kernel has with the model's
// tiling: it holds strides, types, epilogue and whatever else emitters make of the op,
// so that no version of the emitters has to be raised by hand.
std::string MeasureTilings::getSignature(Operation *op, const TilingQuestion &question) const {
  Operation *root = op;
  if (auto group = dyn_cast<FusedOp>(op))
    root = group.getRoot();
  Operation *copy = op->clone();
  copy->setAttr(kTilingAttr,
                getTilingAttr(op->getContext(), chooseTiling(*question.row, question.problem)));
  std::string body = printKernel(copy, target);
  copy->destroy();
  if (body.empty())
    return {};
  const TilingProblem &problem = question.problem;
  std::string signature;
  llvm::raw_string_ostream os(signature);
  os << root->getName().stripDialect() << " "
     << joinExtents(cast<RankedTensorType>(op->getResult(0).getType()).getShape()) << " "
     << question.row->name << " rows " << joinExtents(problem.rows) << " channels "
     << problem.channels << " groups " << problem.groups << " steps " << problem.steps << " cpu "
     << target.cpu << "+" << llvm::utohexstr(target.features) << " on " << host.cpu << " llvm "
     << LLVM_VERSION_STRING << " body "
     << llvm::MD5::hash(llvm::arrayRefFromStringRef(body)).digest();
  return signature;
}

FailureOr<Tiling> MeasureTilings::choose(Operation *op, const TilingQuestion &question) {
  const Tiling model = chooseTiling(*question.row, question.problem);
  std::string signature = getSignature(op, question);
  if (signature.empty())
    return model; // EmitKernels will say why
  if (const Tiling *known = cache.lookup(signature)) {
    if (std::string problem = checkTiling(*question.row, question.problem, *known);
        !problem.empty())
      return emitError(UnknownLoc::get(op->getContext()), "tiling cache: kernel '")
                 << signature << "': " << problem,
             failure();
    if (!measured.contains(signature))
      cached.insert(signature);
    return *known;
  }

  SmallVector<Tiling> candidates =
      getTilingCandidates(*question.row, question.problem, kCandidates);
  if (candidates.size() == 1)
    return model;
  std::vector<IsolatedKernel> kernels;
  Operation *copy = op->clone();
  llvm::scope_exit destroy([&] { copy->destroy(); });
  for (const Tiling &tiling : candidates) {
    copy->setAttr(kTilingAttr, getTilingAttr(op->getContext(), tiling));
    auto kernel = IsolatedKernel::compile(copy, name);
    if (failed(kernel))
      return failure();
    kernels.push_back(std::move(*kernel));
  }
  SmallVector<double> times = measureMedians(kernels, kBudget);
  size_t best = llvm::min_element(times) - times.begin();
  if (times[best] > kMargin * times[0])
    best = 0;
  cache.add(signature, candidates[best]);
  measured.insert(signature);
  return candidates[best];
}

} // namespace octet::codegen

#include "tests/numerics/GuardedModel.h"

#include "codegen/lower/Pipeline.h"
#include "octet/runtime.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/MathExtras.h"
#include "gtest/gtest.h"

#include <csignal>
#include <cstdio>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

using namespace mlir;

namespace octet::test {

using reference::Tensor;

namespace {

constexpr char kCanary = '\xcd';
/// Threads of the second run: not a power of two, and more than units at times.
constexpr uint32_t kTeam = 3;

/// Bytes between two unmapped pages.
class GuardedBytes {
public:
  GuardedBytes(int64_t bytes, bool atEnd) : bytes(bytes) {
    const int64_t page = getpagesize();
    room = llvm::alignTo(std::max<int64_t>(bytes, 1), page);
    mapped = room + 2 * page;
    base =
        static_cast<char *>(mmap(nullptr, mapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (base == MAP_FAILED || mprotect(base + page, room, PROT_READ | PROT_WRITE))
      llvm::report_fatal_error("cannot map guarded memory");
    rest = base + page;
    begin = atEnd ? rest + room - bytes : rest;
    std::memset(rest, kCanary, room);
  }
  GuardedBytes(const GuardedBytes &) = delete;
  ~GuardedBytes() { munmap(base, mapped); }

  char *data() const { return begin; }
  /// Whether the page holds what it held, beside the bytes.
  bool isIntact() const {
    auto isCanary = [](char byte) { return byte == kCanary; };
    return std::all_of(rest, begin, isCanary) && std::all_of(begin + bytes, rest + room, isCanary);
  }

private:
  int64_t bytes, room, mapped;
  char *base, *rest, *begin;
};

/// Memory of the model that kernels are given parts of.
struct Region {
  char *begin;
  int64_t bytes;
  bool isWritten;
};

/// Buffers that overlap, as where a result takes the place of an operand or a slice lies in
/// a wider tensor.
struct Share {
  char *begin, *end;
  bool isWritten;
  std::unique_ptr<GuardedBytes> copy;
};

/// The run in progress, for the runtime's callback and the signal handler.
struct Run {
  const std::vector<LaunchInfo> *launches;
  std::vector<Region> regions;
  bool atEnd;
  uint32_t current = 0;
  std::vector<std::pair<const char *, int64_t>> buffers; // as the kernel sees them
};

Run *active;
struct sigaction previous;

// Says whose access it was, and lets the next handler say the rest.
void reportFault(int, siginfo_t *info, void *) {
  auto *address = static_cast<const char *>(info->si_addr);
  char text[256];
  int length = 0;
  if (active)
    for (size_t i = 0; i < active->buffers.size(); ++i) {
      auto [begin, bytes] = active->buffers[i];
      const int64_t page = getpagesize();
      if (address < begin - page || address >= begin + bytes + page)
        continue;
      length = std::snprintf(
          text, sizeof text,
          "launch %u ('%.80s') reaches outside of buffer %zu of %lld bytes: %lld bytes %s\n",
          active->current, (*active->launches)[active->current].node.c_str(), i,
          static_cast<long long>(bytes),
          static_cast<long long>(address < begin ? begin - address : address - begin - bytes),
          address < begin ? "before its begin" : "behind its end");
      if (write(STDERR_FILENO, text, length) < 0)
        break;
    }
  sigaction(SIGSEGV, &previous, nullptr);
}

void installHandler() {
  static bool done = [] {
    struct sigaction action = {};
    action.sa_sigaction = reportFault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    return sigaction(SIGSEGV, &action, &previous) == 0;
  }();
  (void)done;
}

std::vector<Share> findShares(void *const *buffers, const LaunchInfo &launch) {
  std::vector<Share> shares;
  for (auto [i, bytes] : llvm::enumerate(launch.bytes)) {
    char *begin = static_cast<char *>(buffers[i]), *end = begin + bytes;
    bool isWritten = false;
    // A slice claims the pitch of the wider tensor behind its last element, too.
    for (const Region &region : active->regions)
      if (begin >= region.begin && begin < region.begin + region.bytes) {
        end = std::min(end, region.begin + region.bytes);
        isWritten = region.isWritten;
      }
    shares.push_back({begin, end, isWritten, nullptr});
  }
  llvm::sort(shares, [](const Share &a, const Share &b) { return a.begin < b.begin; });
  std::vector<Share> joined;
  for (Share &share : shares)
    if (!joined.empty() && share.begin < joined.back().end)
      joined.back().end = std::max(joined.back().end, share.end);
    else
      joined.push_back(std::move(share));
  return joined;
}

void launchGuarded(octet_context *context, octet_kernel_fn kernel, void *const *buffers,
                   int64_t units, uint32_t index) {
  const LaunchInfo &launch = (*active->launches)[index];
  std::vector<Share> shares = findShares(buffers, launch);
  for (Share &share : shares) {
    share.copy = std::make_unique<GuardedBytes>(share.end - share.begin, active->atEnd);
    std::memcpy(share.copy->data(), share.begin, share.end - share.begin);
  }
  std::vector<void *> moved;
  active->current = index;
  active->buffers.clear();
  for (size_t i = 0; i < launch.bytes.size(); ++i) {
    char *begin = static_cast<char *>(buffers[i]);
    for (const Share &share : shares)
      if (begin >= share.begin && begin <= share.end) {
        char *copy = share.copy->data() + (begin - share.begin);
        if (moved.size() > i) // an empty range touches two
          moved.pop_back();
        moved.push_back(copy);
      }
    active->buffers.resize(i);
    active->buffers.emplace_back(static_cast<char *>(moved.back()), launch.bytes[i]);
  }
  octet_launch(context, kernel, moved.data(), units, index);
  for (Share &share : shares) {
    EXPECT_TRUE(share.copy->isIntact()) << launch.node << ": wrote beside a buffer";
    if (share.isWritten)
      std::memcpy(share.begin, share.copy->data(), share.end - share.begin);
    else
      EXPECT_EQ(std::memcmp(share.begin, share.copy->data(), share.end - share.begin), 0)
          << launch.node << ": wrote to an input or a constant";
  }
  active->buffers.clear();
}

} // namespace

void GuardedModel::Destroy::operator()(octet_context *context) const {
  octet_runtime_api.destroy(context);
}

static std::vector<LaunchInfo> findLaunches(ModuleOp kernels) {
  std::vector<LaunchInfo> launches;
  kernels.lookupSymbol<func::FuncOp>("entry").walk([&](LaunchOp launch) {
    LaunchInfo info{launch.getNode().str(), {}};
    for (Type type : launch.getBuffers().getTypes()) {
      auto memref = cast<MemRefType>(type);
      info.bytes.push_back(memref.getNumElements() * memref.getElementTypeBitWidth() / 8);
    }
    launches.push_back(std::move(info));
  });
  return launches;
}

FailureOr<GuardedModel> GuardedModel::load(ModuleOp kernels, const codegen::Target &target) {
  installHandler();
  std::vector<LaunchInfo> launches = findLaunches(kernels);
  auto native = codegen::NativeModule::create(kernels, target, "jit");
  if (failed(native))
    return failure();
  auto model = codegen::JitModel::load(std::move(*native), kernels.getLoc(), /*threads=*/1,
                                       /*profile=*/false, launchGuarded);
  if (failed(model))
    return failure();
  const octet_options options = {kTeam, 0};
  octet_context *team = nullptr;
  if (octet_runtime_api.create(&model->getModel(), &options, &team) != OCTET_OK)
    return kernels.emitError("cannot create a context of several threads"), failure();
  return GuardedModel(std::move(*model), team, std::move(launches));
}

FailureOr<GuardedModel> GuardedModel::compile(ModuleOp graph, StringRef target) {
  std::string error;
  auto machine = codegen::lookupTarget(target, error);
  if (failed(machine))
    return graph.emitError(error), failure();
  PassManager pm(graph.getContext());
  KernelsOptions options;
  options.target = target.str();
  buildKernelsPipeline(pm, options);
  if (failed(pm.run(graph)))
    return failure();
  return load(graph, *machine);
}

SmallVector<Tensor> GuardedModel::runOnce(ArrayRef<Tensor> inputs, bool atEnd) {
  const octet_model &compiled = model.getModel();
  Run run{&launches, {}, atEnd, 0, {}};
  SmallVector<Tensor> outputs;
  SmallVector<void *> in, out;
  for (const Tensor &input : inputs) {
    char *data = const_cast<char *>(input.bytes().data());
    in.push_back(data);
    run.regions.push_back({data, static_cast<int64_t>(input.bytes().size()), false});
  }
  for (const codegen::IoInfo &io : model.getInfo().outputs)
    outputs.emplace_back(io.type);
  for (Tensor &output : outputs) {
    // Whatever a kernel leaves out shows up as a difference between the runs.
    llvm::fill(output.bytes(), atEnd ? '\x55' : '\xaa');
    out.push_back(output.bytes().data());
    run.regions.push_back(
        {output.bytes().data(), static_cast<int64_t>(output.bytes().size()), true});
  }
  GuardedBytes arena(llvm::alignTo(compiled.arena_bytes, 64), atEnd);
  std::memset(arena.data(), atEnd ? 0x55 : 0xaa, compiled.arena_bytes);
  run.regions.push_back({arena.data(), static_cast<int64_t>(compiled.arena_bytes), true});
  active = &run;
  compiled.entry(atEnd ? model.getContext() : team.get(), in.data(), out.data(), arena.data());
  active = nullptr;
  return outputs;
}

SmallVector<Tensor> GuardedModel::run(ArrayRef<Tensor> inputs) {
  SmallVector<Tensor> first = runOnce(inputs, /*atEnd=*/true);
  SmallVector<Tensor> second = runOnce(inputs, /*atEnd=*/false);
  for (auto [i, a, b] : llvm::enumerate(first, second))
    EXPECT_TRUE(a.bytes() == b.bytes())
        << "output " << i << " depends on threads, alignment, or what memory held before";
  return first;
}

} // namespace octet::test

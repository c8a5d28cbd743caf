// Runs a compiled model over samples, scores its outputs and measures its speed.

#include "tools/run/Run.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

template <typename T>
using Option = cl::opt<T, true>;

static int fail(StringRef message) {
  errs() << "octet-run: error: " << message.rtrim() << '\n';
  return 1;
}

int main(int argc, char **argv) {
  // LLVM's library registers options of its own, `threads` among them.
  cl::ResetCommandLineParser();
  cl::OptionCategory category("octet-run options");
  octet::run::RunOptions options;
  Option<std::string> library(cl::Positional, cl::desc("<model.so>"), cl::value_desc("file"),
                              cl::location(options.library), cl::cat(category));
  Option<std::string> input("input", cl::desc("Samples, in arrays named as the model's inputs"),
                            cl::value_desc("X.npz"), cl::location(options.input),
                            cl::cat(category));
  Option<std::string> output("output", cl::desc("Store the outputs of all samples"),
                             cl::value_desc("Y.npz"), cl::location(options.output),
                             cl::cat(category));
  Option<std::string> golden("compare",
                             cl::desc("Compare with expected outputs, named out:NAME; the "
                                      "inputs are taken from here without --input"),
                             cl::value_desc("GOLDEN.npz"), cl::location(options.golden),
                             cl::cat(category));
  Option<std::string> labels("labels", cl::desc("Array of class numbers: print top-1 and top-5"),
                             cl::value_desc("NAME"), cl::location(options.labels),
                             cl::cat(category));
  Option<bool> layers("layers", cl::desc("How far each layer is from --reference, worst first"),
                      cl::location(options.layers), cl::cat(category));
  Option<std::string> reference("reference",
                                cl::desc("For --layers: the model in f32; both come "
                                         "from octetc --keep-layers"),
                                cl::value_desc("F32.so"), cl::location(options.reference),
                                cl::cat(category));
  Option<std::string> diff("diff",
                           cl::desc("Compare another build with this one: outputs, layers that "
                                    "both return, and times of nodes"),
                           cl::value_desc("A.so"), cl::location(options.diff), cl::cat(category));
  Option<bool> bench("bench", cl::desc("Measure the latency"), cl::location(options.bench),
                     cl::cat(category));
  Option<bool> profile("profile", cl::desc("Measure each kernel"), cl::location(options.profile),
                       cl::cat(category));
  Option<bool> json("json", cl::desc("Print one JSON object; a profile goes to stderr"),
                    cl::location(options.json), cl::cat(category));
  Option<double> seconds("seconds", cl::desc("Time for a measurement (default 3)"),
                         cl::location(options.seconds), cl::cat(category));
  Option<unsigned> threads("threads", cl::desc("Threads to run on (default 1)"),
                           cl::location(options.threads), cl::cat(category));
  Option<unsigned> shape("shape",
                         cl::desc("Of a model for several shapes: which, from 1 (default: the "
                                  "first that the samples fit)"),
                         cl::location(options.shape), cl::cat(category));
  cl::HideUnrelatedOptions(category);
  std::string problem;
  raw_string_ostream problemOs(problem);
  if (!cl::ParseCommandLineOptions(argc, argv, "runs and measures a compiled model\n",
                                   &problemOs)) {
    // Empty if the parser has already spoken.
    StringRef text = StringRef(problem).split(".  Try:").first;
    return text.empty() ? 1 : fail(text.split(": ").second);
  }
  if (options.library.empty())
    return fail("expected a compiled model");
  if (!(options.seconds > 0 && options.seconds <= 3600))
    return fail("expected --seconds between 0 and 3600");
  if (options.threads < 1 || options.threads > 256)
    return fail("expected --threads between 1 and 256");
  if (Error error = octet::run::run(options, outs(), errs()))
    return fail(toString(std::move(error)));
  return 0;
}

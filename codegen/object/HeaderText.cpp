// Sizes are macros because C's enumerators end at INT_MAX, and since they can give
// the extent of an array. Names out of the ONNX file reach the text only as cleaned
// identifiers and comments: they may hold anything.

#include "codegen/object/HeaderText.h"

#include "octet/runtime.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/raw_ostream.h"

namespace octet::codegen {
namespace {

llvm::StringRef getCType(uint32_t dtype) {
  switch (dtype) {
  case OCTET_F32:
    return "float";
  case OCTET_F64:
    return "double";
  case OCTET_I8:
    return "int8_t";
  case OCTET_I16:
    return "int16_t";
  case OCTET_I32:
    return "int32_t";
  case OCTET_I64:
    return "int64_t";
  case OCTET_U8:
  case OCTET_BOOL:
    return "uint8_t";
  case OCTET_U32:
    return "uint32_t";
  case OCTET_U64:
    return "uint64_t";
  // Also the bits of the two 16-bit float types.
  default:
    return "uint16_t";
  }
}

llvm::StringRef getComment(uint32_t dtype) {
  switch (dtype) {
  case OCTET_BOOL:
    return ", 0 or 1";
  case OCTET_F16:
    return ", bits of float16";
  case OCTET_BF16:
    return ", bits of bfloat16";
  default:
    return "";
  }
}

/// Text that neither ends a comment nor surprises a terminal.
std::string cleanComment(llvm::StringRef text) {
  std::string result;
  for (char c : text)
    result += llvm::isAlnum(c) || llvm::StringRef("_-.:/ ").contains(c) ? c : '?';
  return result;
}

class Printer {
public:
  explicit Printer(const ModelInfo &info)
      : info(info), name(info.name), macro(llvm::StringRef(info.name).upper()), os(text) {}

  std::string print() {
    os << "/* Model '" << cleanComment(name) << "' for " << cleanComment(info.target)
       << ", made by octetc: link it with the object or archive of the same run. */\n\n"
       << "#ifndef OCTET_MODEL_" << macro << "_H\n#define OCTET_MODEL_" << macro << "_H\n\n"
       << "#include \"octet/runtime.h\"\n\n"
       << "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"
       << "/* The model; constant, and usable from any thread. */\n"
       << "const octet_model *" << name << "_model(void);\n\n";
    int64_t arenaBytes = info.arenaBytes;
    for (const EntryInfo &other : info.others)
      arenaBytes = std::max(arenaBytes, other.arenaBytes);
    define(macro + "_INPUT_COUNT", info.inputs.size());
    define(macro + "_OUTPUT_COUNT", info.outputs.size());
    define(macro + "_ARENA_BYTES", arenaBytes);
    if (!info.others.empty())
      define(macro + "_SHAPE_COUNT", info.others.size() + 1);
    describe(info, macro);
    printFunctions();
    printRun(info, name, macro);
    for (auto [i, other] : llvm::enumerate(info.others)) {
      const std::string suffix = std::to_string(i + 1);
      os << "/* The same network for other shapes, with the same contexts. */\n";
      describe(other, macro + "_SHAPE_" + suffix);
      os << '\n';
      printRun(other, name + "_shape_" + suffix, macro + "_SHAPE_" + suffix);
    }
    os << "#ifdef __cplusplus\n}\n#endif\n\n#endif\n";
    return text;
  }

private:
  void define(const std::string &macroName, int64_t value) {
    os << "#define " << macroName << ' ' << value << '\n';
  }

  void describe(const EntryInfo &entry, const std::string &entryMacro) {
    for (auto [i, io] : llvm::enumerate(entry.inputs))
      describe(io, entryMacro, "INPUT", i);
    for (auto [i, io] : llvm::enumerate(entry.outputs))
      describe(io, entryMacro, "OUTPUT", i);
    for (const ExtentInfo &extent : entry.extents)
      os << "\n/* output " << extent.output << ": along dimension " << extent.axis
         << " as many places are used as output " << extent.count << " says */\n";
  }

  void describe(const IoInfo &io, const std::string &entryMacro, llvm::StringRef kind,
                size_t index) {
    const std::string prefix = entryMacro + "_" + kind.str() + "_" + std::to_string(index);
    const uint32_t dtype = getDtype(io.type.getElementType());
    os << "\n/* " << kind.lower() << ' ' << index << ": '" << cleanComment(io.name) << "', "
       << getCType(dtype) << getComment(dtype) << " */\n";
    define(prefix + "_RANK", io.type.getRank());
    for (auto [i, extent] : llvm::enumerate(io.type.getShape()))
      define(prefix + "_DIM_" + std::to_string(i), extent);
    define(prefix + "_ELEMENTS", io.type.getNumElements());
    define(prefix + "_BYTES", getBufferBytes(io.type));
  }

  /// A parameter name that is new in this function, no keyword, and speaks.
  std::string chooseParameter(const IoInfo &io, llvm::StringRef kind, size_t index,
                              llvm::StringSet<> &used) {
    std::string result = (kind + "_" + makeIdentifier(io.name)).str();
    while (!used.insert(result).second)
      result += "_" + std::to_string(index);
    return result;
  }

  void printBuffers(llvm::StringRef array, llvm::ArrayRef<std::string> parameters,
                    llvm::StringRef entryMacro, llvm::StringRef kind) {
    // An array of no elements is not C.
    if (parameters.empty()) {
      os << "  octet_buffer *" << array << " = 0;\n";
      return;
    }
    os << "  octet_buffer " << array << "[] = {";
    for (auto [i, parameter] : llvm::enumerate(parameters))
      os << (i ? ",\n      " : "") << "{(void *)" << parameter << ", " << entryMacro << '_' << kind
         << '_' << i << "_BYTES}";
    os << "};\n";
  }

  void printFunctions() {
    os << "\n/* Everything that a run needs; `options` may be null. */\n"
       << "static inline octet_status " << name
       << "_create(const octet_options *options, octet_context **context) {\n"
       << "  return " << name << "_model()->api->create(" << name
       << "_model(), options, context);\n}\n\n"
       << "static inline void " << name << "_destroy(octet_context *context) {\n"
       << "  " << name << "_model()->api->destroy(context);\n}\n\n"
       << "static inline const char *" << name << "_status_message(octet_status status) {\n"
       << "  return " << name << "_model()->api->status_message(status);\n}\n\n";
  }

  void printRun(const EntryInfo &entry, llvm::StringRef entryName, llvm::StringRef entryMacro) {
    os << "/* Dense row-major elements of the types and numbers above. */\n"
       << "static inline octet_status " << entryName << "_run(octet_context *context";
    llvm::StringSet<> used;
    std::vector<std::string> inputs, outputs;
    for (auto [i, io] : llvm::enumerate(entry.inputs)) {
      inputs.push_back(chooseParameter(io, "in", i, used));
      os << ",\n    const " << getCType(getDtype(io.type.getElementType())) << " *"
         << inputs.back();
    }
    for (auto [i, io] : llvm::enumerate(entry.outputs)) {
      outputs.push_back(chooseParameter(io, "out", i, used));
      os << ",\n    " << getCType(getDtype(io.type.getElementType())) << " *" << outputs.back();
    }
    os << ") {\n";
    printBuffers("inputs", inputs, entryMacro, "INPUT");
    printBuffers("outputs", outputs, entryMacro, "OUTPUT");
    os << "  return " << name << "_model()->api->run(context, inputs, " << macro
       << "_INPUT_COUNT, outputs, " << macro << "_OUTPUT_COUNT);\n}\n\n";
  }

  const ModelInfo &info;
  std::string name, macro, text;
  llvm::raw_string_ostream os;
};

} // namespace

std::string makeIdentifier(llvm::StringRef name) {
  std::string result;
  for (char c : name)
    result += llvm::isAlnum(c) ? c : '_';
  if (result.empty() || llvm::isDigit(result.front()))
    result.insert(result.begin(), '_');
  return result;
}

std::string printHeader(const ModelInfo &info) { return Printer(info).print(); }

} // namespace octet::codegen

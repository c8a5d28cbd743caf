# lit configuration: one suite over every .mlir file (and .test file for tools)
# below this folder.

import os

import lit.formats

config.name = "octet"
config.test_format = lit.formats.ShTest(True)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "CMakeLists.txt"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = config.octet_test_dir

config.environment["PATH"] = os.pathsep.join(
    [config.octet_tools_dir, config.llvm_tools_dir, config.environment["PATH"]]
)
config.substitutions.append(("%python", config.python))
config.substitutions.append(("%source_root", config.octet_source_dir))
config.substitutions.append(("%shared_models", config.octet_lib_dir))
for variable in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
    if variable in os.environ:
        config.environment[variable] = os.environ[variable]

// RUN: octet-opt %s --verify-diagnostics --octet-lower-launch

// expected-error @below {{expected a function @entry in the LLVM dialect}}
module {
}

// RUN: octet-opt %s --verify-diagnostics --split-input-file --octet-lower-launch

// expected-error @below {{expected a function @entry in the LLVM dialect}}
module {
}

// -----

// expected-error @below {{expected the role of argument 1, got none}}
llvm.func @entry(%context: !llvm.ptr, %in: !llvm.ptr, %arena: !llvm.ptr) {
  llvm.return
}

// RUN: octet-opt %s --verify-diagnostics --octet-split-entries=launches=0

// expected-error @below {{expected at least one launch for each part, got 0}}
module {
}

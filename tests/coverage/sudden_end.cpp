// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// Linked with --wrap into every executable of a coverage build: writes the counts before a process ends without the
// normal way out.
extern "C" {
int __llvm_profile_write_file();
[[noreturn]] void __real_abort();
[[noreturn]] void __real__exit(int status);
[[noreturn]] void __wrap_abort();
[[noreturn]] void __wrap__exit(int status);

void __wrap_abort() {
    __llvm_profile_write_file();
    __real_abort();
}
void __wrap__exit(int status) {
    __llvm_profile_write_file();
    __real__exit(status);
}
}

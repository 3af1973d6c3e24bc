// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
// loader FILE...: loads each and calls it. A program may load as many libraries that use evproc as it likes.
#include <cstdio>
#include <dlfcn.h>

int main(int argc, char** argv) {
    for (int i = 1; i != argc; ++i) {
        void* const library = ::dlopen(argv[i], RTLD_NOW | RTLD_LOCAL);
        if (library == nullptr) {
            std::printf("library %d: %s\n", i, ::dlerror());
            return 1;
        }
        auto const use = reinterpret_cast<int (*)()>(::dlsym(library, "use_evproc"));
        if (use == nullptr || use() != 42) return 2;
    }
    std::printf("%d libraries loaded\n", argc - 1);
}

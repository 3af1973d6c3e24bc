# Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT

# Toolchain file for Debian's cross compilers: -DCMAKE_TOOLCHAIN_FILE=cmake/cross.cmake -DEVPROC_CROSS=<machine>.
# Debian packages: g++-<triple> and qemu-user (i386 needs no qemu); for windows g++-mingw-w64-x86-64-posix, wine and wine64.
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES EVPROC_CROSS)

# A machine: its triple, and CMAKE_SYSTEM_PROCESSOR.
set(evproc_machine_aarch64 aarch64-linux-gnu aarch64)
set(evproc_machine_armhf arm-linux-gnueabihf arm)
set(evproc_machine_i386 i686-linux-gnu i686)
set(evproc_machine_riscv64 riscv64-linux-gnu riscv64)
set(evproc_machine_s390x s390x-linux-gnu s390x)
set(evproc_machine_windows x86_64-w64-mingw32 AMD64)
if(NOT EVPROC_CROSS OR NOT DEFINED evproc_machine_${EVPROC_CROSS})
    message(FATAL_ERROR "EVPROC_CROSS is '${EVPROC_CROSS}'; it must be aarch64, armhf, i386, riscv64, s390x or windows")
endif()
list(GET evproc_machine_${EVPROC_CROSS} 0 evproc_triple)
list(GET evproc_machine_${EVPROC_CROSS} 1 CMAKE_SYSTEM_PROCESSOR)

if(EVPROC_CROSS STREQUAL "windows")
    set(CMAKE_SYSTEM_NAME Windows)
    set(CMAKE_CXX_COMPILER ${evproc_triple}-g++-posix)
    set(CMAKE_RC_COMPILER ${evproc_triple}-windres)
    # The programs carry the compiler's libraries with them: wine does not know where they are.
    set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
    # A home of its own for wine, and no message about the 32-bit half that is not there.
    set(CMAKE_CROSSCOMPILING_EMULATOR env;WINEDEBUG=-all;WINEPREFIX=${CMAKE_BINARY_DIR}/wine;wine)
else()
    set(CMAKE_SYSTEM_NAME Linux)
    set(CMAKE_CXX_COMPILER ${evproc_triple}-g++)
    set(CMAKE_CROSSCOMPILING_EMULATOR qemu-${CMAKE_SYSTEM_PROCESSOR};-L;/usr/${evproc_triple})
endif()
if(EVPROC_CROSS STREQUAL "i386")
    # An x86-64 kernel runs these itself, given the loader of their C library. Not qemu-i386: in its version 7.2 the first
    # std::thread of any program never starts.
    set(CMAKE_CROSSCOMPILING_EMULATOR
        /usr/${evproc_triple}/lib/ld-linux.so.2;--library-path;/usr/${evproc_triple}/lib)
endif()
set(CMAKE_FIND_ROOT_PATH /usr/${evproc_triple})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# SPDX-FileCopyrightText: 2026 The evproc authors
# SPDX-License-Identifier: MIT

include(GNUInstallDirs)

install(TARGETS evproc
    EXPORT evproc-targets
    FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
    INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")

// Copyright 2026 The evproc authors. SPDX-License-Identifier: MIT
#pragma once

#include "run.hpp"

#include <string>
#include <vector>

namespace comparison {

char const* kind_name(family kind);

// Each a whole text, ending with a new line.
std::string machine_line();
std::string machine_json();
std::string work_table(work_result const& result);
std::string final_table(std::vector<work_result> const& results);
std::string as_json(std::vector<work_result> const& results, settings const& how);

}  // namespace comparison

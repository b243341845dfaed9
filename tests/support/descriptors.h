// How many descriptors this process has open: a test that gives all back ends with the number it
// began with.

#pragma once

#include <dirent.h>

#include <cstddef>

namespace peerpool::testing {

[[nodiscard]] inline std::size_t countDescriptors() {
  std::size_t count = 0;
  DIR* directory = ::opendir("/proc/self/fd");
  while (directory != nullptr && ::readdir(directory) != nullptr) {
    ++count;
  }
  if (directory != nullptr) {
    ::closedir(directory);
  }
  return count;
}

}  // namespace peerpool::testing

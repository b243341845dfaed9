// A scratch directory of one test, and small files in it. Not for anything that outlives the test.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace peerpool::testing {

/// Made under /tmp with a short name: a socket path may have 107 bytes. Mode 0755, so that peers
/// with other uids can reach the sockets in it. Removed with all content when destroyed.
class TempDir {
 public:
  /// Throws std::system_error.
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// The path of `name` inside.
  [[nodiscard]] std::string operator/(std::string_view name) const {
    return path_ + '/' + std::string(name);
  }

 private:
  std::string path_;
};

/// Creates or replaces; throws std::runtime_error with the path.
void writeFile(const std::string& path, std::string_view content);
/// All of it; throws std::runtime_error with the path.
[[nodiscard]] std::string readFile(const std::string& path);
[[nodiscard]] bool exists(const std::string& path) noexcept;
/// Permission bits of what is at `path`; 0 when nothing is.
[[nodiscard]] unsigned permissionsOf(const std::string& path) noexcept;
/// Names in a directory, sorted.
[[nodiscard]] std::vector<std::string> filesIn(const std::string& directory);

}  // namespace peerpool::testing

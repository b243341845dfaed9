// Where each key stands in the files, for checks that run after reading.

#pragma once

#include <map>
#include <string>
#include <utility>

#include "config/model.h"

namespace peerpool::config {

/// Filled while files are read. A path is unique within its file only: included files count their
/// rules from 0 too.
class Places {
 public:
  /// The first one added for a place or a path stays: it is the outermost.
  void add(const Location& where, const std::string& path);
  /// The place of `path` in `file`; null when it is not there. Valid as long as nothing is added.
  [[nodiscard]] const Location* find(const std::string& file, const std::string& path) const;
  /// The path of what stands at `where`; empty when unknown.
  [[nodiscard]] std::string pathAt(const Location& where) const;

 private:
  std::map<std::pair<std::string, std::string>, Location> by_path_;
  std::map<std::string, std::string> by_place_;
};

}  // namespace peerpool::config

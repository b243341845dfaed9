#include "config/places.h"

namespace peerpool::config {

void Places::add(const Location& where, const std::string& path) {
  by_path_.try_emplace({where.file, path}, where);
  by_place_.try_emplace(describe(where), path);
}

const Location* Places::find(const std::string& file, const std::string& path) const {
  const auto found = by_path_.find({file, path});
  return found == by_path_.end() ? nullptr : &found->second;
}

std::string Places::pathAt(const Location& where) const {
  const auto found = by_place_.find(describe(where));
  return found == by_place_.end() ? std::string() : found->second;
}

}  // namespace peerpool::config

// Reading whole, cutting at spaces.

#include "auth/proc_text.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "proxy/base/unique_fd.h"

namespace peerpool::auth {

std::optional<std::string> readBelow(int directory, const char* name, std::size_t most) {
  const UniqueFd file(::openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file) {
    return std::nullopt;
  }
  std::string text(most, '\0');
  std::size_t filled = 0;
  while (filled < text.size()) {
    const ssize_t count = ::read(file.get(), text.data() + filled, text.size() - filled);
    if (count < 0) {
      return std::nullopt;
    }
    if (count == 0) {
      break;
    }
    filled += static_cast<std::size_t>(count);
  }
  text.resize(filled);
  return text;
}

std::string_view lineAfter(std::string_view text, std::string_view key) {
  std::size_t at = text.substr(0, key.size()) == key ? 0 : text.find('\n' + std::string(key));
  if (at == std::string_view::npos) {
    return {};
  }
  at += key.size() + (text[at] == '\n' ? 1 : 0);
  return text.substr(at, text.find('\n', at) - at);
}

std::vector<std::string_view> fieldsOf(std::string_view line) {
  std::vector<std::string_view> fields;
  while (true) {
    const std::size_t begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos) {
      return fields;
    }
    line.remove_prefix(begin);
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    fields.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

std::optional<uid_t> effectiveUid(const ProcessInfo& info, int directory) {
  if (info.euid) {
    return info.euid;
  }
  const std::optional<std::string> status = readBelow(directory, "status");
  const auto uids = fieldsOf(lineAfter(status.value_or(""), "Uid:"));
  uid_t uid = 0;
  if (uids.size() != 4 ||
      std::from_chars(uids[1].data(), uids[1].data() + uids[1].size(), uid).ec != std::errc()) {
    return std::nullopt;
  }
  return uid;
}

std::string_view fileSystemOf(std::string_view mountinfo, std::uint64_t mount) {
  const std::string number = std::to_string(mount);
  while (!mountinfo.empty()) {
    const std::size_t end = std::min(mountinfo.find('\n'), mountinfo.size());
    const std::vector<std::string_view> fields = fieldsOf(mountinfo.substr(0, end));
    // Optional fields begin with the seventh and end with a dash (proc(5)).
    if (!fields.empty() && fields.front() == number) {
      const auto dash = std::find(fields.begin(), fields.end(), "-");
      return fields.end() - dash > 1 ? dash[1] : std::string_view();
    }
    mountinfo.remove_prefix(std::min(end + 1, mountinfo.size()));
  }
  return {};
}

}  // namespace peerpool::auth

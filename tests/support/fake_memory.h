// What a session of the fake PostgreSQL keeps between requests: all that one client may leave there
// and another must never find.

#pragma once

#include <map>
#include <string>
#include <string_view>

namespace peerpool::testing {

/// The values are tags: "c7.3" was left there by request 3 of client 7.
struct FakeMemory {
  std::map<std::string, std::string> settings;    ///< As SET them.
  std::map<std::string, std::string> statements;  ///< Prepared ones by name; "" is the unnamed.
  std::string table;                              ///< A temporary one.
  std::string lock;
  std::string channel;      ///< LISTEN.
  std::string transaction;  ///< Who began it; empty outside of one.
  bool failed = false;      ///< The transaction is.

  [[nodiscard]] char status() const noexcept {
    return transaction.empty() ? 'I' : failed ? 'E' : 'T';
  }
  void endTransaction() noexcept {
    transaction.clear();
    failed = false;
  }
  /// What a query sees: "set=c7.1 table= lock= listen= tx=c7.3 app=c7".
  [[nodiscard]] std::string describe() const {
    const auto setting = [this](const char* name) {
      const auto found = settings.find(name);
      return found == settings.end() ? std::string() : found->second;
    };
    return "set=" + setting("work_mem") + " table=" + table + " lock=" + lock +
           " listen=" + channel + " tx=" + transaction + " app=" + setting("application_name");
  }
};

/// "c7" of "c7.3".
[[nodiscard]] inline std::string_view ownerOf(std::string_view tag) noexcept {
  return tag.substr(0, tag.find('.'));
}

}  // namespace peerpool::testing

// Prepared statements as clients know them: by names of their own, each for itself, though the
// texts are often the same.

#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "proxy/base/bytes.h"
#include "proxy/postgres/session_effect.h"

namespace peerpool::postgres {

/// Text and parameter types, and the settings under which PostgreSQL reads the text: what makes a
/// statement equal to another. Shared by all clients and servers of a worker that have it.
class Statement {
 public:
  /// `key`: as StatementTable makes it, the first `settings_length` bytes for the settings.
  Statement(std::string key, std::size_t settings_length);
  [[nodiscard]] std::string_view key() const noexcept { return key_; }
  /// Those under which its text was read first.
  [[nodiscard]] std::string_view settings() const noexcept {
    return key().substr(0, settings_length_).substr(key().find(' ') + 1);
  }
  /// The body of the Parse message behind the statement's name.
  [[nodiscard]] std::string_view definition() const noexcept {
    return key().substr(settings_length_);
  }
  /// Of its text, each time that it is carried out.
  [[nodiscard]] const SessionEffect& effect() const noexcept { return effect_; }

 private:
  std::string key_;
  std::size_t settings_length_;
  SessionEffect effect_;
};

/// All statements of a worker that somebody has.
class StatementTable {
 public:
  StatementTable() : index_(std::make_shared<Index>()) {}

  /// The same pointer for the same definition under the same settings (a text that tells them
  /// apart), for as long as one is held.
  [[nodiscard]] std::shared_ptr<const Statement> intern(ByteView definition,
                                                        std::string_view settings);
  [[nodiscard]] std::size_t size() const noexcept { return index_->size(); }

 private:
  using Index = std::unordered_map<std::string_view, std::weak_ptr<const Statement>>;
  std::shared_ptr<Index> index_;  // Statements may outlive the table.
};

/// The named statements of one client.
class ClientStatements {
 public:
  /// PostgreSQL looks at no more of a name (NAMEDATALEN).
  static constexpr std::size_t kNameLength = 63;
  /// Memory that one client may take by them, in bytes; what comes beyond stays on its server.
  static constexpr std::size_t kMaxBytes = std::size_t{1} << 20;

  [[nodiscard]] static std::string_view keyOf(std::string_view name) noexcept {
    return name.substr(0, kNameLength);
  }
  [[nodiscard]] std::shared_ptr<const Statement> find(std::string_view name) const;
  /// A name of it; empty: it has none.
  [[nodiscard]] std::string_view nameOf(const Statement& statement) const noexcept;
  /// Null takes the name away. Returns what it was.
  std::shared_ptr<const Statement> set(std::string_view name,
                                       std::shared_ptr<const Statement> statement);
  /// But for the unnamed one, as PostgreSQL does it.
  void clear() noexcept;
  /// Longest definition of an unnamed statement that is kept for the client, in bytes; what is
  /// longer stays on its server until it is bound.
  static constexpr std::size_t kMaxUnnamed = std::size_t{8} * 1024;
  /// Null: there is none.
  [[nodiscard]] const std::shared_ptr<const Statement>& unnamed() const noexcept {
    return unnamed_;
  }
  void setUnnamed(std::shared_ptr<const Statement> statement) noexcept {
    unnamed_ = std::move(statement);
  }
  /// No named ones.
  [[nodiscard]] bool empty() const noexcept { return by_name_.empty(); }
  /// Is there room for one more with this definition?
  [[nodiscard]] bool hasRoom(std::size_t definition_length) const noexcept {
    return bytes_ + cost(definition_length) <= kMaxBytes;
  }

 private:
  [[nodiscard]] static std::size_t cost(std::size_t definition_length) noexcept {
    return definition_length + 128;  // With the entry.
  }
  std::map<std::string, std::shared_ptr<const Statement>, std::less<>> by_name_;
  std::size_t bytes_ = 0;
  std::shared_ptr<const Statement> unnamed_;
};

}  // namespace peerpool::postgres

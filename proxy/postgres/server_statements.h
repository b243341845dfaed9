// Prepared statements of one server, and what is to happen with its answers to messages about them.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "proxy/postgres/statement.h"

namespace peerpool::postgres {

/// A message about a statement that was sent to the server and is not answered yet. If it never
/// will be, because an error made the server throw it away, what it meant is undone.
struct SentStatement {
  enum class Answer : std::uint8_t {
    Pass,     ///< As it comes.
    Swallow,  ///< The client has not asked for it.
  };
  /// A name of the client means something else from now on.
  struct Named {
    std::string name;
    std::shared_ptr<const Statement> before;  ///< Null: nothing.
  };
  /// The server has a statement from now on, or no more.
  struct Prepared {
    std::shared_ptr<const Statement> statement;
    std::uint64_t number = 0;  ///< In its name.
    bool closed = false;
  };

  std::uint64_t position = 0;  ///< SyncTracker::sent() before it.
  std::uint64_t batch = 0;     ///< SyncTracker::batch() then.
  Answer answer = Answer::Pass;
  std::optional<Named> named = std::nullopt;
  std::optional<Prepared> prepared = std::nullopt;
};

/// Lives as long as the server. Pure.
class ServerStatements {
 public:
  /// Of each name on a server; a number follows.
  static constexpr std::string_view kPrefix = "peerpool_";
  /// Beyond, the one used longest ago is closed.
  static constexpr std::size_t kMost = 200;

  /// The name on the server of one that it has; used last from now on. None: it has not.
  [[nodiscard]] std::optional<std::string> use(const Statement& statement);
  /// It is prepared under this name from now on, which was never used before: what is left of
  /// others can't be in its way.
  [[nodiscard]] std::string add(std::shared_ptr<const Statement> statement);
  /// One is too many: what was used longest ago, taken away. Then add() has room.
  [[nodiscard]] std::optional<SentStatement::Prepared> evict();
  /// The same for this one, if it is there.
  [[nodiscard]] std::optional<SentStatement::Prepared> take(const Statement& statement);
  [[nodiscard]] static std::string nameOf(std::uint64_t number);
  /// The number in the name that add() gave last.
  [[nodiscard]] std::uint64_t lastNumber() const noexcept { return last_number_; }

  void sent(SentStatement message) { sent_.push_back(std::move(message)); }
  /// Where the first of them is that is not answered.
  [[nodiscard]] std::uint64_t nextPosition() const noexcept {
    return sent_.empty() ? std::numeric_limits<std::uint64_t>::max() : sent_.front().position;
  }
  /// So many messages that wait for their answers are looked through; behind more a client waits.
  static constexpr std::size_t kMostLookedThrough = 256;

  /// What the client's `name`, or `statement` (may be null), means to a message of `batch` is not
  /// known before an earlier batch is answered: an error may have undone it.
  [[nodiscard]] bool awaits(std::string_view name, const Statement* statement,
                            std::uint64_t batch) const;
  /// What becomes of the first one's answer, and of notices before it.
  [[nodiscard]] SentStatement::Answer nextAnswer() const noexcept {
    return sent_.empty() ? SentStatement::Answer::Pass : sent_.front().answer;
  }
  /// The first was answered.
  [[nodiscard]] SentStatement::Answer takeAnswered();
  /// `number` of a name on this server: the statement. Null: unknown.
  [[nodiscard]] const Statement* findNumber(std::uint64_t number) const noexcept;
  /// Those before `position` will not be answered.
  void undo(std::uint64_t position, ClientStatements& client);

  /// Nobody follows its answers any more.
  void abandon() noexcept;
  /// The server may have statements that are not known here, or lack some: it needs DISCARD ALL.
  void distrust() noexcept;
  /// DEALLOCATE ALL or DISCARD ALL was carried out. What was sent since is forgotten as well, which
  /// does no harm: it will be prepared under another name.
  void forget() noexcept;
  /// It is at rest, and DISCARD ALL left nothing.
  void reset() noexcept;
  /// It needs DISCARD ALL before somebody else may use it. If not, what is here may stay.
  [[nodiscard]] bool distrusted() const noexcept { return unknown_; }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct Entry {
    std::shared_ptr<const Statement> statement;
    std::uint64_t number = 0;
  };
  void remove(const SentStatement::Prepared& prepared);
  void insert(Entry entry);

  std::list<Entry> entries_;  // Used last first.
  std::unordered_map<const Statement*, std::list<Entry>::iterator> index_;
  std::deque<SentStatement> sent_;
  std::uint64_t last_number_ = 0;
  bool unknown_ = false;
};

}  // namespace peerpool::postgres

#include "proxy/postgres/server_statements.h"

#include <algorithm>
#include <utility>

#include "proxy/base/check.h"

namespace peerpool::postgres {

std::optional<std::string> ServerStatements::use(const Statement& statement) {
  const auto found = index_.find(&statement);
  if (found == index_.end()) {
    return std::nullopt;
  }
  entries_.splice(entries_.begin(), entries_, found->second);
  return nameOf(found->second->number);
}

std::string ServerStatements::add(std::shared_ptr<const Statement> statement) {
  const std::uint64_t number = ++last_number_;
  insert({std::move(statement), number});
  return nameOf(number);
}

std::optional<SentStatement::Prepared> ServerStatements::evict() {
  if (entries_.size() < kMost) {
    return std::nullopt;
  }
  SentStatement::Prepared last{entries_.back().statement, entries_.back().number, true};
  remove(last);
  return last;
}

std::optional<SentStatement::Prepared> ServerStatements::take(const Statement& statement) {
  const auto found = index_.find(&statement);
  if (found == index_.end()) {
    return std::nullopt;
  }
  SentStatement::Prepared taken{found->second->statement, found->second->number, true};
  remove(taken);
  return taken;
}

std::string ServerStatements::nameOf(std::uint64_t number) {
  return std::string(kPrefix) + std::to_string(number);
}

bool ServerStatements::awaits(std::string_view name, const Statement* statement,
                              std::uint64_t batch) const {
  std::size_t earlier = 0;
  for (const SentStatement& sent : sent_) {
    if (sent.batch == batch) {
      return false;
    }
    const bool concerned = (sent.named && sent.named->name == name) ||
                           (sent.prepared && sent.prepared->statement.get() == statement);
    if (concerned || ++earlier == kMostLookedThrough) {
      return true;
    }
  }
  return false;
}

SentStatement::Answer ServerStatements::takeAnswered() {
  check(!sent_.empty(), "an answer to a message that was sent");
  const SentStatement::Answer answer = sent_.front().answer;
  sent_.pop_front();
  return answer;
}

const Statement* ServerStatements::findNumber(std::uint64_t number) const noexcept {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [number](const Entry& entry) { return entry.number == number; });
  return found == entries_.end() ? nullptr : found->statement.get();
}

void ServerStatements::undo(std::uint64_t position, ClientStatements& client) {
  const auto end = std::find_if(sent_.begin(), sent_.end(), [position](const SentStatement& sent) {
    return sent.position >= position;
  });
  for (auto message = end; message != sent_.begin();) {
    --message;
    if (message->named) {
      client.set(message->named->name, std::move(message->named->before));
    }
    if (message->prepared && message->prepared->closed) {
      insert({std::move(message->prepared->statement), message->prepared->number});
    } else if (message->prepared) {
      remove(*message->prepared);
    }
  }
  sent_.erase(sent_.begin(), end);
}

void ServerStatements::abandon() noexcept {
  unknown_ = unknown_ || !sent_.empty();
  sent_.clear();
}

void ServerStatements::distrust() noexcept { unknown_ = true; }

void ServerStatements::forget() noexcept {
  index_.clear();
  entries_.clear();
}

void ServerStatements::reset() noexcept {
  forget();
  sent_.clear();
  unknown_ = false;
}

void ServerStatements::remove(const SentStatement::Prepared& prepared) {
  const auto found = index_.find(prepared.statement.get());
  if (found != index_.end() && found->second->number == prepared.number) {
    entries_.erase(found->second);
    index_.erase(found);
  }
}

void ServerStatements::insert(Entry entry) {
  const auto found = index_.find(entry.statement.get());
  if (found != index_.end()) {
    entries_.erase(found->second);
    index_.erase(found);
  }
  entries_.push_front(std::move(entry));
  index_.emplace(entries_.front().statement.get(), entries_.begin());
}

}  // namespace peerpool::postgres

// Threads around libpq.

#include "tests/integration/looping_clients.h"

#include <algorithm>
#include <memory>
#include <regex>
#include <sstream>

#include "tests/support/pq.h"
#include "tests/support/process.h"

namespace peerpool::testing {
namespace {

// The text alone: libpq puts the socket's path before it, we put a reference behind it, and then
// libpq has more to say.
std::string clean(const std::string& sqlstate, const std::string& message) {
  static const std::regex said("(FATAL|ERROR):  (?:[0-9A-Z]{5}: )?([^\n]*)");
  static const std::regex reference(" \\(ref [0-9A-Za-z]+\\)");
  std::smatch match;
  const std::string text = std::regex_search(message, match, said) ? match[2].str() : message;
  return (sqlstate.empty() ? "-----" : sqlstate) + ' ' + std::regex_replace(text, reference, "");
}

}  // namespace

LoopingClients::LoopingClients(const std::string& conninfo, std::size_t count) : seen_(count) {
  for (std::size_t index = 0; index < count; ++index) {
    seen_[index].since = Clock::now();
    threads_.emplace_back([this, index, conninfo] { loop(index, conninfo); });
  }
}

LoopingClients::~LoopingClients() { stop(); }

void LoopingClients::stop() {
  stopping_ = true;
  for (std::thread& thread : threads_) {
    if (thread.joinable()) {
      thread.join();
    }
  }
}

void LoopingClients::loop(std::size_t index, const std::string& conninfo) {
  std::unique_ptr<Pq> connection;
  while (!stopping_) {
    {
      const std::lock_guard lock(mutex_);
      seen_[index].since = Clock::now();
    }
    std::string error;
    if (connection == nullptr) {
      connection = std::make_unique<Pq>(conninfo);
      error = connection->connected() ? "" : clean(connection->sqlstate(), connection->error());
    }
    if (error.empty()) {
      const QueryResult result = connection->exec("SELECT 1");
      error = result.ok ? "" : clean(result.sqlstate, result.message);
    }
    if (!error.empty()) {
      connection.reset();
    }
    ended(index, error);
    std::this_thread::sleep_for(Milliseconds(5));
  }
}

void LoopingClients::ended(std::size_t index, const std::string& error) {
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  Seen& seen = seen_[index];
  seen.longest = std::max(seen.longest, std::chrono::duration_cast<Milliseconds>(now - seen.since));
  seen.since = now;
  if (error.empty()) {
    seen.successes.push_back(now);
  } else {
    ++seen.errors[error];
  }
}

void LoopingClients::reset() {
  const std::lock_guard lock(mutex_);
  for (Seen& seen : seen_) {
    seen.longest = Milliseconds(0);
    seen.successes.clear();
    seen.errors.clear();
  }
}

std::size_t LoopingClients::successes() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const Seen& seen : seen_) {
    count += seen.successes.size();
  }
  return count;
}

bool LoopingClients::eachSucceeds() const {
  return eventually([this] {
    const std::lock_guard lock(mutex_);
    return std::none_of(seen_.begin(), seen_.end(),
                        [](const Seen& seen) { return seen.successes.empty(); });
  });
}

LoopingClients::Milliseconds LoopingClients::longest() const {
  const std::lock_guard lock(mutex_);
  Milliseconds longest{0};
  for (const Seen& seen : seen_) {
    const auto under_way = std::chrono::duration_cast<Milliseconds>(Clock::now() - seen.since);
    longest = std::max({longest, seen.longest, stopping_ ? Milliseconds(0) : under_way});
  }
  return longest;
}

std::optional<LoopingClients::Clock::time_point> LoopingClients::firstSuccessAfter(
    Clock::time_point since) const {
  const std::lock_guard lock(mutex_);
  std::optional<Clock::time_point> first;
  for (const Seen& seen : seen_) {
    for (const Clock::time_point success : seen.successes) {
      if (success >= since && (!first || success < *first)) {
        first = success;
      }
    }
  }
  return first;
}

std::map<std::string, std::size_t> LoopingClients::errors() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::size_t> all;
  for (const Seen& seen : seen_) {
    for (const auto& [text, count] : seen.errors) {
      all[text] += count;
    }
  }
  return all;
}

std::string LoopingClients::describe() const {
  std::ostringstream text;
  text << "longest operation " << longest().count() << " ms";
  for (const auto& [error, count] : errors()) {
    text << "; " << count << "x " << error;
  }
  return text.str();
}

DirectPoll::DirectPoll(std::string conninfo) {
  thread_ = std::thread([this, conninfo = std::move(conninfo)] {
    while (!stopping_ && !Pq(conninfo).connected()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    answered_ = LoopingClients::Clock::now();
  });
}

DirectPoll::~DirectPoll() {
  stopping_ = true;
  if (thread_.joinable()) {
    thread_.join();
  }
}

LoopingClients::Clock::time_point DirectPoll::wait() {
  thread_.join();
  return answered_;
}

}  // namespace peerpool::testing

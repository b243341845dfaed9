// One session of the fake PostgreSQL: a state machine over a socket that does not block. Knows a
// few statements, and answers each with what it remembers.
//
//   SELECT tag [rows [padding]]   rows of "tag set=.. table=.. lock=.. listen=.. tx=.. app=.."
//   BEGIN tag, COMMIT tag, ROLLBACK [tag], FAIL tag, DISCARD ALL,
//   SLEEP tag milliseconds, BUSY tag milliseconds (which cannot be canceled)
//   SET name TO 'tag', CREATE tag (a temporary table), ADVISE tag, LISTEN tag
//   COPY tag IN, COPY tag OUT rows

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <string>
#include <string_view>

#include "proxy/base/clock.h"
#include "proxy/base/unique_fd.h"
#include "tests/support/fake_memory.h"

namespace peerpool::testing {

/// How a backend treats the next login.
enum class FakeLogin : std::uint8_t {
  Accept,
  Refuse,    ///< 28P01: for good.
  Starting,  ///< 57P03: for now.
  Full,      ///< 53300.
  Hang,
  Close,
  Garbage,
};

/// What a session tells its backend.
class FakeOwner {
 public:
  virtual FakeLogin nextLogin() = 0;
  virtual void cancel(std::uint32_t pid, std::string_view key) = 0;
  /// Something happened that no correct proxy lets happen.
  virtual void complain(std::string what) = 0;

 protected:
  ~FakeOwner() = default;
};

class FakeSession {
 public:
  /// `fd` does not block; `owner` outlives the session.
  FakeSession(FakeOwner& owner, UniqueFd fd, std::uint32_t pid);

  /// Reads, works and writes as far as it goes without waiting; writes at most `most` bytes.
  void step(TimePoint now, std::size_t most = std::numeric_limits<std::size_t>::max());

  /// It does nothing before `until`.
  void stall(TimePoint until) noexcept { stalled_until_ = until; }
  /// It does nothing any more, for ever, and does not end.
  void freeze() noexcept { stalled_until_ = kNever; }
  [[nodiscard]] bool frozen() const noexcept { return stalled_until_ == kNever; }
  /// A running SLEEP or COPY ends with 57014.
  void cancel() noexcept { cancelled_ = busy(); }
  /// Sends `bytes` in between, whatever they are.
  void say(std::string_view bytes) { out_ += bytes; }
  /// Closes without a word; what is not sent yet is lost.
  void die() noexcept { fd_.reset(); }
  /// FATAL, then the end.
  void dieSaying(std::string_view sqlstate);

  [[nodiscard]] bool gone() const noexcept { return !fd_; }
  [[nodiscard]] bool loggedIn() const noexcept { return logged_in_; }
  [[nodiscard]] bool atRest() const noexcept {
    return logged_in_ && !busy() && out_.empty() && memory_.transaction.empty();
  }
  [[nodiscard]] std::uint32_t pid() const noexcept { return pid_; }
  /// 4 bytes in protocol 3.0, 32 in 3.2.
  [[nodiscard]] std::string key() const;
  [[nodiscard]] const FakeMemory& memory() const noexcept { return memory_; }
  /// Bytes that it made and the socket has not taken: its own, not the proxy's.
  [[nodiscard]] std::size_t unsent() const noexcept { return out_.size(); }
  [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }

 private:
  [[nodiscard]] bool busy() const noexcept {
    return simple_ || rows_left_ > 0 || sleeping_ || copy_in_ || !statements_.empty();
  }
  [[nodiscard]] bool work(TimePoint now);
  [[nodiscard]] bool read();
  void write(std::size_t most);
  [[nodiscard]] bool readMessage();
  [[nodiscard]] bool readStartup();
  void logIn();
  void onMessage(char type, std::string_view body);
  void onCopyMessage(char type, std::string_view body);
  void onQuery(std::string_view sql);
  void onParse(std::string_view body);
  void onBind(std::string_view body);
  void onDescribe(std::string_view body);
  void execute(const std::string& statement, TimePoint now);
  struct Words;
  void executeQuery(const Words& words, TimePoint now);
  [[nodiscard]] bool executeTransaction(const Words& words);
  [[nodiscard]] bool executeReset(const Words& words);
  [[nodiscard]] bool executeSession(const Words& words);
  void makeRow();
  void complete(std::string_view tag);
  void fail(std::string_view sqlstate, std::string_view text);
  void startRows(std::size_t count);
  void ready();
  void send(char type, std::string_view body);
  void set(const std::string& name, const std::string& value);
  void use(std::string_view tag);

  FakeOwner& owner_;
  UniqueFd fd_;
  std::uint32_t pid_;
  std::string in_;
  std::string out_;
  std::uint64_t sent_ = 0;
  FakeMemory memory_;
  std::deque<std::string> statements_;  // Not executed yet.
  std::string tag_;                     // Of the statement that runs.
  std::string bound_;                   // The unnamed portal.
  std::size_t rows_left_ = 0;
  std::size_t rows_made_ = 0;
  std::size_t padding_ = 0;  // Bytes at the end of each row.
  std::map<std::string, std::string> unreported_;
  TimePoint stalled_until_ = TimePoint::min();
  TimePoint wake_at_ = TimePoint::min();
  bool logged_in_ = false;
  bool simple_ = false;    // A Query is under way: ReadyForQuery follows.
  bool skipping_ = false;  // To the next Sync, after an error.
  bool sleeping_ = false;
  bool deaf_ = false;  // To cancels, while it sleeps.
  bool old_ = false;   // Speaks protocol 3.0 only, as every other session does.
  bool copy_in_ = false;
  bool copy_out_ = false;
  bool cancelled_ = false;
  bool hanging_ = false;  // Logs nobody in, and says nothing.
  bool closing_ = false;  // Once all is sent.
};

}  // namespace peerpool::testing

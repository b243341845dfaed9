// A client under a seed: asks, pipelines, dribbles, stops reading, dies; and checks every byte it
// gets. Lives on one end of a socket pair and never waits.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/base/clock.h"
#include "proxy/base/unique_fd.h"
#include "tests/simulation/chance.h"

namespace peerpool::simulation {

/// What a run allows its clients, and expects of the service.
struct Manners {
  bool session_pooling = false;
  bool statement_pooling = false;
  bool limits = false;          ///< A statement may be canceled.
  bool honest_servers = true;   ///< Else only its own end is checked, not what it is told.
  bool steady_servers = false;  ///< They neither die nor fail to log in.
};

/// What became of all clients of a run, so that dull runs show.
struct Tally {
  std::size_t answers = 0;
  std::size_t rows = 0;
  std::size_t welcomes = 0;
  std::size_t deaths = 0;
  std::size_t errors = 0;
  std::size_t fatals = 0;
};

/// One unit that ends with a ReadyForQuery.
struct Request {
  std::size_t number = 0;
  std::size_t rows = 0;  ///< Expected, of SELECT and COPY OUT together.
  bool may_fail = false;
  std::string set;  ///< Left in the session when it succeeds.
  std::string prepared;
  bool listens = false;
  bool creates = false;  ///< A temporary table.
  bool locks = false;
  bool reuses = false;     ///< Its rows carry the tag of the request that prepared the statement.
  std::size_t parses = 0;  ///< ParseComplete that it expects.
  std::size_t got = 0;
  std::size_t parsed = 0;
  bool failed = false;
};

class SimClient {
 public:
  /// `fd` does not block; the references outlive the client. `complaints`: each is a finding.
  SimClient(std::uint64_t id, UniqueFd fd, const Manners& manners, Chance& chance, Tally& tally,
            std::vector<std::string>& complaints);

  /// Does one thing: asks, sends a piece, reads a piece, or leaves.
  void act();
  /// Finishes what it began, reads everything, then leaves; `impatient`: leaves at once.
  void calm(bool impatient);

  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
  [[nodiscard]] bool over() const noexcept { return !fd_; }
  /// It waits for nothing and has nothing half sent.
  [[nodiscard]] bool content() const noexcept {
    return welcomed_ && requests_.empty() && outbox_.empty();
  }
  /// It has all its answers, and nothing that only one server knows.
  [[nodiscard]] bool needsNoServer() const noexcept {
    return content() && status_ == 'I' && !pins_ && !manners_.session_pooling && !rogue_;
  }
  [[nodiscard]] std::string describe() const;

 private:
  enum class Reader : std::uint8_t { Prompt, Slow, Never };

  void begin();
  void ask();
  void askSimple(Request& request);
  [[nodiscard]] std::string longTail();
  void askSession(Request& request);
  void askExtended(Request& request);
  void askNamed(Request& request);
  void askCopyIn(Request& request);
  void misbehave();
  void sayTooLittle();
  void sendSome(std::size_t most);
  void read(std::size_t most);
  void parse();
  void onMessage(char type, std::string_view body);
  void onRow(std::string_view value);
  void onError(std::string_view body);
  void onReady(char status);
  void onEnd(std::size_t unread);
  void leave();
  void checkField(std::string_view value, std::string_view name, bool required);
  void complain(const std::string& what);
  [[nodiscard]] std::string tag(const Request& request) const;

  std::uint64_t id_;
  UniqueFd fd_;
  const Manners manners_;
  Chance& chance_;
  Tally& tally_;
  std::vector<std::string>& complaints_;
  std::string name_;
  std::string outbox_;
  std::string inbox_;
  std::deque<Request> requests_;  // Without an answer, oldest first.
  std::vector<std::string> prepared_;
  std::string set_;
  Reader reader_ = Reader::Prompt;
  std::size_t lifespan_;
  std::size_t last_request_ = 0;
  char status_ = 'I';        // Of the last ReadyForQuery.
  char asked_status_ = 'I';  // As it will be when all is answered.
  bool pins_ = false;
  bool listens_ = false;
  bool has_table_ = false;
  bool has_lock_ = false;
  bool began_ = false;
  bool mute_ = false;  // Says nothing, and waits for what happens then.
  bool welcomed_ = false;
  bool encryption_asked_ = false;
  bool encryption_refused_ = false;
  bool fatal_ = false;    // The last message was the last.
  bool rogue_ = false;    // It broke the protocol or left in the middle: no answer is due.
  bool brittle_ = false;  // Requests from now on may fail: something before them may.
};

}  // namespace peerpool::simulation

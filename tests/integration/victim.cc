// The child uses nothing but its own connection and a pipe.

#include "tests/integration/victim.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <stdexcept>

namespace peerpool::testing {
namespace {

[[noreturn]] void live(const std::string& socket_path, const std::function<bool(RawClient&)>& work,
                       int ready) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  char answer = 'n';
  try {
    RawClient client(socket_path);
    client.send(startupPacket(kProtocol30, {{"user", "app"}, {"database", "shop"}}));
    const std::vector<RawMessage> login = client.receiveUntil('Z');
    if (!login.empty() && login.back().type == 'Z' && work(client)) {
      answer = 'y';
    }
    [[maybe_unused]] const ssize_t written = ::write(ready, &answer, 1);
    while (true) {
      ::pause();
    }
  } catch (...) {
    ::_exit(1);
  }
}

}  // namespace

std::string catchesCancels(const std::string& interval) {
  const std::string loop = "WHILE clock_timestamp() < begun + interval '" + interval + "' LOOP ";
  std::string body = "PERFORM pg_sleep(0.1); ";
  for (int block = 0; block < 4; ++block) {
    body = "BEGIN " + loop + body + "END LOOP; EXCEPTION WHEN query_canceled THEN NULL; END; ";
  }
  return "DO $$ DECLARE begun timestamptz := clock_timestamp(); /* stubborn */ BEGIN " + loop +
         body + "END LOOP; END $$";
}

std::string queryMessage(const std::string& sql) { return rawMessage('Q', sql + '\0'); }

Victim::Victim(const std::string& socket_path, const std::function<bool(RawClient&)>& work) {
  int ends[2];
  if (::pipe(ends) != 0) {
    throw std::runtime_error("pipe failed");
  }
  UniqueFd from_child(ends[0]);
  UniqueFd to_parent(ends[1]);
  pid_ = ::fork();
  if (pid_ == 0) {
    from_child.reset();
    live(socket_path, work, to_parent.get());
  }
  to_parent.reset();
  char answer = 'n';
  ssize_t count = 0;
  do {
    count = ::read(from_child.get(), &answer, 1);
  } while (count < 0 && errno == EINTR);
  if (pid_ < 0 || count != 1 || answer != 'y') {
    throw std::runtime_error("the client that was to be killed could not do its work");
  }
}

Victim::~Victim() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
}

}  // namespace peerpool::testing

// The service's end: helpers that are gone, hang, lie, or are somebody else; and too many
// questions.

#include "proxy/server/attestor.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "auth/process_handle.h"
#include "tests/support/credentials.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace peerpool::server {
namespace {

using Answer = std::function<std::string(const auth::AttestationQuestion&)>;

UniqueFd listenAt(const std::string& path) {
  UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  ::unlink(path.c_str());
  REQUIRE(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(fd.get(), 4) == 0);
  return fd;
}

/// Answers `count` questions over one connection as `answer` says, then closes it.
class Scripted {
 public:
  Scripted(const std::string& path, std::size_t count, Answer answer)
      : listening_(listenAt(path)), thread_([this, count, answer = std::move(answer)] {
          const UniqueFd connection(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
          for (std::size_t i = 0; i < count; ++i) {
            std::array<std::uint8_t, auth::kQuestionSize> bytes{};
            if (::recv(connection.get(), bytes.data(), bytes.size(), 0) <= 0) {
              return;
            }
            const std::string packet = answer(auth::parseQuestion(bytes).value());
            ::send(connection.get(), packet.data(), packet.size(), MSG_NOSIGNAL);
          }
        }) {}
  ~Scripted() {
    ::shutdown(listening_.get(), SHUT_RDWR);
    thread_.join();
  }

 private:
  UniqueFd listening_;
  std::thread thread_;
};

std::string good(const auth::AttestationQuestion& question) {
  auth::AttestationAnswer answer;
  answer.id = question.id;
  answer.status = auth::AttestationStatus::Known;
  answer.euid = 7;
  answer.path = "/usr/bin/psql";
  return auth::encodeAnswer(answer);
}

std::string wrongId(const auth::AttestationQuestion& question) {
  return good({question.id + 1, question.wants_digest});
}

UniqueFd ourselves() {
  Result<auth::ProcessHandle> handle = auth::ProcessHandle::ofPid(::getpid());
  REQUIRE(handle);
  return handle->release();
}

Result<auth::AttestationAnswer> ask(AttestClient& client, Duration patience = Duration(60'000)) {
  const UniqueFd self = ourselves();
  return client.ask(self.get(), false, Clock::now() + patience);
}

TEST_CASE("A helper that is not there, closes or lies makes a program unknown") {
  const testing::TempDir directory;
  const std::string path = directory / "s";
  AttestClient client(path);
  CHECK(ask(client).error().code == ErrorCode::Unreachable);
  {
    const Scripted helper(path, 1, wrongId);
    CHECK(ask(client).error().code == ErrorCode::Protocol);
  }
  {
    const Scripted helper(path, 1, [](const auto&) { return std::string("nonsense"); });
    CHECK(ask(client).error().code == ErrorCode::Protocol);
  }
  {
    const Scripted helper(
        path, 1, [](const auto& question) { return good(question) + std::string(9999, 'x'); });
    CHECK(ask(client).error().code == ErrorCode::Protocol);
  }
  {
    const Scripted helper(path, 0, good);
    CHECK(ask(client).error().code == ErrorCode::Closed);
  }
  {
    const Scripted helper(path, 2, good);
    CHECK(ask(client)->path == "/usr/bin/psql");
    CHECK(ask(client)->path == "/usr/bin/psql");
  }
  const Scripted anew(path, 1, good);
  CHECK(ask(client)->path == "/usr/bin/psql");
}

TEST_CASE("A helper that hangs is waited for until the deadline") {
  const testing::TempDir directory;
  const UniqueFd listening = listenAt(directory / "s");
  AttestClient client(directory / "s");
  CHECK(ask(client, Duration(20)).error().code == ErrorCode::TimedOut);
}

TEST_CASE("A helper of another account is not believed") {
  if (testing::skipWithoutRoot()) {
    return;
  }
  const testing::TempDir directory;
  REQUIRE(::chown(directory.path().c_str(), 64001, 64001) == 0);
  UniqueFd listening;
  {
    const testing::ScopedCredentials as(testing::Credentials{64001, 64001, {}});
    listening = listenAt(directory / "s");
  }
  AttestClient client(directory / "s");
  const auto answer = ask(client);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ErrorCode::Impostor);
  CHECK(answer.error().text.find("uid 64001") != std::string::npos);
}

TEST_CASE("Whether the helper is of use is asked of it") {
  const testing::TempDir directory;
  const std::string path = directory / "s";
  CHECK(whyUnattested(path).value().find("cannot be reached") != std::string::npos);
  const auto status = [](auth::AttestationStatus of) {
    return [of](const auth::AttestationQuestion& question) {
      auth::AttestationAnswer answer;
      answer.id = question.id;
      answer.status = of;
      return auth::encodeAnswer(answer);
    };
  };
  {
    const Scripted helper(path, 1, status(auth::AttestationStatus::Forbidden));
    CHECK(whyUnattested(path).value().find("CAP_SYS_PTRACE") != std::string::npos);
  }
  const Scripted helper(path, 1, status(auth::AttestationStatus::OtherMounts));
  CHECK_FALSE(whyUnattested(path));
  CHECK(attestSocketPath("/run/peerpool") == "/run/peerpool/attest.sock");
  CHECK(attestSocketPath("").empty());
}

/// An attestor on a loop, and what it said.
struct AttestorScene {
  AttestorScene(const std::string& path, const Attestor::Limits& limits)
      : attestor(std::in_place, loop, path, limits) {}
  void ask(uid_t uid) {
    attestor->ask(uid, ourselves(), false, [this](auth::Fact<auth::Executable> fact) {
      answers.push_back(fact.isKnown() ? fact.find()->path : fact.whyNot());
      if (answers.size() == awaited) {
        loop.stop();
      }
    });
  }
  void await(std::size_t count) {
    awaited = count;
    if (answers.size() < count) {
      loop.run();
    }
  }

  event::EventLoop loop{event::EventLoop::Options{std::size_t{1} << 20, event::FlusherKind::Send}};
  std::vector<std::string> answers;
  std::size_t awaited = 0;
  std::optional<Attestor> attestor;
};

TEST_CASE("The answer is the peer's program, unless it has another uid by now") {
  const testing::TempDir directory;
  const Scripted helper(directory / "s", 2, good);
  AttestorScene scene(directory / "s", {});
  scene.ask(7);
  scene.ask(8);
  scene.await(2);
  CHECK(scene.answers ==
        std::vector<std::string>{"/usr/bin/psql", "it has changed its uid since it connected"});
}

TEST_CASE("So many questions wait, of one uid and of all, and each only so long") {
  const testing::TempDir directory;
  const UniqueFd listening = listenAt(directory / "s");
  Attestor::Limits limits;
  limits.waiting = 3;
  limits.waiting_per_uid = 2;
  limits.patience = Duration(50);
  AttestorScene scene(directory / "s", limits);
  constexpr char kTooMany[] = "too many processes wait to be looked at";
  scene.ask(1);
  scene.ask(1);
  CHECK(scene.answers.empty());
  scene.ask(1);
  CHECK(scene.answers == std::vector<std::string>{kTooMany});
  scene.ask(2);
  CHECK(scene.answers.size() == 1);
  scene.ask(3);
  CHECK(scene.answers == std::vector<std::string>{kTooMany, kTooMany});
  scene.await(5);
  for (std::size_t i = 2; i < 5; ++i) {
    CHECK(scene.answers[i] == "peerpool-attest did not answer in time");
  }
  scene.ask(1);
  CHECK(scene.answers.size() == 5);  // There is room again.
}

}  // namespace
}  // namespace peerpool::server

// Questions to the helper, good and bad ones, over real sockets.

#include "proxy/attest/helper.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <optional>
#include <string>
#include <thread>

#include "proxy/attest/listening_socket.h"
#include "tests/support/credentials.h"
#include "tests/support/descriptors.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace peerpool::attest {
namespace {

using auth::AttestationAnswer;
using auth::AttestationStatus;

/// A helper on a thread of its own.
class Running {
 public:
  explicit Running(std::size_t connections = 16, uid_t client = ::geteuid())
      : stop_(::eventfd(0, EFD_CLOEXEC)),
        helper_(listenAt(path(), client), {client, connections, {}}, [](const std::string&) {}),
        thread_([this] { helper_.serve(stop_.get()); }) {}
  ~Running() {
    ::eventfd_write(stop_.get(), 1);
    thread_.join();
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  [[nodiscard]] std::string path() const { return directory_ / "s"; }

 private:
  testing::TempDir directory_;
  UniqueFd stop_;
  Helper helper_;
  std::thread thread_;
};

class Client {
 public:
  explicit Client(const Running& helper) : fd_(::socket(AF_UNIX, SOCK_SEQPACKET, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, helper.path().c_str(), sizeof address.sun_path - 1);
    REQUIRE(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  /// False: it is closed.
  bool send(const std::string& packet, const std::vector<int>& passed, int flags = 0) {
    std::vector<char> control(CMSG_SPACE(sizeof(int) * passed.size()));
    std::string bytes = packet;
    iovec piece{bytes.data(), bytes.size()};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    if (!passed.empty()) {
      message.msg_control = control.data();
      message.msg_controllen = control.size();
      cmsghdr* const part = CMSG_FIRSTHDR(&message);
      part->cmsg_level = SOL_SOCKET;
      part->cmsg_type = SCM_RIGHTS;
      part->cmsg_len = CMSG_LEN(sizeof(int) * passed.size());
      std::memcpy(CMSG_DATA(part), passed.data(), sizeof(int) * passed.size());
    }
    return ::sendmsg(fd_.get(), &message, MSG_NOSIGNAL | flags) >= 0;
  }
  /// No value: it is closed.
  std::optional<AttestationAnswer> receive() {
    std::array<std::uint8_t, auth::kMaxAnswerSize> bytes{};
    const ssize_t size = ::recv(fd_.get(), bytes.data(), bytes.size(), 0);
    return size <= 0 ? std::nullopt
                     : auth::parseAnswer(ByteView(bytes.data(), static_cast<std::size_t>(size)));
  }
  std::optional<AttestationAnswer> ask(const std::vector<int>& passed, std::uint64_t id = 5) {
    REQUIRE(send(auth::encodeQuestion({id, false}), passed));
    return receive();
  }

 private:
  UniqueFd fd_;
};

UniqueFd ourselves() {
  Result<auth::ProcessHandle> handle = auth::ProcessHandle::ofPid(::getpid());
  REQUIRE(handle);
  return handle->release();
}

TEST_CASE("A question about a process is answered, also the next one") {
  const Running helper;
  Client client(helper);
  const UniqueFd self = ourselves();
  for (const std::uint64_t id : {std::uint64_t{1}, ~std::uint64_t{0}}) {
    const auto answer = client.ask({self.get()}, id);
    REQUIRE(answer);
    CHECK(answer->status == AttestationStatus::Known);
    CHECK(answer->id == id);
    CHECK(answer->euid == ::geteuid());
    CHECK(answer->path.find("attest_test") != std::string::npos);
  }
}

TEST_CASE("A question without exactly one pidfd is malformed, and no more than that") {
  const Running helper;
  Client client(helper);
  const UniqueFd self = ourselves();
  const UniqueFd other(::open("/dev/null", O_RDONLY));
  CHECK(client.ask({})->status == AttestationStatus::Malformed);
  CHECK(client.ask({self.get(), self.get()})->status == AttestationStatus::Malformed);
  CHECK(client.ask({other.get()})->status == AttestationStatus::Malformed);
  CHECK(client.ask(std::vector<int>(253, self.get()))->status == AttestationStatus::Malformed);
  CHECK(client.ask({self.get()})->status == AttestationStatus::Known);
}

TEST_CASE("Descriptors that are passed are closed, however many (check 28)") {
  const Running helper;
  Client client(helper);
  const UniqueFd self = ourselves();
  (void)client.ask({self.get()});
  const std::size_t before = testing::descriptorsOf(::getpid());
  for (int i = 0; i < 50; ++i) {
    (void)client.ask(std::vector<int>(253, self.get()));
    (void)client.ask({self.get()});
  }
  CHECK(testing::descriptorsOf(::getpid()) == before);
}

TEST_CASE("A packet that is no question ends the connection, and others are served") {
  const Running helper;
  const UniqueFd self = ourselves();
  const std::string question = auth::encodeQuestion({1, false});
  for (const std::string& packet :
       {std::string("x"), question + 'x', question.substr(1), std::string(100'000, 'x'),
        std::string(question.size(), '\0')}) {
    Client client(helper);
    CHECK(client.send(packet, {self.get()}));
    CHECK_FALSE(client.receive());
    CHECK(Client(helper).ask({self.get()}));
  }
}

TEST_CASE("Who asks and takes no answers is closed") {
  const Running helper;
  Client client(helper);
  const UniqueFd self = ourselves();
  const std::string question = auth::encodeQuestion({1, false});
  CHECK(testing::eventually(
      [&] { return !client.send(question, {self.get()}, MSG_DONTWAIT) && errno == EPIPE; }));
  CHECK(Client(helper).ask({self.get()}));
}

TEST_CASE("Beyond its number of connections the one that asked longest ago goes") {
  const Running helper(2);
  const UniqueFd self = ourselves();
  Client first(helper);
  Client second(helper);
  CHECK(first.ask({self.get()}));
  CHECK(second.ask({self.get()}));
  CHECK(first.ask({self.get()}));
  Client third(helper);
  CHECK(third.ask({self.get()}));
  CHECK_FALSE(second.receive());
  CHECK(first.ask({self.get()}));
}

TEST_CASE("Only its client and root may ask") {
  if (testing::skipWithoutRoot()) {
    return;
  }
  const Running helper(16, 64001);
  const UniqueFd self = ourselves();
  CHECK(Client(helper).ask({self.get()}));
  CHECK(::chmod(helper.path().c_str(), 0666) == 0);
  {
    const testing::ScopedCredentials as(testing::Credentials{64001, 64001, {}});
    CHECK(Client(helper).ask({self.get()}));
  }
  const testing::ScopedCredentials as(testing::Credentials{64002, 64002, {}});
  Client stranger(helper);
  (void)stranger.send(auth::encodeQuestion({1, false}), {self.get()});
  CHECK_FALSE(stranger.receive());
}

}  // namespace
}  // namespace peerpool::attest

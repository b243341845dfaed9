// One question, one answer, each a packet.

#include "proxy/server/attest_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "auth/accounts.h"
#include "auth/peer.h"
#include "auth/process_handle.h"
#include "proxy/net/address.h"

namespace peerpool::server {
namespace {

constexpr char kAccount[] = "peerpool-attest";
constexpr char kName[] = "/attest.sock";

Error lost(const std::string& what) { return {ErrorCode::Closed, "peerpool-attest " + what}; }

std::string errorText(int number) { return std::generic_category().message(number); }

bool isTrusted(uid_t uid) {
  if (uid == 0 || uid == ::geteuid()) {
    return true;
  }
  auth::SystemAccounts accounts;
  const auto found = accounts.userByName(kAccount);
  return found && *found && found->value().uid == uid;
}

bool sendQuestion(int fd, const std::string& question, int pidfd) {
  std::string bytes = question;
  iovec piece{bytes.data(), bytes.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* const part = CMSG_FIRSTHDR(&message);
  part->cmsg_level = SOL_SOCKET;
  part->cmsg_type = SCM_RIGHTS;
  part->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(part), &pidfd, sizeof pidfd);
  return ::sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == static_cast<ssize_t>(bytes.size());
}

/// False: nothing came in time.
bool awaitAnswer(int fd, TimePoint deadline) {
  while (true) {
    const auto left = std::chrono::duration_cast<Duration>(deadline - Clock::now()).count();
    pollfd state{fd, POLLIN, 0};
    const int ready =
        ::poll(&state, 1, static_cast<int>(std::clamp<Duration::rep>(left, 0, 60'000)));
    if (ready > 0 || (ready < 0 && errno != EINTR)) {
      return ready > 0;
    }
    if (left <= 0) {
      return false;
    }
  }
}

}  // namespace

std::optional<Error> AttestClient::connect() {
  const net::UnixAddress address(path_);
  connection_.reset(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (address.error() != 0 || !connection_ ||
      ::connect(connection_.get(), address.get(), address.size()) != 0) {
    const int error = address.error() != 0 ? address.error() : errno;
    connection_.reset();
    return Error{ErrorCode::Unreachable,
                 "peerpool-attest cannot be reached at " + path_ + ": " + errorText(error)};
  }
  const Result<auth::Identity> helper = auth::readPeer(connection_.get());
  if (!helper || !isTrusted(helper->uid)) {
    connection_.reset();
    return Error{ErrorCode::Impostor,
                 "somebody else listens at " + path_ + ": " +
                     (helper ? "uid " + std::to_string(helper->uid) : helper.error().text)};
  }
  return std::nullopt;
}

Result<auth::AttestationAnswer> AttestClient::ask(int pidfd, bool wants_digest,
                                                  TimePoint deadline) {
  const bool used = connection_.valid();
  if (!used) {
    if (std::optional<Error> error = connect()) {
      return *std::move(error);
    }
  }
  auto answer = converse(pidfd, wants_digest, deadline);
  if (!answer) {
    connection_.reset();
    if (used && answer.error().code == ErrorCode::Closed) {
      return ask(pidfd, wants_digest, deadline);  // It was started anew since the last question.
    }
  }
  return answer;
}

Result<auth::AttestationAnswer> AttestClient::converse(int pidfd, bool wants_digest,
                                                       TimePoint deadline) {
  const auth::AttestationQuestion question{++last_id_, wants_digest};
  if (!sendQuestion(connection_.get(), auth::encodeQuestion(question), pidfd)) {
    return lost("takes no question: " + errorText(errno));
  }
  if (!awaitAnswer(connection_.get(), deadline)) {
    return Error{ErrorCode::TimedOut, "peerpool-attest did not answer in time"};
  }
  std::array<std::uint8_t, auth::kMaxAnswerSize + 1> bytes{};
  const ssize_t size = ::recv(connection_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (size <= 0) {
    return lost("closed the connection");
  }
  auto answer = auth::parseAnswer(ByteView(bytes.data(), static_cast<std::size_t>(size)));
  if (!answer || answer->id != question.id) {
    return Error{ErrorCode::Protocol, "peerpool-attest gave an answer that is none"};
  }
  return *std::move(answer);
}

std::string attestSocketPath(const std::string& runtime_directory) {
  return runtime_directory.empty() ? "" : runtime_directory + kName;
}

std::optional<std::string> whyUnattested(const std::string& path) {
  const Result<auth::ProcessHandle> self = auth::ProcessHandle::ofPid(::getpid());
  if (!self) {
    return self.error().text;
  }
  AttestClient client(path);
  const auto answer = client.ask(self->fd(), false, Clock::now() + AttestClient::kPatience);
  if (!answer) {
    return answer.error().text;
  }
  switch (answer->status) {
    case auth::AttestationStatus::Known:
    case auth::AttestationStatus::OtherMounts:  // Ours: a hardened service has its own.
      return std::nullopt;
    case auth::AttestationStatus::Ended:
    case auth::AttestationStatus::OutsidePids:
    case auth::AttestationStatus::Forbidden:
    case auth::AttestationStatus::NoProgram:
    case auth::AttestationStatus::Malformed:
      break;
  }
  return "peerpool-attest cannot even look at this process: " +
         std::string(auth::describe(answer->status));
}

}  // namespace peerpool::server

// poll(2), recvmsg(2), sendmsg(2).

#include "proxy/attest/helper.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

#include "auth/attestation.h"
#include "auth/peer.h"
#include "auth/process_handle.h"

namespace peerpool::attest {

/// What came in one call, with all descriptors that the kernel has installed for it.
struct Helper::Packet {
  ssize_t size = 0;
  int flags = 0;
  std::array<std::uint8_t, auth::kQuestionSize + 1> bytes{};
  std::vector<UniqueFd> passed;

  explicit Packet(int connection) {
    iovec piece{bytes.data(), bytes.size()};
    // There is padding, so more than one may fit: all are taken, and closed.
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    size = ::recvmsg(connection, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    flags = message.msg_flags;
    if (size < 0) {
      return;
    }
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
         part = CMSG_NXTHDR(&message, part)) {
      if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) {
        continue;
      }
      const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      for (std::size_t i = 0; i < count; ++i) {
        int fd = -1;
        std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
        passed.emplace_back(fd);
      }
    }
  }
};

Helper::Helper(UniqueFd listening, const Settings& settings,
               std::function<void(const std::string&)> say)
    : listening_(std::move(listening)),
      settings_(settings),
      say_(std::move(say)),
      reader_(settings.limits) {}

void Helper::serve(int stop) {
  while (true) {
    std::vector<pollfd> waiting{{stop, POLLIN, 0}, {listening_.get(), POLLIN, 0}};
    for (const UniqueFd& connection : connections_) {
      waiting.push_back({connection.get(), POLLIN, 0});
    }
    if (::poll(waiting.data(), waiting.size(), -1) < 0) {
      if (errno == EINTR) {
        continue;
      }
      throw std::system_error(errno, std::generic_category(), "poll");
    }
    if (waiting[0].revents != 0) {
      return;
    }
    auto connection = connections_.begin();
    for (std::size_t i = 2; i < waiting.size(); ++i) {
      const auto current = connection++;
      if (waiting[i].revents == 0) {
        continue;
      }
      if (answer(current->get())) {
        connections_.splice(connections_.end(), connections_, current);
      } else {
        connections_.erase(current);
      }
    }
    if (waiting[1].revents != 0) {
      accept();
    }
  }
}

void Helper::accept() {
  UniqueFd connection(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!connection) {
    return;
  }
  const Result<auth::Identity> peer = auth::readPeer(connection.get());
  if (!peer || (peer->uid != settings_.client && peer->uid != 0)) {
    say_("refused: uid " + (peer ? std::to_string(peer->uid) : peer.error().text) + " may not ask");
    return;
  }
  if (connections_.size() >= settings_.connections) {
    connections_.pop_front();
  }
  connections_.push_back(std::move(connection));
}

bool Helper::answer(int connection) {
  Packet packet(connection);
  if (packet.size < 0) {
    return errno == EAGAIN || errno == EINTR;
  }
  if (packet.size == 0) {
    return false;  // The end, or a packet of nothing, which looks the same.
  }
  const std::optional<auth::AttestationQuestion> question =
      auth::parseQuestion(ByteView(packet.bytes.data(), static_cast<std::size_t>(packet.size)));
  if (!question || (packet.flags & MSG_TRUNC) != 0) {
    say_("closed: a packet that is no question, or one of another version");
    return false;
  }
  const bool cut = (packet.flags & MSG_CTRUNC) != 0;
  const std::string answer =
      auth::encodeAnswer(look(*question, cut ? std::vector<UniqueFd>() : std::move(packet.passed)));
  // Who does not take its answers gets no further ones.
  return ::send(connection, answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL) ==
         static_cast<ssize_t>(answer.size());
}

auth::AttestationAnswer Helper::look(const auth::AttestationQuestion& question,
                                     std::vector<UniqueFd> passed) {
  auth::AttestationAnswer malformed;
  malformed.id = question.id;
  malformed.status = auth::AttestationStatus::Malformed;
  if (passed.size() != 1) {
    return malformed;
  }
  const Result<auth::ProcessHandle> process =
      auth::ProcessHandle::ofDescriptor(std::move(passed.front()));
  if (!process) {
    return malformed;
  }
  return reader_.look(*process, question, {Clock::now(), std::chrono::system_clock::now()});
}

}  // namespace peerpool::attest

// Short-lived connections, each with a deadline from its first moment to its last.

#include "proxy/server/status_socket.h"

#include <unistd.h>

#include <string_view>
#include <system_error>
#include <utility>

#include "auth/peer.h"
#include "proxy/net/transport.h"

namespace peerpool::server {

/// Reads one line, then waits for the answer, then sends it.
class StatusSocket::Connection final : public event::Deletable,
                                       private net::TransportHandler,
                                       private event::Timer {
 public:
  Connection(StatusSocket& socket, std::uint64_t id, AuditPeer peer, UniqueFd fd)
      : event::Timer(socket.loop_.timers()),
        socket_(socket),
        id_(id),
        peer_(std::move(peer)),
        transport_(socket.loop_, std::move(fd), *this, {}) {
    set(socket_.loop_.now() + socket_.limits_.request);
  }

  void send(const std::string& json) {
    if (!finishing_) {
      finishing_ = true;
      transport_.queue(json);
      transport_.queue("\n");
      transport_.finish(socket_.loop_.now() + socket_.limits_.answer);
    }
  }

 private:
  bool mayRead() override { return true; }

  std::size_t onBytes(ByteView bytes) override {
    if (asked_) {
      return bytes.size();
    }
    const std::string_view text = asText(bytes);
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos && text.size() <= socket_.limits_.line) {
      return 0;
    }
    asked_ = true;
    set(socket_.loop_.now() + socket_.limits_.answer);
    socket_.onRequest(id_, peer_, std::string(text.substr(0, std::min(end, socket_.limits_.line))));
    return bytes.size();
  }

  void onEnd(const Error&) override {
    // The end of a client's input is not the end of its interest: it may have shut down its half.
    if (!asked_ || finishing_) {
      socket_.drop(id_);
    }
  }

  void onDrained() override {}
  void onTimer(TimePoint) override { socket_.drop(id_); }

  StatusSocket& socket_;
  std::uint64_t id_;
  AuditPeer peer_;
  bool asked_ = false;
  bool finishing_ = false;
  net::Transport transport_;
};

StatusSocket::StatusSocket(event::EventLoop& loop, const std::string& path, Source source,
                           const Limits& limits)
    : loop_(loop),
      source_(std::move(source)),
      limits_(limits),
      file_({path, net::SocketKind::Stream, {{}, {}, 0600, {}}, 64}),
      listener_(loop, file_.takeSocket(),
                {[this](UniqueFd fd) { onAccepted(std::move(fd)); }, nullptr}) {}

StatusSocket::~StatusSocket() = default;

void StatusSocket::onAccepted(UniqueFd fd) {
  const Result<auth::Identity> peer = auth::readPeer(fd.get());
  const bool ours = peer && peer->known && (peer->uid == 0 || peer->uid == ::geteuid());
  if (!ours || connections_.size() >= limits_.connections) {
    return;
  }
  const std::uint64_t id = ++last_id_;
  try {
    connections_.emplace(
        id, std::make_unique<Connection>(*this, id, AuditPeer{peer->uid, peer->gid, peer->pid, {}},
                                         std::move(fd)));
  } catch (const std::system_error&) {
    // The kernel watches no more descriptors for us. The one who asks sees it closed.
  }
}

void StatusSocket::onRequest(std::uint64_t id, const AuditPeer& peer, const std::string& line) {
  source_(line, peer, [this, id](const std::string& json) { onAnswer(id, json); });
}

void StatusSocket::onAnswer(std::uint64_t id, const std::string& json) {
  const auto found = connections_.find(id);
  if (found != connections_.end()) {
    found->second->send(json);
  }
}

void StatusSocket::drop(std::uint64_t id) {
  const auto found = connections_.find(id);
  if (found != connections_.end()) {
    loop_.deleteLater(std::move(found->second));
    connections_.erase(found);
  }
}

}  // namespace peerpool::server

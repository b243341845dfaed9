#include "proxy/postgres/server_connector.h"

#include <utility>

#include "auth/peer.h"
#include "auth/process_reader.h"
#include "config/changes.h"
#include "proxy/base/check.h"
#include "proxy/postgres/wire/message_writer.h"
#include "proxy/postgres/wire/protocol.h"

namespace peerpool::postgres {
namespace {

// How long PostgreSQL may take to end a session after Terminate before its place is given away.
constexpr Duration kCloseGrace{5000};

constexpr std::size_t kMaxWelcomes = 64;

std::optional<std::string> unexpectedPeerOf(const auth::Snapshot& snapshot,
                                            const std::string& backend, int fd) {
  Result<auth::Identity> peer = auth::readPeer(fd);
  if (!peer) {
    return peer.error().text;
  }
  const auth::Looks& looks = snapshot.policy.backendLooks(backend);
  if (looks.any()) {
    // Servers are few and live long: nothing is kept from one to the next.
    peer->process = auth::ProcessReader().look(fd, *peer, looks).facts;
  }
  return snapshot.policy.unexpectedPeer(backend, *peer);
}

}  // namespace

ServerConnector::ServerConnector(const Services& services,
                                 std::shared_ptr<const auth::Snapshot> snapshot, pool::PoolKey key)
    : services_(services), snapshot_(std::move(snapshot)), key_(std::move(key)) {
  aim();
}

bool ServerConnector::adopt(std::shared_ptr<const auth::Snapshot> snapshot) {
  const config::Backend* before = config::findBackend(*snapshot_->config, key_.backend);
  const config::Backend* after = config::findBackend(*snapshot->config, key_.backend);
  if (after == nullptr) {
    return false;
  }
  const bool same = config::sameServers(*before, *after);
  snapshot_ = std::move(snapshot);
  aim();
  return !same;
}

void ServerConnector::aim() {
  const config::Backend* backend = config::findBackend(*snapshot_->config, key_.backend);
  check(backend != nullptr, "validate() found the backend of every rule");
  const auto secret = backend->secret_files.find(key_.login_role);
  target_.socket_path = backend->socket_path;
  target_.secret_file = secret == backend->secret_files.end() ? std::string() : secret->second;
  target_.connect_timeout = backend->connect_timeout;
  target_.login = {key_.login_role, key_.database, key_.startup_parameters, backend->login};
}

ServerConnector::~ServerConnector() = default;

void ServerConnector::open(pool::Pool& pool) {
  pool_ = &pool;
  ServerOwner& owner = *this;
  auto session = std::make_unique<ServerSession>(
      services_.ids.next(),
      ServerSession::Services{services_.loop, services_.keys, services_.cancels}, owner, target_);
  ServerSession& opened = *session;
  outside_.emplace(&opened,
                   Outside{std::move(session), false, std::nullopt, target_.login.version});
  opened.open(services_.loop.now());
}

void ServerConnector::close(pool::Pool& pool, std::unique_ptr<pool::Server> server) noexcept {
  pool_ = &pool;
  std::unique_ptr<ServerSession> session(static_cast<ServerSession*>(server.release()));
  ServerSession& closing = *session;
  outside_.emplace(&closing, Outside{std::move(session), false, std::nullopt, 0});
  closing.close(services_.loop.now() + kCloseGrace);
}

void ServerConnector::onLoggedIn(ServerSession& server) {
  const auto found = outside_.find(&server);
  check(found != outside_.end(), "a server that logs in belongs to its connector");
  if (server.parameters().superuser() && !key_.superuser) {
    found->second.rejected =
        Error{ErrorCode::Denied, "login role \"" + key_.login_role +
                                     "\" is a superuser and the rule does not say superuser: true"};
    logServer(LogLevel::Error, "server rejected", server, found->second.rejected->text);
    server.close(services_.loop.now() + kCloseGrace);
    return;
  }
  if (last_reported_.all() != server.parameters().all()) {
    last_reported_ = server.parameters();
    welcomes_.clear();
  }
  logServer(LogLevel::Info, "server opened", server);
  std::unique_ptr<ServerSession> session = std::move(found->second.session);
  outside_.erase(found);
  pool_->onConnected(std::move(session), services_.loop.now());
}

void ServerConnector::onLoginFailed(ServerSession& server, const Error& error) {
  // The same failure again, many times in an outage, is not news.
  const bool news = pool_->lastFailure().text != error.text;
  logServer(news ? LogLevel::Error : LogLevel::Debug, "server login failed", server, error.text);
  const auto found = outside_.find(&server);
  check(found != outside_.end(), "a server that logs in belongs to its connector");
  const bool asked_for_more = found->second.asked > wire::kProtocol30;
  services_.loop.deleteLater(std::move(found->second.session));
  outside_.erase(found);
  if (asked_for_more && mayRefuseVersion(error)) {
    target_.login.version = wire::kProtocol30;
    open(*pool_);  // In the same place: the pool still waits for it.
    return;
  }
  pool_->onConnectFailed(error, services_.loop.now());
}

void ServerConnector::onIdleLost(ServerSession& server, const Error& error) {
  logServer(LogLevel::Warning, "server lost", server, error.text);
  pool_->onIdleLost(server, services_.loop.now());
}

void ServerConnector::onClosed(ServerSession& server) {
  const auto found = outside_.find(&server);
  check(found != outside_.end(), "a server that closes belongs to its connector");
  const std::optional<Error> rejected = std::move(found->second.rejected);
  services_.loop.deleteLater(std::move(found->second.session));
  outside_.erase(found);
  if (rejected) {
    pool_->onConnectFailed(*rejected, services_.loop.now());
  } else {
    logServer(LogLevel::Debug, "server closed", server);
    pool_->onClosed(services_.loop.now());
  }
}

PeerCheck ServerConnector::peerCheck() const {
  // The connector may be gone when a cancel asks; the snapshot lives on.
  return [snapshot = snapshot_, backend = key_.backend](int fd) {
    return unexpectedPeerOf(*snapshot, backend, fd);
  };
}

bool ServerConnector::forgets(const ServerSession& server) {
  if (stops_ || server.socketPath() != target_.socket_path) {
    return true;  // Nobody wants its place, or a reload left that backend behind.
  }
  const auto found = outside_.find(&server);
  check(found != outside_.end(), "a server that closes belongs to its connector");
  if (!std::exchange(found->second.late, true)) {
    logServer(LogLevel::Warning, "server does not end", server, "its place stays taken");
  }
  return false;
}

const std::string* ServerConnector::findWelcome(const std::string& fingerprint) const {
  const auto found = welcomes_.find(fingerprint);
  return found == welcomes_.end() ? nullptr : &found->second;
}

const std::string& ServerConnector::rememberWelcome(const std::string& fingerprint,
                                                    const ServerParameters& reported) {
  if (welcomes_.size() >= kMaxWelcomes) {
    welcomes_.clear();
  }
  std::string messages;
  for (const auto& [name, value] : reported.all()) {
    if (name != "application_name") {
      check(wire::appendParameterStatus(messages, name, value), "came in a ParameterStatus");
    }
  }
  return welcomes_[fingerprint] = std::move(messages);
}

void ServerConnector::forEachOutside(const std::function<void(const ServerSession&)>& visit) const {
  for (const auto& [session, outside] : outside_) {
    visit(*session);
  }
}

void ServerConnector::logServer(LogLevel level, std::string_view event, const ServerSession& server,
                                const std::string& reason) {
  if (!services_.log.wants(level)) {
    return;
  }
  LogEvent line{level, event, {}};
  line.fields = {{"server", std::to_string(server.id().value)},
                 {"backend", key_.backend},
                 {"database", key_.database},
                 {"role", key_.login_role}};
  if (server.backendPid() != 0) {
    line.fields.emplace_back("pid", std::to_string(server.backendPid()));
  }
  if (!reason.empty()) {
    line.fields.emplace_back("reason", reason);
  }
  services_.log.write(std::move(line));
}

}  // namespace peerpool::postgres

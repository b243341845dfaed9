// The parts list of the running process: makes them in order, runs the main loop, takes them down
// in reverse. Each part knows only those it is given.

#pragma once

#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/accounts.h"
#include "auth/admitted.h"
#include "proxy/base/limit_hits.h"
#include "proxy/event/event_loop.h"
#include "proxy/event/signals.h"
#include "proxy/net/listener.h"
#include "proxy/net/socket_file.h"
#include "proxy/observe/log_sinks.h"
#include "proxy/postgres/pool_directory.h"
#include "proxy/server/admission.h"
#include "proxy/server/passed_sockets.h"
#include "proxy/server/process_audit.h"
#include "proxy/server/resolver.h"
#include "proxy/server/service.h"
#include "proxy/server/status_collector.h"
#include "proxy/server/status_socket.h"
#include "proxy/server/worker.h"

namespace peerpool::server {

/// Where the outside is.
struct ApplicationPlace {
  std::string config;                      ///< Path of the main file, for status and log.
  std::string runtime_directory;           ///< Absolute; made when missing.
  std::string credentials_directory = {};  ///< See auth::loadSecret(); empty: none.
  ServiceEnvironment service = {};
  std::vector<PassedSocket> sockets = {};
};

/// One per process. Main thread only; its signals must be blocked (blockSignals()) before.
class Application {
 public:
  /// Makes directories, threads and socket files. Throws std::system_error or std::runtime_error
  /// with a message for the operator; what was made is then gone again.
  Application(std::shared_ptr<const auth::Snapshot> snapshot, ApplicationPlace place);
  ~Application();
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  /// Serves until SIGTERM, SIGINT or SIGQUIT. When it returns, socket files and threads are gone.
  void run();

  /// For the whole process, before there is a second thread: signals go to the main loop, SIGPIPE
  /// and SIGXFSZ nowhere.
  static void blockSignals();

 private:
  struct Door {
    std::unique_ptr<net::SocketFile> file;  // None when the service manager made it.
    std::unique_ptr<net::Listener> listener;
  };

  void raiseLimits();
  void makeDirectories();
  void startWorkers();
  void openAdmission();
  void openStatus();
  void openDoors();
  [[nodiscard]] UniqueFd openDoor(const config::Listener& settings, Door& door);
  void openService();
  [[nodiscard]] std::string statusLine() const;
  void logReady();
  void onSignal(int signal);
  void answerStatus(admin::StatusKind what, StatusSocket::Answer answer);
  [[nodiscard]] bool lookUpName(uid_t uid);
  void stop() noexcept;

  std::shared_ptr<const auth::Snapshot> snapshot_;
  ApplicationPlace place_;
  auth::SystemAccounts accounts_;
  observe::LogSink log_;
  std::unique_ptr<ProcessAudit> audit_;
  LimitHits limit_hits_;
  event::EventLoop loop_;
  postgres::PoolDirectory directory_;
  std::optional<Resolver> resolver_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::optional<Admission> admission_;
  std::optional<StatusCollector> collector_;
  std::optional<StatusSocket> status_;
  PassedSockets passed_;
  std::vector<Door> doors_;
  std::optional<Service> service_;
  std::optional<event::Signals> signals_;
  TimePoint started_at_;
  std::string stop_reason_;  // Why it ends; empty while it runs, or never did.
  std::size_t next_worker_ = 0;
};

/// Threads on the data path for `configured` (0: auto) and `cores`.
[[nodiscard]] std::size_t workerCount(std::size_t configured, unsigned cores) noexcept;

}  // namespace peerpool::server

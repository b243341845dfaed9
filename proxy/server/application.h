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
#include "proxy/admin/status_json.h"
#include "proxy/base/limit_hits.h"
#include "proxy/event/event_loop.h"
#include "proxy/event/signals.h"
#include "proxy/observe/log_sinks.h"
#include "proxy/postgres/pool_directory.h"
#include "proxy/postgres/shared_limits.h"
#include "proxy/server/admission.h"
#include "proxy/server/attestor.h"
#include "proxy/server/descriptor_plan.h"
#include "proxy/server/doors.h"
#include "proxy/server/drain.h"
#include "proxy/server/mode_reporter.h"
#include "proxy/server/passed_sockets.h"
#include "proxy/server/process_audit.h"
#include "proxy/server/reload.h"
#include "proxy/server/resolver.h"
#include "proxy/server/service.h"
#include "proxy/server/status_collector.h"
#include "proxy/server/status_socket.h"
#include "proxy/server/storm_reporter.h"
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

  /// Serves until SIGTERM has been followed to the end (all clients at rest, shutdown_timeout, or a
  /// second one), or until SIGINT or SIGQUIT. When it returns, socket files and threads are gone.
  void run();

  /// For the whole process, before there is a second thread: signals go to the main loop, SIGPIPE
  /// and SIGXFSZ nowhere.
  static void blockSignals();

 private:
  void planClients();
  void makeDirectories(const std::vector<DirectoryPlan>& plans);
  void startWorkers();
  void openAdmission();
  void openStatus();
  void openDoors();
  void openReload();
  void apply(PreparedReload& prepared);
  void onReloaded(const admin::ReloadReport& report);
  void onAccepted(UniqueFd fd, const std::string& listener);
  void onFlood(const auth::Identity& peer, const config::Listener& listener);
  void onExhausted(int error, const std::string& listener);
  void drain();
  void openService();
  [[nodiscard]] std::string statusLine() const;
  void logReady();
  void onSignal(int signal);
  void answerRequest(const std::string& request, const AuditPeer& peer,
                     const StatusSocket::Answer& answer);
  void answerStatus(admin::StatusKind what, StatusSocket::Answer answer);
  [[nodiscard]] bool lookUpName(uid_t uid);
  void stop() noexcept;

  std::shared_ptr<const auth::Snapshot> snapshot_;
  ApplicationPlace place_;
  auth::SystemAccounts accounts_;
  observe::LogSink log_;
  std::unique_ptr<ProcessAudit> audit_;
  LimitHits limit_hits_;
  postgres::SharedLimits limits_;
  ClientCounts client_counts_;
  event::EventLoop loop_;
  std::optional<StormReporter> storms_;
  std::optional<ModeReporter> mode_;
  postgres::PoolDirectory directory_;
  std::optional<Resolver> resolver_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::optional<Attestor> attestor_;
  std::optional<Admission> admission_;
  std::optional<StatusCollector> collector_;
  std::optional<StatusSocket> status_;
  std::optional<Doors> doors_;
  std::optional<Reload> reload_;
  std::optional<Drain> drain_;
  std::optional<Service> service_;
  std::optional<event::Signals> signals_;
  TimePoint started_at_;
  std::string stop_reason_;  // Why it ends; empty while it runs, or never did.
  std::size_t next_worker_ = 0;
  DescriptorPlan descriptors_;
};

/// Threads on the data path for `configured` (0: auto) and `cores`.
[[nodiscard]] std::size_t workerCount(std::size_t configured, unsigned cores) noexcept;

}  // namespace peerpool::server

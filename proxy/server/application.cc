// Read top to bottom: the order of the parts.

#include "proxy/server/application.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <system_error>
#include <thread>
#include <utility>

#include "proxy/admin/status_json.h"
#include "proxy/net/directory.h"
#include "proxy/server/control_client.h"
#include "proxy/server/kept_out.h"
#include "proxy/server/runtime_directory.h"
#include "proxy/server/socket_plan.h"
#include "proxy/server/version.h"
#include "proxy/server/worker_report.h"

namespace peerpool::server {
namespace {

constexpr std::initializer_list<int> kSignals = {SIGTERM, SIGINT,  SIGQUIT,
                                                 SIGHUP,  SIGUSR1, SIGUSR2};
constexpr Duration kStopGrace{5'000};
// After shutdown_timeout, for the last messages to be read.
constexpr Duration kLastWords{2'000};
constexpr Duration kStatusPatience{2'000};

event::FlusherKind flusherKind(config::IoEngine engine) {
  switch (engine) {
    case config::IoEngine::Auto:
      return event::FlusherKind::Auto;
    case config::IoEngine::Epoll:
      return event::FlusherKind::Send;
    case config::IoEngine::IoUring:
      return event::FlusherKind::IoUring;
  }
  return event::FlusherKind::Auto;
}

std::size_t workersOf(const config::Config& config) {
  return workerCount(config.process.workers, std::thread::hardware_concurrency());
}

}  // namespace

std::size_t workerCount(std::size_t configured, unsigned cores) noexcept {
  return configured != 0 ? configured : std::max<std::size_t>(1, cores / 4);
}

void Application::blockSignals() {
  event::Signals::block(kSignals);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // A limit on the size of files fails a write, and no more.
}

Application::Application(std::shared_ptr<const auth::Snapshot> snapshot, ApplicationPlace place)
    : snapshot_(std::move(snapshot)),
      place_(std::move(place)),
      log_(observe::logLevel(snapshot_->config->log.level),
           observe::makeLogWriter(snapshot_->config->log), {}),
      audit_(openAudit(snapshot_->config->audit, log_)),
      loop_(event::EventLoop::Options{}),
      storms_(std::in_place, loop_, limits_.storms, log_, *audit_),
      directory_(*snapshot_->config, workersOf(*snapshot_->config)),
      started_at_(Clock::now()) {
  try {
    planClients();
    makeRuntimeDirectory(place_.runtime_directory);
    makeDirectories(directoryPlans(*snapshot_->config, accounts_));
    startWorkers();
    openAdmission();
    openStatus();
    openReload();
    openDoors();
    openService();
    signals_.emplace(loop_, kSignals, [this](int signal) { onSignal(signal); });
  } catch (...) {
    stop();
    throw;
  }
}

Application::~Application() { stop(); }

void Application::planClients() {
  descriptors_ =
      planDescriptors(*snapshot_->config, workersOf(*snapshot_->config), raiseDescriptorLimit());
  if (descriptors_.clients < snapshot_->config->process.max_clients) {
    log_.write({LogLevel::Warning,
                "too few descriptors",
                {{"limit", std::to_string(descriptors_.limit)},
                 {"for_servers", std::to_string(descriptors_.servers)},
                 {"for_clients", std::to_string(descriptors_.clients)},
                 {"setting", descriptors_.setting},
                 {"hint", "raise LimitNOFILE= or lower process.max_clients"}}});
  }
}

void Application::makeDirectories(const std::vector<DirectoryPlan>& plans) {
  for (const DirectoryPlan& plan : plans) {
    for (const std::string& warning : net::createDirectory(plan.options)) {
      log_.write({LogLevel::Warning, "directory", {{"warning", warning}}});
    }
    net::grantSearch(plan.options.path, plan.searchers);
  }
}

void Application::startWorkers() {
  resolver_.emplace();
  const WorkerContext context{log_,
                              *audit_,
                              limit_hits_,
                              limits_,
                              *resolver_,
                              directory_,
                              place_.credentials_directory,
                              flusherKind(snapshot_->config->process.io_engine)};
  for (std::size_t i = 0; i < workersOf(*snapshot_->config); ++i) {
    workers_.push_back(std::make_unique<Worker>(i, context));
  }
  for (const std::unique_ptr<Worker>& worker : workers_) {
    worker->setPeers(workers_);
  }
  for (const std::unique_ptr<Worker>& worker : workers_) {
    worker->start();
  }
}

void Application::openAdmission() {
  attestor_.emplace(loop_, attestSocketPath(place_.runtime_directory), Attestor::Limits{});
  const PlaceClaims::Workers workers{
      workers_.size(),
      [this](std::size_t worker, const auth::PlaceQuery& query, auto answer) {
        workers_[worker]->findPlace(query, std::move(answer));
      },
      [this](std::size_t worker, ClientId client, const auth::LimitReached& limit, auto answer) {
        workers_[worker]->takePlace(client, limit, std::move(answer));
      }};
  admission_.emplace(
      Admission::Parts{loop_,
                       log_,
                       *audit_,
                       limit_hits_,
                       limits_.storms,
                       client_counts_,
                       {descriptors_.clients, descriptors_.setting},
                       workers,
                       snapshot_,
                       [this](uid_t uid) { return lookUpName(uid); },
                       [this](auth::Admitted admitted) {
                         workers_[next_worker_++ % workers_.size()]->admit(std::move(admitted));
                       },
                       [this](const auth::Identity& peer, const config::Listener& listener) {
                         onFlood(peer, listener);
                       },
                       auth::readOverflowIds(),
                       [this](uid_t uid, UniqueFd process, bool sha256, Attestor::Done done) {
                         attestor_->ask(uid, std::move(process), sha256, std::move(done));
                       }},
      UserNames::Limits{});
}

void Application::openStatus() {
  collector_.emplace(
      loop_, workers_.size(),
      [this](std::size_t worker, std::function<void(admin::WorkerReport)> answer) {
        workers_[worker]->collect(std::move(answer));
      },
      kStatusPatience);
  status_.emplace(
      loop_, statusSocketPath(place_.runtime_directory, place_.config),
      [this](const std::string& request, const AuditPeer& peer,
             const StatusSocket::Answer& answer) { answerRequest(request, peer, answer); },
      StatusSocket::Limits{});
}

void Application::openDoors() {
  doors_.emplace(
      loop_, log_,
      [this](UniqueFd fd, const std::string& listener) { onAccepted(std::move(fd), listener); },
      [this](int error, const std::string& listener) { onExhausted(error, listener); },
      [this](AuditEvent event) {
        event.generation = snapshot_->generation;
        recordAfterwards(*audit_, std::move(event));
      });
  PassedSockets passed(std::move(place_.sockets), *snapshot_->config);
  for (const std::string& warning : passed.warnings()) {
    log_.write({LogLevel::Warning, "listener", {{"warning", warning}}});
  }
  for (const config::Listener& listener : snapshot_->config->listeners) {
    if (UniqueFd socket = passed.take(listener)) {
      log_.write({LogLevel::Info, "listener passed", {{"listener", listener.name}}});
      doors_->adopt(listener.name, listener.path, std::move(socket));
    }
  }
  doors_->open(doorPlans(*snapshot_->config, accounts_));
}

void Application::onAccepted(UniqueFd fd, const std::string& listener) {
  if (const config::Listener* settings = config::findListener(*snapshot_->config, listener)) {
    admission_->onAccepted(std::move(fd), *settings);
  }
  // Else a reload took the listener away while this one was on its way in.
}

void Application::onFlood(const auth::Identity& peer, const config::Listener& listener) {
  if (!doors_->keepOutFlood(listener.name, peer.uid)) {
    return;
  }
  constexpr std::string_view kReason = "it connects faster than it can be turned away";
  log_.write({LogLevel::Warning,
              "uid kept out",
              {{"listener", listener.name},
               {"uid", std::to_string(peer.uid)},
               {"milliseconds", std::to_string(KeptOut::kFor.count())},
               {"reason", std::string(kReason)}}});
  AuditEvent event;
  event.action = AuditAction::LimitHit;
  event.limit = "kept out by the socket file";
  event.reason = kReason;
  event.peer = AuditPeer{peer.uid, peer.gid, peer.pid, {}};
  event.listener = listener.name;
  event.generation = snapshot_->generation;
  recordAfterwards(*audit_, std::move(event));
}

void Application::onExhausted(int error, const std::string& listener) {
  const std::string reason = std::generic_category().message(error);
  if (limits_.storms.admits({"accept failed", auth::kNoUid, "reason", reason, listener},
                            loop_.now())) {
    log_.write({LogLevel::Error, "accept failed", {{"listener", listener}, {"reason", reason}}});
  }
}

void Application::openService() {
  service_.emplace(Service::Parts{
      loop_, place_.service.notify_socket, place_.service.watchdog, workers_.size(),
      [this](std::size_t worker, event::Job answer) { workers_[worker]->ping(std::move(answer)); },
      [this] { return statusLine(); }});
}

std::string Application::statusLine() const {
  return std::to_string(admission_->liveClients()) + " clients, " + std::to_string(doors_->size()) +
         " listeners, generation " + std::to_string(snapshot_->generation);
}

void Application::logReady() {
  const config::Config& config = *snapshot_->config;
  audit_->recordStart(snapshot_->generation);
  mode_.emplace(loop_, log_, *audit_);
  mode_->adopt(snapshot_);
  log_.write({LogLevel::Info,
              "ready",
              {{"version", kVersion},
               {"pid", std::to_string(::getpid())},
               {"config", place_.config},
               {"generation", std::to_string(snapshot_->generation)},
               {"workers", std::to_string(workers_.size())},
               {"max_clients", std::to_string(descriptors_.clients)},
               {"listeners", std::to_string(config.listeners.size())},
               {"rules", std::to_string(config.rules.size())}}});
}

void Application::run() {
  logReady();
  service_->notifyReady();
  loop_.run();
  stop();
}

void Application::onSignal(int signal) {
  const std::string name = std::string("SIG") + ::sigabbrev_np(signal);
  if (signal == SIGHUP) {
    reload_->request(nullptr);
    return;
  }
  if (signal == SIGUSR1) {
    log_.reopen();
    audit_->reopen();
    return;
  }
  if (signal == SIGUSR2) {
    log_.write({LogLevel::Warning,
                "signal ignored",
                {{"signal", name}, {"reason", "this version does nothing on it"}}});
    return;
  }
  stop_reason_ = name;
  reload_->close("the service is stopping");
  if (signal == SIGTERM && !drain_) {
    log_.write({LogLevel::Info,
                "draining",
                {{"signal", name}, {"clients", std::to_string(admission_->liveClients())}}});
    service_->notifyStopping();
    drain();
    return;
  }
  service_->notifyStopping();
  log_.write({LogLevel::Info, "stopping", {{"signal", name}}});
  loop_.stop();
}

void Application::drain() {
  const TimePoint deadline = loop_.now() + snapshot_->config->process.shutdown_timeout;
  doors_->close();
  for (const std::unique_ptr<Worker>& worker : workers_) {
    worker->drain(deadline);
  }
  drain_.emplace(
      loop_, deadline + kLastWords,
      [this] { return doors_->closed() && admission_->liveClients() == 0; },
      [this] {
        log_.write({LogLevel::Info, "stopping", {{"reason", "drained"}}});
        loop_.stop();
      });
}

bool Application::lookUpName(uid_t uid) {
  return resolver_->post([this, uid] {
    const auto found = accounts_.userName(uid);
    std::optional<std::string> name;
    if (found) {
      name = found->value_or("");
    }
    loop_.post([this, uid, name = std::move(name)] { admission_->onNameResolved(uid, name); });
  });
}

void Application::answerRequest(const std::string& request, const AuditPeer& peer,
                                const StatusSocket::Answer& answer) {
  if (request == kReloadRequest) {
    audit_->recordCommand(snapshot_->generation, peer, request);
    reload_->request(
        [answer](const admin::ReloadReport& report) { answer(admin::reloadJson(report)); });
  } else if (const auto what = admin::statusKind(request)) {
    answerStatus(*what, answer);
  } else {
    answer(admin::errorJson("no such request: " + request));
  }
}

void Application::answerStatus(admin::StatusKind what, StatusSocket::Answer answer) {
  collector_->gather([this, what, answer = std::move(answer)](
                         const std::vector<admin::WorkerReport>& reports, bool complete) {
    const auto uptime = std::chrono::duration_cast<Duration>(loop_.now() - started_at_);
    const admin::StatusReport report{
        {kVersion, ::getpid(), place_.config, uptime, snapshot_->generation, complete,
         describeMode(snapshot_->policy, std::chrono::system_clock::now())},
        reports,
        reportLimits(limit_hits_),
        audit_->report(),
        doors_ ? doors_->drift() : std::vector<admin::DriftReport>{}};
    answer(admin::statusJson(report, what));
  });
}

void Application::stop() noexcept {
  // Once nothing outside is left to be removed, a second signal ends the process at once.
  doors_.reset();
  drain_.reset();
  status_.reset();
  if (signals_) {
    signals_.reset();
    sigset_t deadly;
    ::sigemptyset(&deadly);
    ::sigaddset(&deadly, SIGTERM);
    ::sigaddset(&deadly, SIGINT);
    ::pthread_sigmask(SIG_UNBLOCK, &deadly, nullptr);
  }
  for (const std::unique_ptr<Worker>& worker : workers_) {
    worker->requestStop(kStopGrace);
  }
  for (const std::unique_ptr<Worker>& worker : workers_) {
    worker->join();
  }
  // Its last jobs may answer to a worker's loop, so it ends while those still exist.
  resolver_.reset();
  attestor_.reset();
  collector_.reset();
  admission_.reset();
  workers_.clear();
  storms_.reset();
  if (!stop_reason_.empty()) {
    audit_->recordStop(snapshot_->generation, std::exchange(stop_reason_, {}));
  }
}

}  // namespace peerpool::server

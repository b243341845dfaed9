// Read top to bottom: the order of the parts.

#include "proxy/server/application.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <system_error>
#include <thread>
#include <utility>

#include "proxy/net/directory.h"
#include "proxy/server/runtime_directory.h"
#include "proxy/server/socket_plan.h"
#include "proxy/server/version.h"

namespace peerpool::server {
namespace {

constexpr std::initializer_list<int> kSignals = {SIGTERM, SIGINT,  SIGQUIT,
                                                 SIGHUP,  SIGUSR1, SIGUSR2};
constexpr Duration kStopGrace{5'000};
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

/// Each client and each server takes a descriptor: as many as we may have. Returns their number.
rlim_t raiseDescriptorLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    const rlim_t before = std::exchange(limit.rlim_cur, limit.rlim_max);
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) {
      return before;
    }
  }
  return limit.rlim_cur;
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
      directory_(*snapshot_->config, workersOf(*snapshot_->config)),
      started_at_(Clock::now()) {
  try {
    raiseLimits();
    makeDirectories();
    startWorkers();
    openAdmission();
    openStatus();
    openDoors();
    openService();
    signals_.emplace(loop_, kSignals, [this](int signal) { onSignal(signal); });
  } catch (...) {
    stop();
    throw;
  }
}

Application::~Application() { stop(); }

void Application::raiseLimits() {
  const config::Config& config = *snapshot_->config;
  std::size_t needed = config.process.max_clients + 64;
  for (const config::Backend& backend : config.backends) {
    needed += backend.max_connections;
  }
  if (const rlim_t limit = raiseDescriptorLimit(); limit < needed) {
    log_.write({LogLevel::Warning,
                "too few descriptors",
                {{"limit", std::to_string(limit)},
                 {"needed", std::to_string(needed)},
                 {"hint", "raise LimitNOFILE= or lower process.max_clients"}}});
  }
}

void Application::makeDirectories() {
  makeRuntimeDirectory(place_.runtime_directory);
  for (const config::Directory& directory : snapshot_->config->directories) {
    if (!directory.create) {
      continue;
    }
    for (const std::string& warning :
         net::createDirectory(directoryOptions(directory, accounts_))) {
      log_.write({LogLevel::Warning, "directory", {{"warning", warning}}});
    }
    net::grantSearch(directory.path, searchersOf(directory, *snapshot_->config, accounts_));
  }
}

void Application::startWorkers() {
  resolver_.emplace();
  const WorkerContext context{log_,
                              *audit_,
                              limit_hits_,
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
  admission_.emplace(
      Admission::Parts{loop_, log_, *audit_, snapshot_,
                       [this](uid_t uid) { return lookUpName(uid); },
                       [this](auth::Admitted admitted) {
                         workers_[next_worker_++ % workers_.size()]->admit(std::move(admitted));
                       },
                       auth::readOverflowIds()},
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
      [this](admin::StatusKind what, StatusSocket::Answer answer) {
        answerStatus(what, std::move(answer));
      },
      StatusSocket::Limits{});
}

void Application::openDoors() {
  passed_ = PassedSockets(std::move(place_.sockets), *snapshot_->config);
  for (const std::string& warning : passed_.warnings()) {
    log_.write({LogLevel::Warning, "listener", {{"warning", warning}}});
  }
  for (const config::Listener& settings : snapshot_->config->listeners) {
    Door door;
    door.listener = std::make_unique<net::Listener>(
        loop_, openDoor(settings, door),
        net::Listener::Callbacks{
            [this, &settings](UniqueFd fd) { admission_->onAccepted(std::move(fd), settings); },
            [this, &settings](int error) {
              log_.write({LogLevel::Error,
                          "accept failed",
                          {{"listener", settings.name},
                           {"reason", std::generic_category().message(error)}}});
            }});
    doors_.push_back(std::move(door));
  }
}

UniqueFd Application::openDoor(const config::Listener& settings, Door& door) {
  if (UniqueFd passed = passed_.take(settings)) {
    log_.write({LogLevel::Info, "listener passed", {{"listener", settings.name}}});
    return passed;
  }
  door.file = std::make_unique<net::SocketFile>(socketFileOptions(settings, accounts_));
  for (const std::string& warning : door.file->warnings()) {
    log_.write(
        {LogLevel::Warning, "listener", {{"listener", settings.name}, {"warning", warning}}});
  }
  return door.file->takeSocket();
}

void Application::openService() {
  service_.emplace(Service::Parts{
      loop_, place_.service.notify_socket, place_.service.watchdog, workers_.size(),
      [this](std::size_t worker, event::Job answer) { workers_[worker]->ping(std::move(answer)); },
      [this] { return statusLine(); }});
}

std::string Application::statusLine() const {
  return std::to_string(admission_->liveClients()) + " clients, " + std::to_string(doors_.size()) +
         " listeners, generation " + std::to_string(snapshot_->generation);
}

void Application::logReady() {
  const config::Config& config = *snapshot_->config;
  audit_->recordStart(snapshot_->generation);
  log_.write({LogLevel::Info,
              "ready",
              {{"version", kVersion},
               {"pid", std::to_string(::getpid())},
               {"config", place_.config},
               {"generation", std::to_string(snapshot_->generation)},
               {"workers", std::to_string(workers_.size())},
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
  if (signal == SIGUSR1) {
    log_.reopen();
    audit_->reopen();
    return;
  }
  if (signal == SIGHUP || signal == SIGUSR2) {
    log_.write({LogLevel::Warning,
                "signal ignored",
                {{"signal", name}, {"reason", "this version does nothing on it"}}});
    return;
  }
  stop_reason_ = name;
  service_->notifyStopping();
  log_.write({LogLevel::Info, "stopping", {{"signal", name}}});
  loop_.stop();
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

void Application::answerStatus(admin::StatusKind what, StatusSocket::Answer answer) {
  collector_->gather([this, what, answer = std::move(answer)](
                         const std::vector<admin::WorkerReport>& reports, bool complete) {
    const auto uptime = std::chrono::duration_cast<Duration>(loop_.now() - started_at_);
    const admin::StatusReport report{
        {kVersion, ::getpid(), place_.config, uptime, snapshot_->generation, complete}, reports};
    answer(admin::statusJson(report, what));
  });
}

void Application::stop() noexcept {
  // From here on a second signal ends the process at once; nothing outside is left to be removed
  // once the doors and the status socket are gone.
  doors_.clear();
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
  collector_.reset();
  admission_.reset();
  workers_.clear();
  if (!stop_reason_.empty()) {
    audit_->recordStop(snapshot_->generation, std::exchange(stop_reason_, {}));
  }
}

}  // namespace peerpool::server

// What Application does at a reload: it puts a new configuration in force while it runs. How one is
// loaded is reload.h's.

#include <utility>

#include "proxy/net/directory_undo.h"
#include "proxy/server/application.h"

namespace peerpool::server {

void Application::openReload() {
  reload_.emplace(
      Reload::Parts{loop_, *resolver_, place_.config, attestSocketPath(place_.runtime_directory),
                    [this] { return snapshot_; }, [this] { service_->notifyReloading(); },
                    [this](PreparedReload& prepared) { apply(prepared); },
                    [this](const admin::ReloadReport& report) { onReloaded(report); }});
}

/// All that can fail comes first, and puts things back when it does.
void Application::apply(PreparedReload& prepared) {
  std::vector<net::DirectoryUndo> undo;
  for (const DirectoryPlan& plan : prepared.directories) {
    undo.emplace_back(plan.options.path);
  }
  makeDirectories(prepared.directories);
  doors_->open(prepared.doors);
  for (net::DirectoryUndo& directory : undo) {
    directory.keep();
  }
  snapshot_ = prepared.loaded.snapshot;
  log_.setLevel(observe::logLevel(snapshot_->config->log.level));
  directory_.adopt(*snapshot_->config);
  planClients();
  admission_->adopt(snapshot_, {descriptors_.clients, descriptors_.setting});
  for (const std::unique_ptr<Worker>& worker : workers_) {
    worker->adopt(snapshot_);
  }
}

void Application::onReloaded(const admin::ReloadReport& report) {
  service_->notifyReady();
  const LogLevel level = report.ok ? LogLevel::Warning : LogLevel::Error;
  for (const std::string& complaint : report.complaints) {
    log_.write({level, "configuration", {{"text", complaint}}});
  }
  for (const std::string& kept : report.kept) {
    log_.write({LogLevel::Warning, "needs a restart", {{"setting", kept}}});
  }
  if (report.ok) {
    audit_->recordLoaded(report.generation);
    mode_->adopt(snapshot_);
  } else {
    audit_->recordRefused(report.generation,
                          report.complaints.empty() ? "" : report.complaints.front());
  }
  log_.write({report.ok ? LogLevel::Info : LogLevel::Error,
              report.ok ? "reloaded" : "reload refused",
              {{"config", place_.config}, {"generation", std::to_string(report.generation)}}});
}

}  // namespace peerpool::server

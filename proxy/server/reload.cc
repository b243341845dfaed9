#include "proxy/server/reload.h"

#include <exception>
#include <utility>

#include "config/diagnostics.h"

namespace peerpool::server {

PreparedReload prepareReload(const std::string& config, const std::string& attest_socket,
                             const auth::Snapshot& running) {
  PreparedReload prepared;
  prepared.loaded = loadSystemPolicy(config, attest_socket, &running);
  if (prepared.loaded.snapshot == nullptr) {
    return prepared;
  }
  try {
    auth::SystemAccounts accounts;
    const config::Config& wanted = *prepared.loaded.snapshot->config;
    prepared.directories = directoryPlans(wanted, accounts);
    prepared.doors = doorPlans(wanted, accounts);
  } catch (const std::exception& failure) {
    prepared.error = failure.what();
  }
  return prepared;
}

void Reload::request(Answer answer) {
  (under_way_ ? next_ : running_).push_back(std::move(answer));
  if (!under_way_) {
    start();
  }
}

void Reload::start() {
  under_way_ = true;
  if (!closed_because_.empty()) {
    refuse(closed_because_);
    return;
  }
  parts_.on_begun();
  const bool posted =
      parts_.resolver.post([this, &loop = parts_.loop, config = parts_.config,
                            attest_socket = parts_.attest_socket, running = parts_.running()] {
        const auto prepared =
            std::make_shared<PreparedReload>(prepareReload(config, attest_socket, *running));
        loop.post([this, prepared] { finish(std::move(*prepared)); });
      });
  if (!posted) {
    refuse("too much else is being looked up; try again");
  }
}

void Reload::refuse(const std::string& reason) {
  parts_.loop.post([this, reason] {
    PreparedReload prepared;
    prepared.error = reason;
    finish(std::move(prepared));
  });
}

void Reload::finish(PreparedReload prepared) {
  admin::ReloadReport report;
  for (const config::Diagnostic& diagnostic : prepared.loaded.diagnostics) {
    report.complaints.push_back(config::describe(diagnostic));
  }
  report.kept = prepared.loaded.kept;
  if (!closed_because_.empty()) {
    prepared.error = closed_because_;  // Closed while it was being loaded.
  }
  if (prepared.loaded.snapshot != nullptr && prepared.error.empty()) {
    try {
      parts_.apply(prepared);
      report.ok = true;
    } catch (const std::exception& failure) {
      prepared.error = failure.what();
    }
  }
  if (!prepared.error.empty()) {
    report.complaints.push_back(prepared.error);
  }
  report.generation = parts_.running()->generation;
  parts_.on_done(report);
  for (const Answer& answer : std::exchange(running_, {})) {
    if (answer) {
      answer(report);
    }
  }
  under_way_ = false;
  if (!next_.empty()) {
    running_ = std::exchange(next_, {});
    start();
  }
}

}  // namespace peerpool::server

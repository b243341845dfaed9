// A private PostgreSQL server of one test: own data, own socket directory, no network.

#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/pq.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace peerpool::testing {

/// The full path of a PostgreSQL program of the newest version installed below /usr/lib/postgresql
/// (Debian's /usr/bin/psql is a script). Throws std::runtime_error when there is none.
[[nodiscard]] std::string postgresProgram(const std::string& name);

/// Starts when made and ends when destroyed. Root starts it as account postgres, or nobody where
/// that is missing; others start it as themselves. The superuser role is always `postgres`.
class Postgres {
 public:
  struct Options {
    std::string settings = {};                     ///< Lines of postgresql.conf.
    std::string access = "local all all trust\n";  ///< pg_hba.conf; `postgres` is let in before it.
    std::string identities = {};                   ///< pg_ident.conf.
  };

  /// Throws std::runtime_error with the server's log when it does not start.
  explicit Postgres(const Options& options);
  Postgres() : Postgres(Options{}) {}
  ~Postgres();
  Postgres(const Postgres&) = delete;
  Postgres& operator=(const Postgres&) = delete;

  void start();
  /// Fast shutdown: sessions are ended with 57P01. Immediate: with 57P02 or nothing at all.
  void stop(bool immediate = false);
  /// SIGSTOP and SIGCONT for the postmaster: sessions go on, new connections hang.
  void freeze() const noexcept { process_->signal(19); }
  void thaw() const noexcept { process_->signal(18); }

  /// The same for the postmaster and all sessions: nothing moves any more.
  void freezeAll() const;
  void thawAll() const;

  [[nodiscard]] std::string socketDirectory() const { return directory_ / "s"; }
  [[nodiscard]] std::string socketPath() const { return directory_ / "s/.s.PGSQL.5432"; }
  /// The account that the server runs as, for expect_peer.
  [[nodiscard]] const std::string& account() const noexcept { return account_; }
  [[nodiscard]] pid_t pid() const noexcept { return process_->pid(); }
  /// What the server logged so far; connections are logged.
  [[nodiscard]] std::string log() const;
  /// Lines of the log that contain `text`.
  [[nodiscard]] std::size_t countInLog(const std::string& text) const;

  /// Connects past any proxy. Throws std::runtime_error when that fails.
  [[nodiscard]] Pq superuser(const std::string& database = "postgres") const;
  /// Runs `sql` as superuser; throws std::runtime_error with the server's message.
  QueryResult execute(const std::string& sql, const std::string& database = "postgres") const;

 private:
  void signalAll(int number) const;

  TempDir directory_;
  std::string account_;
  std::optional<Credentials> run_as_;
  std::unique_ptr<Process> process_;
  std::string past_log_;  // Of the processes before this one.
};

/// Watches pg_stat_activity from a thread of its own, and keeps the highest count of client
/// backends of `role`.
class ConnectionSampler {
 public:
  ConnectionSampler(const Postgres& postgres, std::string role);
  ~ConnectionSampler();
  ConnectionSampler(const ConnectionSampler&) = delete;
  ConnectionSampler& operator=(const ConnectionSampler&) = delete;

  /// Ends the watching.
  void stop();
  [[nodiscard]] std::size_t highest() const noexcept;
  [[nodiscard]] std::size_t samples() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace peerpool::testing

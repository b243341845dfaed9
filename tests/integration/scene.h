// A PostgreSQL, a peerpool in front of it, and the words to write its configuration: what nearly
// every integration test starts with.

#pragma once

#include <catch2/catch.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/attest_helper.h"
#include "tests/support/peerpool.h"
#include "tests/support/postgres.h"
#include "tests/support/pq.h"
#include "tests/support/raw_client.h"

namespace peerpool::testing {

/// What differs from test to test. The texts are YAML, indented as they stand in the file.
struct SceneOptions {
  std::size_t workers = 1;
  std::string rules;                                       ///< Entries of `rules:`, two spaces in.
  std::string pools = "  mode: transaction\n  size: 4\n";  ///< Lines of `pools:`.
  std::string backend_socket = "";                         ///< Instead of the PostgreSQL's own.
  std::string backend = "    login: trust\n";              ///< More lines of `backends.main:`.
  std::string listener = "";                               ///< More lines of `listeners.pg:`.
  std::string top = "";                                    ///< Further top-level keys.
  std::string process = "";                                ///< ", KEY: VALUE" for `process:`.
  std::size_t descriptors = 0;                             ///< Limit of them; 0: ours.
  bool attested = false;                                   ///< With a peerpool-attest.
  std::string prepare =
      "CREATE ROLE app LOGIN; CREATE DATABASE shop OWNER app;";  ///< SQL, one
                                                                 ///< statement for each semicolon.
  Postgres::Options postgres = {};
};

/// A rule that lets everybody be `role` in every database; `more` are further lines of the rule.
[[nodiscard]] std::string everybodyMayBe(const std::string& role, const std::string& more = "");

/// Member order matters: the proxy goes first, then its backend, then their files.
class Scene {
 public:
  explicit Scene(const SceneOptions& options);

  [[nodiscard]] const TempDir& directory() const noexcept { return directory_; }
  [[nodiscard]] Postgres& postgres() noexcept { return postgres_; }
  [[nodiscard]] const Postgres& postgres() const noexcept { return postgres_; }
  [[nodiscard]] Peerpool& peerpool() const noexcept { return *peerpool_; }
  /// The directory for PGHOST, and the socket file in it.
  [[nodiscard]] std::string socketDirectory() const { return directory_ / "l"; }
  [[nodiscard]] std::string socketPath() const { return directory_ / "l/.s.PGSQL.5432"; }
  /// libpq's connection string through the proxy; `more` is appended.
  [[nodiscard]] std::string conninfo(const std::string& more = "user=app dbname=shop") const;
  [[nodiscard]] Pq connect(const std::string& more = "user=app dbname=shop",
                           const std::optional<Credentials>& as = std::nullopt) const;
  /// A program of PostgreSQL (psql, pgbench, pg_dump) with PGHOST, PGUSER and PGDATABASE set, so
  /// that it goes through the proxy.
  [[nodiscard]] Command client(const std::vector<std::string>& arguments,
                               const std::string& role = "app",
                               const std::string& database = "shop") const;
  /// The configuration, as written.
  [[nodiscard]] const std::string& config() const noexcept { return config_; }
  /// Ends the proxy; checks that it ended with 0 and took its socket file along.
  void stopPeerpool();
  /// Starts it again with the same configuration.
  void startPeerpool();
  /// Of a scene that is attested.
  [[nodiscard]] AttestHelper& helper() noexcept { return *helper_; }
  void startHelper();

 private:
  TempDir directory_;
  Postgres postgres_;
  std::string config_;
  std::size_t descriptors_;
  std::unique_ptr<AttestHelper> helper_;
  std::unique_ptr<Peerpool> peerpool_;
};

/// Credentials that no account of this system has; `index` from 0 on makes them differ.
[[nodiscard]] Credentials stranger(unsigned index);

/// A denial as a client sees it: SQLSTATE 28000 and "connection not permitted (ref XXXX)". Checks
/// that, and returns the log line that the reference finds; there must be exactly one.
LogLine requireDenied(Scene& scene, const Pq& client);

}  // namespace peerpool::testing

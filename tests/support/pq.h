// A PostgreSQL client of a test: a thin owner around libpq.

#pragma once

#include <libpq-fe.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/credentials.h"

namespace peerpool::testing {

/// What a statement gave. On failure `sqlstate` and `message` are set and there are no rows.
struct QueryResult {
  bool ok = false;
  std::string sqlstate;
  std::string message;
  std::string command_tag;
  std::vector<std::vector<std::string>> rows;

  /// The first column of the first row; empty when there is none.
  [[nodiscard]] std::string value() const {
    return rows.empty() || rows[0].empty() ? "" : rows[0][0];
  }
};

/// One connection, closed when destroyed. A failed connect is a state, not an exception.
class Pq {
 public:
  /// `conninfo` as in libpq's PQconnectdb(); connects with the credentials of `as` (None: ours).
  explicit Pq(const std::string& conninfo, const std::optional<Credentials>& as = std::nullopt);

  [[nodiscard]] bool connected() const noexcept;
  /// Of the failed connect or of the connection's last trouble.
  [[nodiscard]] std::string error() const;
  /// Of the failed connect: five characters, or empty when the server sent none.
  [[nodiscard]] std::string sqlstate() const;
  /// Simple protocol; the result of the last statement in `sql`.
  QueryResult exec(const std::string& sql);
  /// Extended protocol with text parameters.
  QueryResult execParams(const std::string& sql, const std::vector<std::string>& parameters);
  /// Named prepared statement of the protocol.
  QueryResult prepare(const std::string& name, const std::string& sql);
  QueryResult execPrepared(const std::string& name, const std::vector<std::string>& parameters);
  /// The process id that the startup told us; through a pooler it is the pooler's invention.
  [[nodiscard]] int announcedPid() const noexcept;
  [[nodiscard]] PGconn* get() const noexcept { return connection_.get(); }

 private:
  struct Finish {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
  };
  std::unique_ptr<PGconn, Finish> connection_;
};

}  // namespace peerpool::testing

// libpq, with the SQLSTATE of a refused connection dug out of its verbose message.

#include "tests/support/pq.h"

#include <poll.h>

#include <cstdlib>

#include "tests/support/process.h"

namespace peerpool::testing {
namespace {

struct Clear {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? "" : text;
}

// The code of a FATAL in a verbose message: libpq offers no field for a connection that was
// refused, or that was closed right behind the error.
std::string sqlstateIn(const std::string& message) {
  const std::string marker = "FATAL:  ";
  const std::size_t start = message.find(marker);
  return start == std::string::npos ? "" : message.substr(start + marker.size(), 5);
}

QueryResult take(PGresult* raw, const PGconn* connection) {
  const std::unique_ptr<PGresult, Clear> result(raw);
  QueryResult answer;
  const ExecStatusType status = PQresultStatus(raw);
  answer.ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ||
              status == PGRES_EMPTY_QUERY || status == PGRES_COPY_IN || status == PGRES_COPY_OUT;
  if (!answer.ok) {
    answer.sqlstate = field(raw, PG_DIAG_SQLSTATE);
    answer.message = field(raw, PG_DIAG_MESSAGE_PRIMARY);
    if (answer.message.empty()) {
      answer.message = PQerrorMessage(connection);
    }
    if (answer.sqlstate.empty()) {
      answer.sqlstate = sqlstateIn(PQerrorMessage(connection));
    }
    return answer;
  }
  answer.command_tag = PQcmdStatus(raw);
  for (int row = 0; row < PQntuples(raw); ++row) {
    std::vector<std::string>& columns = answer.rows.emplace_back();
    for (int column = 0; column < PQnfields(raw); ++column) {
      columns.emplace_back(PQgetvalue(raw, row, column));
    }
  }
  return answer;
}

std::vector<const char*> pointersTo(const std::vector<std::string>& texts) {
  std::vector<const char*> result;
  for (const std::string& text : texts) {
    result.push_back(text.c_str());
  }
  return result;
}

void finishConnecting(PGconn* connection) {
  PostgresPollingStatusType wanted = PGRES_POLLING_WRITING;
  while (wanted == PGRES_POLLING_READING || wanted == PGRES_POLLING_WRITING) {
    const short events = wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    pollfd watched{PQsocket(connection), events, 0};
    if (::poll(&watched, 1, static_cast<int>(kPatience.count())) <= 0) {
      return;
    }
    wanted = PQconnectPoll(connection);
  }
}

}  // namespace

Pq::Pq(const std::string& conninfo, const std::optional<Credentials>& as) {
  const ScopedCredentials guard(as);
  connection_.reset(PQconnectStart(conninfo.c_str()));
  PQsetErrorVerbosity(connection_.get(), PQERRORS_VERBOSE);
  if (PQstatus(connection_.get()) != CONNECTION_BAD) {
    finishConnecting(connection_.get());
  }
  PQsetNoticeProcessor(
      connection_.get(), [](void*, const char*) {}, nullptr);
}

bool Pq::connected() const noexcept { return PQstatus(connection_.get()) == CONNECTION_OK; }

std::string Pq::error() const { return PQerrorMessage(connection_.get()); }

std::string Pq::sqlstate() const { return sqlstateIn(error()); }

QueryResult Pq::exec(const std::string& sql) {
  return take(PQexec(connection_.get(), sql.c_str()), connection_.get());
}

QueryResult Pq::execParams(const std::string& sql, const std::vector<std::string>& parameters) {
  const std::vector<const char*> values = pointersTo(parameters);
  return take(PQexecParams(connection_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr,
                           values.data(), nullptr, nullptr, 0),
              connection_.get());
}

QueryResult Pq::prepare(const std::string& name, const std::string& sql) {
  return take(PQprepare(connection_.get(), name.c_str(), sql.c_str(), 0, nullptr),
              connection_.get());
}

QueryResult Pq::execPrepared(const std::string& name, const std::vector<std::string>& parameters) {
  const std::vector<const char*> values = pointersTo(parameters);
  return take(PQexecPrepared(connection_.get(), name.c_str(), static_cast<int>(values.size()),
                             values.data(), nullptr, nullptr, 0),
              connection_.get());
}

int Pq::announcedPid() const noexcept { return PQbackendPID(connection_.get()); }

}  // namespace peerpool::testing

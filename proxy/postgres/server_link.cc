#include "proxy/postgres/server_link.h"

#include <charconv>
#include <system_error>

#include "proxy/base/check.h"
#include "proxy/postgres/statement_relay.h"
#include "proxy/postgres/wire/message_writer.h"
#include "proxy/postgres/wire/messages.h"
#include "proxy/postgres/wire/protocol.h"

namespace peerpool::postgres {
namespace {

constexpr std::string_view kQueryCanceled = "57014";

ServerLink::Event meaning(ClientScanner::Stop stop) {
  switch (stop) {
    case ClientScanner::Stop::None:
    case ClientScanner::Stop::Request:
    case ClientScanner::Stop::Full:
    case ClientScanner::Stop::Named:
      return ServerLink::Event::None;
    case ClientScanner::Stop::Sequences:
      return ServerLink::Event::Foreign;
    case ClientScanner::Stop::Terminate:
      return ServerLink::Event::Terminate;
    case ClientScanner::Stop::Violation:
      return ServerLink::Event::ClientViolation;
  }
  checkFailed("unknown ClientScanner::Stop");
}

}  // namespace

void ServerLink::begin(ServerUser& user, const config::Pool& settings, PinCounts& pins) {
  server().link(user);
  state_.begin(settings, pins, server().remains());
  renames_ = !pinned();
}

pool::Lease ServerLink::takeLease() noexcept {
  if (state_.unsure()) {
    server().remains().touch();  // Whether a SET was carried out nobody will hear.
  }
  return std::move(lease_);
}

ServerLink::Passed ServerLink::fromClient(ByteView bytes, ClientScanner& scanner,
                                          net::Transport& client, const WantedParameters& wanted,
                                          StatementTable& table, ClientStatements& statements) {
  if (server().cancelling()) {
    client.pauseReading();  // The cancel could hit what comes now.
    return {};
  }
  std::size_t length = 0;
  ClientScanner::Scan scan;
  do {
    const ClientScanner::Watch watch{.names = renames_,
                                     .words = renames_ && !statements.empty(),
                                     .effects = true,
                                     .sequences = sharesSequences()};
    scan = scanner.scan(bytes.subspan(length), server().tracker(), watch);
    if (scan.length > 0) {
      server().transport().queue(bytes.subspan(length, scan.length));
      length += scan.length;
      if (scan.parses && renames_) {
        rememberUnnamed(scan.unnamed);
      }
      follow(std::move(scan.effect), wanted);
    }
    if (scan.stop == ClientScanner::Stop::Named) {
      const ByteView rest = bytes.subspan(length);
      const ClientScanner::Named named = scanner.peekNamed(rest);
      StatementRelay relay(table, statements, wanted, state_.unsure(), server().statements(),
                           server().tracker(), server().transactionStatus());
      if (relay.mustWait(named)) {
        break;
      }
      if (watch.sequences && server().tracker().idle() && relay.readsSequences(named)) {
        return {length, Event::Foreign};
      }
      scanner.skipNamed(rest);
      server().transport().queue(relay.pass(named, rest.first(named.length)));
      server().scanner().watchStatement(server().statements().nextPosition());
      server().scanner().watchErrors(true);
      named_ = true;
      length += named.length;
      follow(relay.effect(), wanted);
      deallocations_ += relay.deallocates() ? 1U : 0U;
    }
  } while (scan.stop == ClientScanner::Stop::Named);
  // What it asked for in front of its Terminate is carried out and answered, as by PostgreSQL.
  const bool early =
      scan.stop == ClientScanner::Stop::Terminate && server().tracker().owesReadyForQuery();
  throttled_ =
      early || scan.stop == ClientScanner::Stop::Full || scan.stop == ClientScanner::Stop::Named;
  if (throttled_ || server().transport().congested()) {
    client.pauseReading();
  }
  return {length, early ? Event::None : meaning(scan.stop)};
}

/// Others have used the server since it was reset, and it may be reset now.
bool ServerLink::sharesSequences() const noexcept {
  return renames_ && !pinned() && server().remains().shared() && server().atRest();
}

void ServerLink::rememberUnnamed(ByteView definition) {
  parsed_unnamed_ = true;
  unnamed_too_long_ = definition.empty() || definition.size() > ClientStatements::kMaxUnnamed;
  unnamed_.assign(unnamed_too_long_ ? std::string_view() : asText(definition));
}

void ServerLink::keepUnnamed(StatementTable& table, ClientStatements& statements) const {
  const SyncTracker& tracker = server().tracker();
  if (!tracker.ownsUnnamed()) {
    return;
  }
  if (!tracker.hasUnnamed() || (parsed_unnamed_ && unnamed_too_long_)) {
    statements.setUnnamed(nullptr);
  } else if (parsed_unnamed_ &&
             (statements.unnamed() == nullptr || statements.unnamed()->definition() != unnamed_)) {
    statements.setUnnamed(table.intern(asBytes(unnamed_), {}));
  }
}

/// Texts were sent.
void ServerLink::follow(SessionEffect effect, const WantedParameters& wanted) {
  resets_ |= effect.resets();
  if (renames_) {
    if (!server().parameters().readable()) {
      effect.onReread();
    }
    state_.onSent(std::move(effect), server().transactionStatus(), wanted.followed(),
                  server().remains());
  }
}

/// `bytes` are what was scanned. False: the server said something else than it was asked.
bool ServerLink::pass(ByteView bytes, const ServerScanner::Scan& scan, net::Transport& client,
                      ClientStatements& statements) {
  ServerStatements& known = server().statements();
  const SyncTracker& tracker = server().tracker();
  const bool done = known.nextPosition() < tracker.done();
  const bool failed =
      scan.type == wire::backend::kErrorResponse || scan.type == wire::backend::kReadyForQuery;
  if (done && !failed) {
    if (!passAnswer(bytes, scan, client)) {
      return false;
    }
  } else if (scan.event == ServerScanner::Event::Error) {
    passError(bytes, scan.report, client, statements);
  } else if (scan.event == ServerScanner::Event::Statement &&
             scan.type == wire::backend::kNoticeResponse &&
             known.nextAnswer() == SentStatement::Answer::Swallow) {
    client.queue(bytes.first(bytes.size() - scan.last_length));
  } else {
    client.queue(bytes);
  }
  if (done && failed) {
    known.undo(tracker.done(), statements);
  }
  server().scanner().watchStatement(known.nextPosition());
  return !(done && tracker.lost());
}

/// The last message of `bytes` answers one about a statement.
bool ServerLink::passAnswer(ByteView bytes, const ServerScanner::Scan& scan,
                            net::Transport& client) {
  const bool complete =
      scan.type == wire::backend::kParseComplete || scan.type == wire::backend::kCloseComplete;
  const bool empty = bytes.size() >= wire::kHeaderSize &&
                     readUint32(bytes.last(sizeof(std::uint32_t))) == sizeof(std::uint32_t);
  if (!complete || !empty) {
    return false;
  }
  const SentStatement::Answer answer = server().statements().takeAnswered();
  client.queue(answer == SentStatement::Answer::Pass
                   ? bytes
                   : bytes.first(bytes.size() - wire::kHeaderSize));
  return true;
}

/// Keeps what is known of statements in line with what the server has said.
void ServerLink::followStatements(const ServerScanner::Scan& scan, ClientStatements& statements) {
  ServerStatements& known = server().statements();
  if (scan.deallocates) {
    known.forget();
    if (deallocations_ > 0) {
      --deallocations_;
    } else {
      statements.clear();
    }
  }
  if (scan.mistaken) {
    known.forget();
  }
  if (scan.mistaken || scan.prepares) {
    known.distrust();
  }
}

ServerLink::Passed ServerLink::fromServer(ByteView bytes, net::Transport& client,
                                          WantedParameters& wanted, ClientStatements& statements) {
  Passed passed;
  while (passed.length < bytes.size()) {
    const ByteView rest = bytes.subspan(passed.length);
    const ServerScanner::Scan scan = server().scanner().scan(rest, server().tracker());
    passed.length += scan.length;
    if (scan.length > 0) {
      const bool ready = scan.event == ServerScanner::Event::ReadyForQuery;
      const std::string statuses = ready ? startOver(wanted) : std::string();
      const bool held = keepsToItself(scan, wanted) || !statuses.empty();
      const std::size_t length = scan.length - (held ? scan.last_length : 0);
      if (!pass(rest.first(length), scan, client, statements)) {
        passed.event = Event::ServerViolation;
        return passed;
      }
      if (!statuses.empty()) {
        client.queue(statuses);
        client.queue(rest.subspan(length, scan.last_length));
      }
      followStatements(scan, statements);
      state_.onAnswer(scan, server().remains());
      last_was_error_ = scan.error;
    }
    switch (scan.event) {
      case ServerScanner::Event::None:
        return passed;
      case ServerScanner::Event::Error:
      case ServerScanner::Event::Statement:
        break;
      case ServerScanner::Event::ReadyForQuery:
        server().setTransactionStatus(scan.status);
        state_.onReady(scan.status, server().tracker().idle(), wanted.followed(),
                       server().parameters().followed(), server().remains());
        if (std::exchange(throttled_, false)) {
          client.resumeReading();
        }
        if (server().tracker().idle()) {
          deallocations_ = 0;  // Those that failed.
          instead_
              .reset();  // If the cancel did not hit, it never will: nothing passes before its end.
          server().scanner().watchErrors(named_);
        }
        passed.event = Event::Ready;
        return passed;
      case ServerScanner::Event::Parameter:
        if (!server().parameters().report(scan.name, scan.value)) {
          passed.event = Event::ServerViolation;
          return passed;
        }
        if (const auto index = trackedIndex(scan.name); index && !keepsToItself(scan, wanted)) {
          wanted.change(*index, std::string(scan.value));
        }
        if (server().parameters().superuser()) {
          passed.event = Event::Superuser;
          return passed;
        }
        break;
      case ServerScanner::Event::Violation:
        passed.event = Event::ServerViolation;
        return passed;
    }
  }
  return passed;
}

/// The server reports that a RESET led it to a value of its own, where the client has another one.
bool ServerLink::keepsToItself(const ServerScanner::Scan& scan,
                               const WantedParameters& wanted) const {
  if (scan.event != ServerScanner::Event::Parameter || resets_.none()) {
    return false;
  }
  const auto index = trackedIndex(scan.name);
  const std::string* start = index ? wanted.findStartup(*index) : nullptr;
  const std::string* usual = index ? server().parameters().findDefault(*index) : nullptr;
  return start != nullptr && usual != nullptr && resets_.test(*index) && scan.value == *usual &&
         *start != *usual;
}

/// The requests that may have reset something are answered: what was reset is for the client what
/// it was at its start. Returns what it must be told of that.
std::string ServerLink::startOver(WantedParameters& wanted) {
  std::string statuses;
  for (std::size_t index = 0; index < resets_.size(); ++index) {
    const std::string* start = resets_.test(index) ? wanted.findStartup(index) : nullptr;
    const std::string* usual = server().parameters().findDefault(index);
    const std::string* current = server().parameters().findTracked(index);
    if (start == nullptr || usual == nullptr || current == nullptr || *current != *usual ||
        *start == *usual) {
      continue;
    }
    if (*wanted.find(index) != *start) {
      check(wire::appendParameterStatus(statuses, kTrackedParameters[index], *start),
            "a value of a startup packet holds no zero byte");
    }
    wanted.startOver(index);
    started_over_ = true;
  }
  if (server().tracker().idle()) {
    resets_.reset();
  }
  return statuses;
}

void ServerLink::cancelStatement(std::string error, const ClientScanner& scanner) {
  instead_ = std::make_unique<std::string>(std::move(error));
  server().scanner().watchErrors(true);
  server().cancelRequest();
  if (server().tracker().copyIn() && scanner.atBoundary()) {
    // A backend that waits for the client's data does not look at cancels.
    std::string out;
    wire::appendCopyFail(out, "canceled");
    server().tracker().onClientMessage(wire::frontend::kCopyFail);
    server().transport().queue(out);
  }
}

/// `bytes` end with the ErrorResponse of the body `report`.
void ServerLink::passError(ByteView bytes, ByteView report, net::Transport& client,
                           const ClientStatements& statements) {
  const ByteView before = bytes.first(bytes.size() - wire::kHeaderSize - report.size());
  const auto read = wire::parseReport(report);
  if (instead_ != nullptr && read && read->sqlstate == kQueryCanceled) {
    client.queue(before);
    client.queue(*instead_);
    instead_.reset();
    server().scanner().watchErrors(named_);
  } else if (const std::string named = withClientNames(report, statements); !named.empty()) {
    std::string header(1, wire::backend::kErrorResponse);
    appendUint32(header, static_cast<std::uint32_t>(sizeof(std::uint32_t) + named.size()));
    client.queue(before);
    client.queue(header);
    client.queue(named);
  } else {
    client.queue(bytes);
  }
}

/// A report that speaks of a statement by the server's name for it, with the client's instead.
/// Empty: it does not.
std::string ServerLink::withClientNames(ByteView report, const ClientStatements& statements) {
  const std::string_view text = asText(report);
  const std::size_t begin = text.find(ServerStatements::kPrefix);
  if (!named_ || begin == std::string_view::npos) {
    return {};
  }
  const std::string_view number = text.substr(begin + ServerStatements::kPrefix.size());
  std::uint64_t value = 0;
  const auto parsed = std::from_chars(number.data(), number.data() + number.size(), value);
  const Statement* statement = server().statements().findNumber(value);
  const std::string_view name = statement == nullptr ? "" : statements.nameOf(*statement);
  if (parsed.ec != std::errc() || name.empty()) {
    return {};
  }
  std::string changed(text.substr(0, begin));
  return changed.append(name).append(parsed.ptr, text.data() + text.size());
}

}  // namespace peerpool::postgres

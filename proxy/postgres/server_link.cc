#include "proxy/postgres/server_link.h"

#include "proxy/base/check.h"
#include "proxy/postgres/statement_relay.h"
#include "proxy/postgres/wire/message_writer.h"
#include "proxy/postgres/wire/messages.h"
#include "proxy/postgres/wire/protocol.h"

namespace peerpool::postgres {
namespace {

constexpr std::string_view kQueryCanceled = "57014";
constexpr std::string_view kParseComplete{"1\0\0\0\4", 5};

ServerLink::Event meaning(ClientScanner::Stop stop) {
  switch (stop) {
    case ClientScanner::Stop::None:
    case ClientScanner::Stop::Request:
    case ClientScanner::Stop::Full:
    case ClientScanner::Stop::Named:
      return ServerLink::Event::None;
    case ClientScanner::Stop::Terminate:
      return ServerLink::Event::Terminate;
    case ClientScanner::Stop::Violation:
      return ServerLink::Event::ClientViolation;
  }
  checkFailed("unknown ClientScanner::Stop");
}

}  // namespace

void ServerLink::begin(ServerUser& user, const config::Pool& settings) {
  server().link(user);
  pinned_ = settings.mode == config::PoolMode::Session;
  renames_ = !pinned_;
  session_state_ = settings.session_state;
}

ServerLink::Passed ServerLink::fromClient(ByteView bytes, ClientScanner& scanner,
                                          net::Transport& client, StatementTable& table,
                                          ClientStatements& statements) {
  if (server().cancelling()) {
    client.pauseReading();  // The cancel could hit what comes now.
    return {};
  }
  using Watch = ClientScanner::Watch;
  std::size_t length = 0;
  ClientScanner::Scan scan;
  do {
    const Watch watch = !renames_            ? Watch::Nothing
                        : statements.empty() ? Watch::Names
                                             : Watch::NamesAndWords;
    scan = scanner.scan(bytes.subspan(length), server().tracker(), watch);
    if (scan.length > 0) {
      server().transport().queue(bytes.subspan(length, scan.length));
      length += scan.length;
    }
    pinned_ = pinned_ || scan.pins;
    if (scan.stop == ClientScanner::Stop::Named) {
      const ByteView rest = bytes.subspan(length);
      const ClientScanner::Named named = scanner.peekNamed(rest);
      StatementRelay relay(table, statements, server().statements(), server().tracker(),
                           server().transactionStatus());
      if (relay.mustWait(named)) {
        break;
      }
      scanner.skipNamed(rest);
      server().transport().queue(relay.pass(named, rest.first(named.length)));
      server().scanner().watchStatement(server().statements().nextPosition());
      length += named.length;
      pinned_ = pinned_ || relay.pins();
      deallocations_ += relay.deallocates() ? 1U : 0U;
    }
  } while (scan.stop == ClientScanner::Stop::Named);
  throttled_ = scan.stop == ClientScanner::Stop::Full || scan.stop == ClientScanner::Stop::Named;
  if (throttled_ || server().transport().congested()) {
    client.pauseReading();
  }
  return {length, meaning(scan.stop)};
}

/// `bytes` are what was scanned. False: the server said something else than it was asked.
bool ServerLink::pass(ByteView bytes, const ServerScanner::Scan& scan, net::Transport& client,
                      ClientStatements& statements) {
  ServerStatements& known = server().statements();
  const SyncTracker& tracker = server().tracker();
  auto answer = SentStatement::Answer::Pass;
  if (known.nextPosition() < tracker.done()) {
    if (scan.type == wire::backend::kParseComplete || scan.type == wire::backend::kCloseComplete) {
      answer = known.takeAnswered();
    } else if (tracker.lost() || (scan.type != wire::backend::kErrorResponse &&
                                  scan.type != wire::backend::kReadyForQuery)) {
      return false;
    } else {
      known.undo(tracker.done(), statements);
    }
    server().scanner().watchStatement(known.nextPosition());
  }
  if (scan.event == ServerScanner::Event::Error) {
    passError(bytes, scan.report, client);
  } else if (answer == SentStatement::Answer::Pass) {
    client.queue(bytes);
  } else {
    client.queue(bytes.first(bytes.size() - wire::kHeaderSize));
    if (answer == SentStatement::Answer::AsParseComplete) {
      client.queue(asBytes(kParseComplete));
    }
  }
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
      if (!pass(rest.first(scan.length), scan, client, statements)) {
        passed.event = Event::ServerViolation;
        return passed;
      }
      followStatements(scan, statements);
      if (scan.pins && !pinned_) {
        pinned_ = session_state_ == config::SessionState::Pin;
        changed_state_ = session_state_ == config::SessionState::Refuse;
      }
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
        if (std::exchange(throttled_, false)) {
          client.resumeReading();
        }
        if (server().tracker().idle()) {
          deallocations_ = 0;  // Those that failed.
          instead_
              .reset();  // If the cancel did not hit, it never will: nothing passes before its end.
          server().scanner().watchErrors(false);
        }
        passed.event = Event::Ready;
        return passed;
      case ServerScanner::Event::Parameter:
        if (!server().parameters().report(scan.name, scan.value)) {
          passed.event = Event::ServerViolation;
          return passed;
        }
        if (const auto index = trackedIndex(scan.name)) {
          wanted.set(*index, std::string(scan.value));
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
void ServerLink::passError(ByteView bytes, ByteView report, net::Transport& client) {
  const auto read = wire::parseReport(report);
  if (instead_ == nullptr || !read || read->sqlstate != kQueryCanceled) {
    client.queue(bytes);
    return;
  }
  client.queue(bytes.first(bytes.size() - wire::kHeaderSize - report.size()));
  client.queue(*instead_);
  instead_.reset();
  server().scanner().watchErrors(false);
}

}  // namespace peerpool::postgres

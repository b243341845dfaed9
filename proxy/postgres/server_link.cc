#include "proxy/postgres/server_link.h"

#include "proxy/base/check.h"
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
      return ServerLink::Event::None;
    case ClientScanner::Stop::Terminate:
      return ServerLink::Event::Terminate;
    case ClientScanner::Stop::Violation:
      return ServerLink::Event::ClientViolation;
  }
  checkFailed("unknown ClientScanner::Stop");
}

}  // namespace

void ServerLink::begin(ServerUser& user, bool pinned) {
  server().link(user);
  pinned_ = pinned;
}

ServerLink::Passed ServerLink::fromClient(ByteView bytes, ClientScanner& scanner,
                                          net::Transport& client) {
  if (server().cancelling()) {
    client.pauseReading();  // The cancel could hit what comes now.
    return {};
  }
  const ClientScanner::Scan scan = scanner.scan(bytes, server().tracker());
  if (scan.length > 0) {
    server().transport().queue(bytes.first(scan.length));
  }
  pinned_ = pinned_ || scan.pins;
  throttled_ = scan.stop == ClientScanner::Stop::Full;
  if (throttled_ || server().transport().congested()) {
    client.pauseReading();
  }
  return {scan.length, meaning(scan.stop)};
}

ServerLink::Passed ServerLink::fromServer(ByteView bytes, net::Transport& client,
                                          WantedParameters& wanted) {
  Passed passed;
  while (passed.length < bytes.size()) {
    const ByteView rest = bytes.subspan(passed.length);
    const ServerScanner::Scan scan = server().scanner().scan(rest, server().tracker());
    passed.length += scan.length;
    if (scan.event == ServerScanner::Event::Error) {
      passError(rest.first(scan.length), scan.report, client);
    } else if (scan.length > 0) {
      client.queue(rest.first(scan.length));
    }
    if (scan.length > 0) {
      pinned_ = pinned_ || scan.pins;
      last_was_error_ = scan.error;
    }
    switch (scan.event) {
      case ServerScanner::Event::None:
        return passed;
      case ServerScanner::Event::Error:
        break;
      case ServerScanner::Event::ReadyForQuery:
        server().setTransactionStatus(scan.status);
        if (std::exchange(throttled_, false)) {
          client.resumeReading();
        }
        if (server().tracker().idle()) {
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

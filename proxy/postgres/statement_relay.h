// Brings messages about prepared statements to a server that may not have the statement, or has it
// under another name. Pure: bytes in, bytes out.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "proxy/postgres/client_scanner.h"
#include "proxy/postgres/parameters.h"
#include "proxy/postgres/server_statements.h"
#include "proxy/postgres/statement.h"
#include "proxy/postgres/sync_tracker.h"

namespace peerpool::postgres {

/// Made for each message; lets the server itself give each answer, so that it comes in its place
/// and after an error not at all.
///
///   client sends         | server gets                      | and its answer becomes
///   ---------------------+----------------------------------+--------------------------------
///   Parse                | Parse under a name of ours       | the same
///   Parse of a used name | twice Parse under the client's   | nothing; 42P05 or what is wrong
///   Bind, Describe       | Parse, if it is not known here   | nothing
///                        | the same with our name           | the same
///   Close                | the same: the name is not used   | the same
///   DEALLOCATE name      | Close and Parse of nothing there | nothing
///                        | the same                         | the same
///   EXECUTE name         | Close and Parse under that name  | nothing
///                        | the same                         | the same
class StatementRelay {
 public:
  /// `settings`: of the client's session; texts are read under some of them. `unsure`: or under
  /// others.
  StatementRelay(StatementTable& table, ClientStatements& client, const WantedParameters& settings,
                 bool unsure, ServerStatements& server, SyncTracker& tracker,
                 char transaction_status)
      : table_(table),
        settings_(settings),
        unsure_(unsure),
        client_(client),
        server_(server),
        tracker_(tracker),
        transaction_status_(transaction_status) {}

  /// What the server has yet to say of an earlier batch decides what `named` means: not now, but
  /// after the next ReadyForQuery.
  [[nodiscard]] bool mustWait(const ClientScanner::Named& named) const;

  /// What `named` means reads what the session did with sequences.
  [[nodiscard]] bool readsSequences(const ClientScanner::Named& named) const;

  /// What is to be sent for `message`, of which the first `named.length` bytes are `bytes`. If
  /// there are more they are sent as they come.
  [[nodiscard]] std::string pass(const ClientScanner::Named& named, ByteView bytes);
  /// Of what is carried out by it.
  [[nodiscard]] const SessionEffect& effect() const noexcept { return effect_; }
  /// It takes all statements of the client away, which is done: the command's tag says no news.
  [[nodiscard]] bool deallocates() const noexcept { return deallocates_; }

 private:
  void parse(const ClientScanner::Named& named);
  void passParsed(const ClientScanner::Named& named);
  void bind(const ClientScanner::Named& named);
  void describe(const ClientScanner::Named& named);
  void close(const ClientScanner::Named& named);
  void query(const ClientScanner::Named& named);
  void passUnread(const ClientScanner::Named& named);
  void passAsItIs(char type);
  [[nodiscard]] std::string serverName(std::string_view name);
  void bringUnnamed();
  [[nodiscard]] std::string prepare(const std::shared_ptr<const Statement>& statement);
  void makeRoom(const Statement& statement);
  void appendOwn(std::string_view name, std::string_view definition);
  void appendParse(std::string_view name, std::string_view definition, SentStatement sent);
  void appendClose(std::string_view name, SentStatement sent);
  void send(char type, SentStatement sent);

  StatementTable& table_;
  const WantedParameters& settings_;
  bool unsure_;
  ClientStatements& client_;
  ServerStatements& server_;
  SyncTracker& tracker_;
  char transaction_status_;
  ByteView bytes_;
  std::string out_;
  SessionEffect effect_;
  bool deallocates_ = false;
};

}  // namespace peerpool::postgres

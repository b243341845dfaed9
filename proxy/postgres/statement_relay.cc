#include "proxy/postgres/statement_relay.h"

#include <algorithm>
#include <utility>

#include "proxy/postgres/statement_words.h"
#include "proxy/postgres/wire/protocol.h"

namespace peerpool::postgres {
namespace {

namespace frontend = wire::frontend;
using Answer = SentStatement::Answer;

// Text and types of a statement that does nothing.
constexpr std::string_view kNothing{"\0\0\0", 3};

std::string_view queryText(const ClientScanner::Named& named) {
  const std::string_view body = asText(named.rest);
  return body.substr(0, body.find('\0'));
}

// A name that means nothing to the server, though the client may have guessed one of its own.
std::string withoutClash(std::string_view name) {
  constexpr std::size_t kFront = ServerStatements::kPrefix.size();
  const bool clash = name.substr(0, kFront) == ServerStatements::kPrefix && name.size() > kFront &&
                     name.find_first_not_of("0123456789", kFront) == std::string_view::npos;
  return std::string(name).append(clash ? "?" : "");
}

bool isWhole(const ClientScanner::Named& named) {
  return named.length == wire::kHeaderSize + named.body_length;
}

}  // namespace

bool StatementRelay::mustWait(const ClientScanner::Named& named) const {
  if (named.type == frontend::kQuery) {
    // Whether the transaction has failed by then decides what it does. Where no ReadyForQuery is
    // certain to come there is nothing to wait for.
    return tracker_.owesReadyForQuery();
  }
  return server_.awaits(ClientStatements::keyOf(named.name), client_.find(named.name).get(),
                        tracker_.batch());
}

bool StatementRelay::readsSequences(const ClientScanner::Named& named) const {
  if (named.type == frontend::kQuery) {
    const auto words = findStatementWords(queryText(named));
    const auto statement =
        words && words->verb == StatementWords::Verb::Execute ? client_.find(words->name) : nullptr;
    return (statement != nullptr && statement->effect().readsSequences()) ||
           effectOf(queryText(named)).readsSequences();
  }
  if (named.type == frontend::kParse) {
    return effectOf(queryText(named)).readsSequences();
  }
  const auto statement = named.name.empty() ? client_.unnamed() : client_.find(named.name);
  return statement != nullptr && statement->effect().readsSequences();
}

std::string StatementRelay::pass(const ClientScanner::Named& named, ByteView bytes) {
  bytes_ = bytes;
  // What a server reads in a COPY or throws away after an error is nothing that it carries out.
  const bool about = named.type == frontend::kDescribe || named.type == frontend::kClose;
  const bool malformed = about && (!isWhole(named) || !named.rest.empty());
  if (tracker_.discards() || tracker_.copyIn() || malformed) {
    passUnread(named);
    return std::move(out_);
  }
  switch (named.type) {
    case frontend::kParse:
      parse(named);
      break;
    case frontend::kBind:
      bind(named);
      break;
    case frontend::kDescribe:
      describe(named);
      break;
    case frontend::kClose:
      close(named);
      break;
    default:
      query(named);
      break;
  }
  return std::move(out_);
}

/// The server will throw it away, unless a COPY has failed there already: then it may carry it out.
void StatementRelay::passUnread(const ClientScanner::Named& named) {
  if (named.type == frontend::kParse || named.type == frontend::kQuery) {
    effect_.add(effectOf(queryText(named)));
    effect_.dropSettings();
    server_.distrust();
  }
  passAsItIs(named.type);
}

void StatementRelay::passAsItIs(char type) {
  tracker_.onClientMessage(type);
  out_ += asText(bytes_);
}

void StatementRelay::parse(const ClientScanner::Named& named) {
  const bool whole = isWhole(named);
  if (client_.find(named.name) != nullptr) {
    // The second says what is wrong with the text, or that the name is used.
    appendParse(named.name, whole ? asText(named.rest) : kNothing, {.answer = Answer::Swallow});
    passAsItIs(named.type);
    server_.distrust();
  } else if (!whole || !client_.hasRoom(named.rest.size())) {
    server_.distrust();
    effect_.onState(StateKind::Statement);
    passAsItIs(named.type);
  } else {
    passParsed(named);
  }
}

/// Always parsed anew: what a text means depends on when and by whom it is parsed (settings,
/// tables, 'now'), and the client asks for just that.
void StatementRelay::passParsed(const ClientScanner::Named& named) {
  std::shared_ptr<const Statement> statement = table_.intern(named.rest, settings_.fingerprint());
  const std::string client_name = withoutClash(named.name);
  if (std::any_of(client_name.begin(), client_name.end(),
                  [](char byte) { return static_cast<unsigned char>(byte) >= 0x80; })) {
    // The server looks at the client's name too: it may be no text of the client's encoding.
    appendClose(client_name, {.answer = Answer::Swallow});
  }
  makeRoom(*statement);
  if (unsure_) {
    server_.distrust();  // What it means by that text is nobody else's meaning.
  }
  SentStatement sent;
  sent.named = {std::string(ClientStatements::keyOf(named.name)),
                client_.set(named.name, statement)};
  const std::string name = server_.add(statement);
  sent.prepared = {std::move(statement), server_.lastNumber(), false};
  appendParse(name, asText(named.rest), std::move(sent));
}

/// The server will have one more; what it had of the same, or what it used longest ago, is closed.
void StatementRelay::makeRoom(const Statement& statement) {
  auto last = server_.take(statement);
  if (!last) {
    last = server_.evict();
  }
  if (last) {
    const std::string name = ServerStatements::nameOf(last->number);
    appendClose(name, {.answer = Answer::Swallow, .prepared = std::move(last)});
  }
}

/// The statement's name on the server, which has it then.
std::string StatementRelay::prepare(const std::shared_ptr<const Statement>& statement) {
  if (auto name = server_.use(*statement)) {
    return *std::move(name);
  }
  makeRoom(*statement);
  if (unsure_ || statement->settings() != settings_.fingerprint()) {
    server_.distrust();  // Its text is read again, under other settings than those it is known by.
  }
  std::string name = server_.add(statement);
  appendParse(name, statement->definition(),
              {.answer = Answer::Swallow,
               .prepared = SentStatement::Prepared{statement, server_.lastNumber(), false}});
  return name;
}

/// The same for the client's name.
std::string StatementRelay::serverName(std::string_view name) {
  const auto statement = client_.find(name);
  if (statement == nullptr) {
    return withoutClash(name);
  }
  effect_.add(statement->effect());
  return prepare(statement);
}

/// The link has not parsed the unnamed statement: the server's is another client's, if it has one.
void StatementRelay::bringUnnamed() {
  if (const auto& statement = client_.unnamed()) {
    effect_.add(statement->effect());
    appendParse({}, statement->definition(), {.answer = Answer::Swallow});
    tracker_.onUnnamedParse();
  } else {
    appendClose({}, {.answer = Answer::Swallow});
    tracker_.onUnnamedClose();
  }
}

void StatementRelay::bind(const ClientScanner::Named& named) {
  if (named.name.empty()) {
    bringUnnamed();
  }
  const std::string name = serverName(named.name);
  tracker_.onClientMessage(named.type);
  if (named.name.empty()) {
    tracker_.onUnnamedBind();
  }
  out_ += named.type;
  appendUint32(out_, static_cast<std::uint32_t>(sizeof(std::uint32_t) + named.body_length -
                                                named.name.size() + name.size()));
  out_.append(named.portal).append(1, '\0').append(name).append(1, '\0');
  out_ += asText(named.rest);
}

void StatementRelay::describe(const ClientScanner::Named& named) {
  if (named.name.empty()) {
    bringUnnamed();
  }
  const std::string name = serverName(named.name);
  tracker_.onClientMessage(named.type);
  out_ += named.type;
  appendUint32(out_, static_cast<std::uint32_t>(sizeof(std::uint32_t) + 1 + name.size() + 1));
  out_.append(1, 'S').append(name).append(1, '\0');
}

void StatementRelay::close(const ClientScanner::Named& named) {
  SentStatement sent;
  sent.named = {std::string(ClientStatements::keyOf(named.name)), client_.set(named.name, nullptr)};
  appendClose(withoutClash(named.name), std::move(sent));
}

/// Its words name a statement of the client, or all.
void StatementRelay::query(const ClientScanner::Named& named) {
  const auto words = findStatementWords(queryText(named));
  effect_.add(effectOf(queryText(named)));
  const bool fails = transaction_status_ == 'E';
  if (words && words->verb == StatementWords::Verb::DeallocateAll && !fails) {
    client_.clear();
    deallocates_ = true;
  } else if (words && words->verb == StatementWords::Verb::Deallocate && !fails &&
             client_.set(words->name, nullptr) != nullptr) {
    appendOwn(words->name, kNothing);
  } else if (words && words->verb == StatementWords::Verb::Execute && !fails) {
    if (const auto statement = client_.find(words->name)) {
      effect_.add(statement->effect());
      appendOwn(words->name, statement->definition());
    }
  }
  passAsItIs(named.type);
}

/// For what follows in SQL the server has a statement of the client's name, which may be left over
/// from such a thing before.
void StatementRelay::appendOwn(std::string_view name, std::string_view definition) {
  appendClose(name, {.answer = Answer::Swallow});
  appendParse(name, definition, {.answer = Answer::Swallow});
  server_.distrust();
}

void StatementRelay::appendParse(std::string_view name, std::string_view definition,
                                 SentStatement sent) {
  out_ += frontend::kParse;
  appendUint32(out_, static_cast<std::uint32_t>(sizeof(std::uint32_t) + name.size() + 1 +
                                                definition.size()));
  out_.append(name).append(1, '\0').append(definition);
  send(frontend::kParse, std::move(sent));
}

void StatementRelay::appendClose(std::string_view name, SentStatement sent) {
  out_ += frontend::kClose;
  appendUint32(out_, static_cast<std::uint32_t>(sizeof(std::uint32_t) + 1 + name.size() + 1));
  out_.append(1, 'S').append(name).append(1, '\0');
  send(frontend::kClose, std::move(sent));
}

void StatementRelay::send(char type, SentStatement sent) {
  sent.position = tracker_.sent();
  sent.batch = tracker_.batch();
  tracker_.onClientMessage(type);
  server_.sent(std::move(sent));
}

}  // namespace peerpool::postgres

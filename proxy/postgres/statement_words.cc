#include "proxy/postgres/statement_words.h"

#include <utility>

#include "proxy/postgres/folded_word.h"
#include "proxy/postgres/sql_scanner.h"

namespace peerpool::postgres {
namespace {

using Verb = StatementWords::Verb;

bool isName(const SqlToken& token) noexcept {
  return token.kind == SqlToken::Kind::Word ||
         (token.kind == SqlToken::Kind::Quoted && token.text.size() > 2);
}

/// Nothing follows but a semicolon.
bool atEnd(SqlScanner scanner) noexcept {
  SqlToken token = scanner.next();
  if (token.isSymbol(';')) {
    token = scanner.next();
  }
  return token.kind == SqlToken::Kind::End;
}

std::optional<StatementWords> takeDeallocate(SqlScanner& scanner) {
  SqlToken name = scanner.next();
  if (FoldedWord(name).is("prepare") && !atEnd(scanner)) {
    name = scanner.next();
  }
  if (!isName(name) || !atEnd(scanner)) {
    return std::nullopt;
  }
  return StatementWords{FoldedWord(name).is("all") ? Verb::DeallocateAll : Verb::Deallocate,
                        nameOf(name)};
}

std::optional<StatementWords> takeExecute(SqlScanner& scanner) {
  const SqlToken name = scanner.next();
  return isName(name) ? std::optional(StatementWords{Verb::Execute, nameOf(name)}) : std::nullopt;
}

/// Past the options of EXPLAIN: what it explains.
SqlToken skipOptions(SqlScanner& scanner) noexcept {
  SqlToken token = scanner.next();
  if (token.isSymbol('(')) {
    while (!token.isSymbol(')') && token.kind != SqlToken::Kind::End &&
           token.kind != SqlToken::Kind::Bad) {
      token = scanner.next();
    }
    return scanner.next();
  }
  while (FoldedWord(token).is("analyze") || FoldedWord(token).is("analyse") ||
         FoldedWord(token).is("verbose")) {
    token = scanner.next();
  }
  return token;
}

}  // namespace

std::optional<StatementWords> findStatementWords(std::string_view sql) {
  SqlScanner scanner(sql);
  FoldedWord verb(scanner.next());
  if (verb.is("explain")) {
    verb = FoldedWord(skipOptions(scanner));
    return verb.is("execute") ? takeExecute(scanner) : std::nullopt;
  }
  if (verb.is("deallocate")) {
    return takeDeallocate(scanner);
  }
  if (verb.is("discard")) {
    return FoldedWord(scanner.next()).is("all") && atEnd(scanner)
               ? std::optional(StatementWords{Verb::DeallocateAll, {}})
               : std::nullopt;
  }
  return verb.is("execute") ? takeExecute(scanner) : std::nullopt;
}

}  // namespace peerpool::postgres

#include "proxy/postgres/set_command.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "proxy/postgres/client_encoding.h"
#include "proxy/postgres/folded_word.h"

namespace peerpool::postgres {
namespace {

using Kind = SetCommand::Kind;

// They change how SQL is read, last for a transaction, have commands of their own, or are old names
// of others (PostgreSQL's guc.c, map_old_guc_names).
constexpr std::array<std::string_view, 9> kNeverFollow = {"standard_conforming_strings",
                                                          "backslash_quote",
                                                          "transaction_isolation",
                                                          "transaction_read_only",
                                                          "transaction_deferrable",
                                                          "seed",
                                                          "xmloption",
                                                          "sort_mem",
                                                          "vacuum_mem"};
constexpr std::size_t kMaxNameLength = 128;
constexpr std::size_t kMaxValueLength = 1024;

bool isRole(std::string_view name) noexcept {
  return name == "role" || name == "session_authorization";
}

bool mayFollow(std::string_view name) noexcept {
  return !name.empty() && name.size() <= kMaxNameLength &&
         std::find(kNeverFollow.begin(), kNeverFollow.end(), name) == kNeverFollow.end();
}

/// A constant, or a part of a list of them.
bool isPlain(const SqlToken& token) noexcept {
  switch (token.kind) {
    case SqlToken::Kind::String:
      return token.text.front() == '\'';
    case SqlToken::Kind::Symbol:
      return std::string_view("+-.,").find(token.text) != std::string_view::npos;
    case SqlToken::Kind::Word:
    case SqlToken::Kind::Quoted:
    case SqlToken::Kind::Number:
      return true;
    case SqlToken::Kind::End:
    case SqlToken::Kind::Bad:
      return false;
  }
  return false;
}

std::string foldedName(std::string_view name) {
  std::string result(name);
  std::transform(result.begin(), result.end(), result.begin(), foldLetter);
  return result;
}

bool isDefault(std::string_view value) noexcept {
  SqlScanner scanner(value);
  return FoldedWord(scanner.next()).is("default") && scanner.next().kind == SqlToken::Kind::End;
}

class SetReader {
 public:
  SetReader(std::string_view sql, SqlScanner& scanner) noexcept : sql_(sql), scanner_(scanner) {}

  SetCommand readSet() {
    FoldedWord word = takeWord();
    if (word.is("local")) {
      word = takeWord();
      const SetCommand command = word.is("transaction") ? SetCommand() : readParameter(word);
      return {.kind = Kind::Transaction, .rereads = command.rereads};
    }
    if (word.is("transaction")) {
      return {Kind::Transaction};
    }
    if (word.is("constraints")) {
      return {Kind::Constraints};
    }
    if (word.is("session")) {
      word = takeWord();
      if (word.is("authorization") || word.is("session")) {
        return {Kind::Role};
      }
      if (word.is("characteristics")) {
        return {Kind::Parameter};
      }
    }
    return readParameter(word);
  }

  SetCommand readReset() {
    const FoldedWord word = takeWord();
    if (word.is("session")) {
      return {Kind::ResetRole};
    }
    if (word.is("time") && FoldedWord(scanner_.peek()).is("zone")) {
      return tracked("TimeZone", "default");
    }
    if (word.is("all")) {
      return {.kind = Kind::Follows, .resets = TrackedSet().set()};
    }
    const std::string name = readName();
    return trackedIndex(name) ? tracked(name, "default") : sorted({name, {}});
  }

 private:
  /// Of what follows `word`, which was taken last.
  SetCommand readParameter(const FoldedWord& word) {
    if (word.is("names")) {
      return tracked("client_encoding", readValue());
    }
    if (word.is("time") && FoldedWord(scanner_.peek()).is("zone")) {
      static_cast<void>(scanner_.next());
      const bool local = FoldedWord(scanner_.peek()).is("local");
      const std::string_view value = readValue();
      return tracked("TimeZone", local ? "default" : value);
    }
    return readAssignment(readName());
  }

  /// Nothing is taken but the last token.
  FoldedWord takeWord() {
    token_ = scanner_.peek();
    if (!endsStatement(token_)) {
      static_cast<void>(scanner_.next());
    }
    return FoldedWord(token_);
  }

  /// In lower case, from the last token on.
  std::string readName() {
    std::string name;
    while (token_.kind == SqlToken::Kind::Word || token_.kind == SqlToken::Kind::Quoted) {
      name += nameOf(token_);
      if (!scanner_.peek().isSymbol('.')) {
        break;
      }
      static_cast<void>(scanner_.next());
      name += '.';
      static_cast<void>(takeWord());
    }
    return foldedName(name);
  }

  /// `value` as readValue() has it.
  static SetCommand tracked(std::string_view name, std::string_view value) {
    SetCommand command{.kind = Kind::Tracked};
    command.resets.set(*trackedIndex(name), isDefault(value));
    command.rereads = rereads(foldedName(name), value);
    return command;
  }

  static SetCommand sorted(Setting setting) {
    if (isRole(setting.name)) {
      return {setting.value.empty() ? Kind::ResetRole : Kind::Role};
    }
    return mayFollow(setting.name) ? SetCommand{Kind::Follows, std::move(setting)} : SetCommand();
  }

  SetCommand readAssignment(std::string name) {
    const SqlToken sign = scanner_.peek();
    if (isRole(name)) {
      return {Kind::Role};  // SET ROLE has no sign.
    }
    if (!sign.isSymbol('=') && !FoldedWord(sign).is("to")) {
      return {};
    }
    static_cast<void>(scanner_.next());
    const std::string_view value = readValue();
    if (trackedIndex(name)) {
      return tracked(name, value);
    }
    SetCommand command;
    const bool rereads = postgres::rereads(name, value);
    if (!value.empty() && value.size() <= kMaxValueLength) {
      command = sorted({std::move(name), isDefault(value) ? "" : std::string(value)});
    }
    command.rereads = rereads;
    return command;
  }

  /// Up to the statement's end. Empty: it is none that means the same in another text.
  std::string_view readValue() {
    const SqlToken first = scanner_.peek();
    std::size_t length = 0;
    bool plain = true;
    while (!endsStatement(scanner_.peek())) {
      const SqlToken token = scanner_.next();
      plain = plain && isPlain(token);
      length = static_cast<std::size_t>(token.text.data() + token.text.size() - first.text.data());
    }
    const auto begin = static_cast<std::size_t>(first.text.data() - sql_.data());
    const std::string_view value = sql_.substr(begin, length);
    const auto holds = [value](std::string_view text) {
      return value.find(text) != std::string_view::npos;
    };
    return plain && !holds("--") && !holds("/*") && !holds("\\") ? value : std::string_view();
  }

  std::string_view sql_;
  SqlScanner& scanner_;
  SqlToken token_;
};

}  // namespace

bool rereads(std::string_view name, std::string_view value) {
  if (name == "standard_conforming_strings") {
    return true;
  }
  return name == "client_encoding" && !isDefault(value) && !readsByBytes(value);
}

SetCommand readSetCommand(std::string_view sql, SqlScanner& scanner, bool reset) {
  SetReader reader(sql, scanner);
  SetCommand command = reset ? reader.readReset() : reader.readSet();
  while (!endsStatement(scanner.peek())) {
    static_cast<void>(scanner.next());
  }
  return command;
}

}  // namespace peerpool::postgres

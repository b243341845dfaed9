#include "proxy/postgres/session_effect.h"

#include <algorithm>
#include <array>
#include <utility>

#include "proxy/postgres/folded_word.h"
#include "proxy/postgres/harmless_functions.h"
#include "proxy/postgres/sql_scanner.h"

namespace peerpool::postgres {
namespace {

using Kind = SqlToken::Kind;

template <std::size_t Count>
using WordList = std::array<std::string_view, Count>;

template <std::size_t Count>
bool contains(const WordList<Count>& list, std::string_view word) noexcept {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// They tell what the session did with sequences before.
constexpr WordList<2> kSequenceReaders = {"currval", "lastval"};

// Commands that leave nothing but by the functions they call.
constexpr WordList<31> kHarmlessCommands = {
    "select",    "insert", "update",     "delete", "begin",   "commit",   "rollback", "with",
    "values",    "merge",  "table",      "start",  "end",     "abort",    "release",  "fetch",
    "savepoint", "move",   "close",      "show",   "copy",    "truncate", "notify",   "unlisten",
    "analyze",   "vacuum", "deallocate", "lock",   "discard", "explain",  "declare"};

constexpr WordList<4> kSessionLocks = {"pg_advisory_lock", "pg_advisory_lock_shared",
                                       "pg_try_advisory_lock", "pg_try_advisory_lock_shared"};

// They decide over other commands of the same text.
constexpr WordList<10> kTransactionCommands = {"begin",     "start",   "commit", "end", "rollback",
                                               "savepoint", "release", "abort",  "do",  "call"};

// What comes in front of the name of a table or of a list of columns.
constexpr WordList<4> kBeforeTable = {"into", "as", "with", "recursive"};

// Words between CREATE and TEMPORARY.
constexpr WordList<4> kBeforeTemporary = {"create", "replace", "global", "local"};

// Words of PL/pgSQL behind which a command begins.
constexpr WordList<4> kBeforeCommand = {"begin", "then", "else", "loop"};

// DO in DO in DO.
constexpr std::size_t kMostDepth = 3;

// Tokens read more than once in a text, so that no text costs more than a few times its length.
constexpr std::size_t kMostAhead = 4096;

std::string lowered(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), foldLetter);
  return result;
}

/// Of a string in dollars or in quotes, of which doubled ones are left.
std::string_view insideOf(std::string_view string) noexcept {
  const std::size_t open = string.front() == '$' ? string.find('$', 1) + 1 : 1;
  return string.substr(open, string.size() - 2 * open);
}

class EffectReader {
 public:
  /// `depth`: of blocks of a procedural language around it, in which commands begin behind some
  /// words as well.
  explicit EffectReader(std::string_view sql, std::size_t depth = 0) noexcept
      : sql_(sql), scanner_(sql), depth_(depth) {}

  SessionEffect read() {
    SqlToken token = scanner_.next();
    for (; token.kind != Kind::End && token.kind != Kind::Bad; token = scanner_.next()) {
      if (!token.isSymbol(';')) {
        readStatement(token);
      }
    }
    if (token.kind == Kind::Bad) {
      effect_.onUnknown();
    }
    if (uncertain_) {
      effect_.onUncertain();
    } else if (depth_ > 0) {
      effect_.dropSettings();
    }
    return std::move(effect_);
  }

 private:
  void readStatement(const SqlToken& first);
  void readCommand(const SqlToken& first);
  void onWord(const SqlToken& token);
  void onQuoted(const SqlToken& token);
  void readBlock(std::string_view string);
  void onBracket();
  void finishCommand();
  void onSet(SetCommand command, bool reset);
  void onSetConfig();
  [[nodiscard]] bool setsForTransaction();

  std::string_view sql_;
  SqlScanner scanner_;
  std::size_t depth_;
  std::size_t looked_ahead_ = 0;  // Tokens.
  SessionEffect effect_;
  bool uncertain_ = false;  // Whether what sets a parameter lasts.

  // Of the command that is read:
  FoldedWord command_;
  FoldedWord word_;       // The last one, if nothing came since but dots.
  FoldedWord before_;     // The one before its name, which may have a schema.
  bool dotted_ = false;   // A dot was the last.
  bool foreign_ = false;  // The name has a schema other than pg_catalog.
  bool quoted_ = false;   // word_ was in quotes.
  bool temporary_ = false;
  bool drops_on_commit_ = false;
  bool holds_ = false;
};

void EffectReader::readStatement(const SqlToken& first) {
  const FoldedWord word(first);
  if (word.is("set") || word.is("reset")) {
    onSet(readSetCommand(sql_, scanner_, word.is("reset")), word.is("reset"));
  } else {
    uncertain_ = uncertain_ || contains(kTransactionCommands, word.view());
    readCommand(first);
  }
}

void EffectReader::readCommand(const SqlToken& first) {
  command_ = FoldedWord(first);
  word_ = before_ = FoldedWord();
  dotted_ = foreign_ = quoted_ = temporary_ = drops_on_commit_ = holds_ = false;
  if (command_.is("listen")) {
    effect_.onState(StateKind::Listen);
  } else if (command_.is("discard") && FoldedWord(scanner_.peek()).is("all")) {
    effect_.onDiscardAll();
  } else if (command_.is("prepare")) {
    if (!FoldedWord(scanner_.peek()).is("transaction")) {
      effect_.onState(StateKind::Statement);
    }
  } else if (!first.isSymbol('(') && !contains(kHarmlessCommands, command_.view())) {
    effect_.onUnknown();
  }
  for (SqlToken token = first; !endsStatement(token); token = scanner_.next()) {
    if (token.kind == Kind::Word) {
      onWord(token);
      if (depth_ > 0 && contains(kBeforeCommand, word_.view())) {
        break;
      }
    } else if (token.kind == Kind::Quoted) {
      onQuoted(token);
    } else if (token.isSymbol('.')) {
      dotted_ = true;
    } else {
      if (token.isSymbol('(')) {
        onBracket();
      } else if (token.kind == Kind::String && command_.is("do")) {
        readBlock(token.text);
      }
      before_ = word_ = FoldedWord();
      dotted_ = quoted_ = false;
    }
  }
  finishCommand();
}

void EffectReader::onWord(const SqlToken& token) {
  const FoldedWord word(token);
  foreign_ = dotted_ && (foreign_ || !word_.is("pg_catalog"));
  before_ = dotted_ ? before_ : word_;
  dotted_ = quoted_ = false;
  const std::string_view view = word.view();
  if (view.substr(0, 7) == "pg_temp") {
    temporary_ = true;
  } else if (view == "temp" || view == "temporary") {
    const bool into = before_.is("into") && !command_.is("insert") && !command_.is("merge");
    temporary_ = temporary_ || into || contains(kBeforeTemporary, before_.view());
  } else if (view == "pg_settings" && command_.is("update")) {
    effect_.onState(StateKind::Parameter);
  } else if (contains(kSessionLocks, view)) {
    effect_.onState(StateKind::AdvisoryLock);
  } else if (view == "drop") {
    drops_on_commit_ = drops_on_commit_ || before_.is("commit");
  } else if (view == "hold") {
    holds_ = holds_ || before_.is("with");
  } else if (command_.is("explain") && (view == "analyze" || view == "analyse")) {
    effect_.onUnknown();  // It carries out what it explains, whatever that is.
  }
  word_ = word;
}

void EffectReader::onQuoted(const SqlToken& token) {
  temporary_ = temporary_ || token.text.find("pg_temp") != std::string_view::npos;
  foreign_ = dotted_ && (foreign_ || !word_.is("pg_catalog"));
  before_ = dotted_ ? before_ : word_;
  dotted_ = false;
  quoted_ = true;
  word_ = FoldedWord();
}

/// Of a DO, whose string it is. What is deeper than anybody writes it may do anything.
void EffectReader::readBlock(std::string_view string) {
  if (depth_ < kMostDepth) {
    effect_.add(EffectReader(insideOf(string), depth_ + 1).read());
  } else {
    effect_.onState(StateKind::Parameter);
  }
}

/// Behind a word it may be a function's.
void EffectReader::onBracket() {
  if ((word_.is("") && !quoted_) || contains(kBeforeTable, before_.view())) {
    return;
  }
  if (!quoted_ && !foreign_ && word_.is("set_config")) {
    effect_.onChange();
    onSetConfig();
  } else if (!quoted_ && !foreign_ && contains(kSequenceReaders, word_.view())) {
    effect_.onSequenceRead();
  } else if (quoted_ || foreign_ || !isHarmlessFunction(word_.view())) {
    effect_.onUnknown();
  }
}

/// Its bracket was the last token.
void EffectReader::onSetConfig() {
  SqlScanner ahead = scanner_;
  const SqlToken name = ahead.next();
  const bool plain = name.kind == Kind::String && name.text.front() == '\'' &&
                     ahead.peek().isSymbol(',') && !rereads(lowered(insideOf(name.text)), {});
  if (!plain) {
    effect_.onReread();  // Of which parameter nobody knows, or of one that changes how to read.
  }
  if (!setsForTransaction()) {
    effect_.onState(StateKind::Parameter);
  }
}

/// The last argument of set_config(), whose bracket was the last token, says: for the
/// transaction.
bool EffectReader::setsForTransaction() {
  SqlScanner ahead = scanner_;
  std::size_t depth = 1;
  std::size_t tokens = 0;  // Of the last argument.
  bool local = false;
  while (true) {
    const SqlToken token = ahead.next();
    if (endsStatement(token) || ++looked_ahead_ > kMostAhead) {
      return false;
    }
    depth += token.isSymbol('(') ? 1U : 0U;
    depth -= token.isSymbol(')') ? 1U : 0U;
    if (depth == 0) {
      return local && tokens == 1;
    }
    if (depth == 1 && token.isSymbol(',')) {
      tokens = 0;
    } else {
      ++tokens;
      local = FoldedWord(token).is("true");
    }
  }
}

void EffectReader::finishCommand() {
  if (temporary_ && drops_on_commit_) {
    effect_.onUnknown();
  } else if (temporary_) {
    effect_.onState(StateKind::TemporaryTable);
  }
  if (command_.is("declare") && holds_) {
    effect_.onState(StateKind::Cursor);
  } else if (command_.is("declare")) {
    effect_.onHarmlessTag();
  }
}

void EffectReader::onSet(SetCommand command, bool reset) {
  effect_.onChange();
  effect_.onResets(command.resets);
  if (command.rereads) {
    effect_.onReread();
  }
  switch (command.kind) {
    case SetCommand::Kind::Transaction:
      uncertain_ = true;
      effect_.onHarmlessTag();
      return;
    case SetCommand::Kind::Constraints:
      uncertain_ = true;
      return;
    case SetCommand::Kind::ResetRole:
      uncertain_ = true;
      effect_.onUnknown();
      return;
    case SetCommand::Kind::Parameter:
      effect_.onState(StateKind::Parameter);
      return;
    case SetCommand::Kind::Role:
      effect_.onState(StateKind::Role);
      return;
    case SetCommand::Kind::Follows:
      effect_.onSetting(std::move(command.setting));
      break;
    case SetCommand::Kind::Tracked:
      break;
  }
  effect_.onSettingCommand();
  if (!reset) {
    effect_.onHarmlessTag();
  }
}

}  // namespace

std::string_view describe(StateKind state) noexcept {
  switch (state) {
    case StateKind::Parameter:
      return "parameter";
    case StateKind::Role:
      return "role";
    case StateKind::TemporaryTable:
      return "temporary table";
    case StateKind::AdvisoryLock:
      return "advisory lock";
    case StateKind::Listen:
      return "LISTEN";
    case StateKind::Cursor:
      return "cursor";
    case StateKind::Statement:
      return "statement";
    case StateKind::Session:
      return "session pooling";
  }
  return {};
}

void SessionEffect::dropSettings() {
  for (const Setting& setting : std::exchange(settings_, {})) {
    if (setting.value.empty()) {
      drops_resets_ = true;
      onUnknown();
    } else {
      onState(StateKind::Parameter);
    }
  }
}

void SessionEffect::add(const SessionEffect& other) {
  if (other.kind_ == Kind::State) {
    onState(other.state_);
  } else if (other.kind_ == Kind::Unknown) {
    onUnknown();
  }
  drops_resets_ = drops_resets_ || other.drops_resets_;
  discards_ = other.discards_ || (discards_ && other.kind_ == Kind::None);
  changes_parameters_ = changes_parameters_ || other.changes_parameters_;
  reads_sequences_ = reads_sequences_ || other.reads_sequences_;
  harmless_tags_ += other.harmless_tags_;
  setting_commands_ += other.setting_commands_;
  settings_.insert(settings_.end(), other.settings_.begin(), other.settings_.end());
  resets_ |= other.resets_;
  rereads_ = rereads_ || other.rereads_;
  if (uncertain_ || other.uncertain_) {
    onUncertain();
  }
}

SessionEffect effectOf(std::string_view sql) { return EffectReader(sql).read(); }

}  // namespace peerpool::postgres

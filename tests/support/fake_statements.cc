// What the statements of a fake session do.

#include <algorithm>
#include <cctype>
#include <charconv>

#include "proxy/base/bytes.h"
#include "tests/support/fake_session.h"

namespace peerpool::testing {

/// "SET work_mem TO 'c7.1'" as SET, work_mem, TO, c7.1.
struct FakeSession::Words {
  explicit Words(std::string_view statement) {
    while (true) {
      const std::size_t begin = statement.find_first_not_of(' ');
      if (begin == std::string_view::npos) {
        break;
      }
      statement.remove_prefix(begin);
      const bool quoted = statement.front() == '\'' || statement.front() == '"';
      const char close = quoted ? statement.front() : ' ';
      statement.remove_prefix(quoted ? 1 : 0);
      const std::size_t end = std::min(statement.find(close), statement.size());
      words.emplace_back(statement.substr(0, end));
      statement.remove_prefix(std::min(statement.size(), end + 1));
    }
    words.resize(std::max<std::size_t>(words.size(), 4));
  }
  [[nodiscard]] const std::string& verb() const { return words[0]; }
  [[nodiscard]] const std::string& tag() const { return words[1]; }
  [[nodiscard]] std::size_t number(std::size_t index, std::size_t otherwise) const {
    std::size_t value = otherwise;
    std::from_chars(words[index].data(), words[index].data() + words[index].size(), value);
    return value;
  }
  std::deque<std::string> words;
};

void FakeSession::execute(const std::string& statement, TimePoint now) {
  const Words words(statement);
  if (words.verb().empty()) {
    return send('I', "");
  }
  if (executeTransaction(words)) {
    return;
  }
  if (memory_.failed) {
    return fail("25P02", "current transaction is aborted");
  }
  if (!executeSession(words)) {
    executeQuery(words, now);
  }
}

bool FakeSession::executeTransaction(const Words& words) {
  if (words.verb() == "BEGIN") {
    use(words.tag());
    if (memory_.transaction.empty()) {
      memory_.transaction = words.tag();
    }
    complete("BEGIN");
  } else if (words.verb() == "COMMIT" || words.verb() == "ROLLBACK") {
    if (!words.tag().empty()) {
      use(words.tag());
    }
    complete(memory_.failed ? "ROLLBACK" : words.verb());
    memory_.endTransaction();
  } else {
    return false;
  }
  return true;
}

/// What DISCARD ALL does, one by one.
bool FakeSession::executeReset(const Words& words) {
  if (words.verb() == "CLOSE") {
    complete("CLOSE CURSOR ALL");
  } else if (words.verb() == "SET" && words.tag() == "SESSION") {
    complete("SET");
  } else if (words.verb() == "RESET") {
    memory_.settings.erase("work_mem");
    set("application_name", "");
    complete("RESET");
  } else if (words.verb() == "UNLISTEN") {
    memory_.channel.clear();
    complete("UNLISTEN");
  } else if (words.tag() == "pg_catalog.pg_advisory_unlock_all()") {
    memory_.lock.clear();
    send('T', std::string(2, '\0'));
    send('D', std::string(2, '\0'));
    complete("SELECT 1");
  } else if (words.verb() == "DISCARD" && words.tag() == "TEMP") {
    memory_.table.clear();
    complete("DISCARD TEMP");
  } else if (words.verb() == "DISCARD" && words.tag() == "SEQUENCES") {
    complete("DISCARD SEQUENCES");
  } else {
    return false;
  }
  return true;
}

bool FakeSession::executeSession(const Words& words) {
  if (executeReset(words)) {
    return true;
  }
  if (words.verb() == "DISCARD") {
    if (!memory_.transaction.empty()) {
      fail("25001", "DISCARD ALL cannot run inside a transaction block");
      return true;
    }
    memory_.table.clear();
    memory_.lock.clear();
    memory_.channel.clear();
    memory_.statements.clear();
    memory_.settings.erase("work_mem");
    set("application_name", "");
    complete("DISCARD ALL");
  } else if (words.verb() == "SET") {
    const bool to_default = words.words[3] == "DEFAULT";
    set(words.tag(), to_default ? std::string() : words.words[3]);
    if (words.tag() == "work_mem" && !to_default) {
      use(words.words[3]);
    }
    complete("SET");
  } else if (words.verb() == "CREATE") {
    use(words.tag());
    memory_.table = words.tag();
    complete("CREATE TABLE");
  } else if (words.verb() == "LISTEN") {
    use(words.tag());
    memory_.channel = words.tag();
    complete("LISTEN");
  } else {
    return false;
  }
  return true;
}

void FakeSession::executeQuery(const Words& words, TimePoint now) {
  tag_ = words.tag();
  padding_ = 0;
  use(tag_);
  if (words.verb() == "SELECT") {
    padding_ = words.number(3, 0);
    startRows(words.number(2, 1));
  } else if (words.verb() == "ADVISE") {
    memory_.lock = tag_;
    startRows(1);
  } else if (words.verb() == "SLEEP" || words.verb() == "BUSY") {
    sleeping_ = true;
    deaf_ = words.verb() == "BUSY";
    wake_at_ = now + Duration(words.number(2, 1));
  } else if (words.verb() == "COPY") {
    copy_in_ = words.words[2] == "IN";
    copy_out_ = !copy_in_;
    send(copy_in_ ? 'G' : 'H', std::string("\0\0\1\0\0", 5));
    rows_made_ = 0;
    if (copy_out_) {
      rows_left_ = std::max<std::size_t>(1, words.number(3, 1));
    }
  } else {
    fail(words.verb() == "FAIL" ? "22012" : "42601", words.verb());
  }
}

void FakeSession::startRows(std::size_t count) {
  if (simple_) {
    std::string body("\0\1t\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0", 22);
    send('T', body);
  }
  rows_made_ = 0;
  rows_left_ = count;
  if (count == 0) {
    complete("SELECT 0");
  }
}

void FakeSession::makeRow() {
  ++rows_made_;
  --rows_left_;
  if (copy_out_) {
    send('d', tag_ + " line " + std::to_string(rows_made_) + '\n');
  } else {
    const std::string value = tag_ + ' ' + memory_.describe() + std::string(padding_, ' ');
    std::string body("\0\1", 2);
    appendUint32(body, static_cast<std::uint32_t>(value.size()));
    send('D', body + value);
  }
  if (rows_left_ > 0) {
    return;
  }
  if (copy_out_) {
    send('c', "");
  }
  complete((copy_out_ ? "COPY " : "SELECT ") + std::to_string(rows_made_));
  copy_out_ = false;
}

void FakeSession::set(const std::string& name, const std::string& value) {
  std::string& current = memory_.settings[name];
  if ((current != value || !logged_in_) && name != "work_mem") {
    unreported_[name] = value;
  }
  current = value;
}

/// The client of `tag` uses this session: all that it can find here must be its own.
void FakeSession::use(std::string_view tag) {
  const std::string_view user = ownerOf(tag);
  const auto expectOwn = [&](std::string_view what, const std::string& left) {
    if (!left.empty() && ownerOf(left) != user) {
      owner_.complain(std::string(tag) + " finds the " + std::string(what) + " of " + left);
    }
  };
  expectOwn("setting", memory_.settings["work_mem"]);
  expectOwn("temporary table", memory_.table);
  expectOwn("lock", memory_.lock);
  expectOwn("channel", memory_.channel);
  expectOwn("transaction", memory_.transaction);
  expectOwn("application name", memory_.settings["application_name"]);
  for (const auto& [name, sql] : memory_.statements) {
    const Words words(sql);
    // Names of the pool's making may be anybody's: who runs the wrong one gets a wrong answer.
    if (!name.empty() && name.substr(0, 9) != "peerpool_") {
      expectOwn("prepared statement", words.tag());
    }
  }
}

}  // namespace peerpool::testing

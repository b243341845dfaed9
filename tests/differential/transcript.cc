// The text form of frontend messages to their bytes.

#include <cctype>
#include <functional>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "proxy/base/bytes.h"
#include "tests/differential/dialogue.h"
#include "tests/support/raw_client.h"

namespace peerpool::differential {
namespace {

using testing::rawMessage;

// A text, a number or word (`text`), NULL (neither), or a list.
struct Value {
  std::optional<std::string> text;
  std::vector<Value> list;
};

std::string nulTerminated(const std::string& text) { return text + '\0'; }

// Reads the values of one line.
class LineReader {
 public:
  explicit LineReader(const std::string& line) : line_(line) {}

  [[nodiscard]] bool done() {
    while (position_ < line_.size() && std::isspace(static_cast<unsigned char>(line_[position_]))) {
      ++position_;
    }
    return position_ == line_.size() || line_[position_] == '#';
  }

  // `fallback`: when there is nothing more.
  std::string text(const std::string& fallback = "") {
    return done() ? fallback : value().text.value_or(fallback);
  }
  std::size_t number(std::size_t fallback = 0) {
    return done() ? fallback : std::stoul(value().text.value());
  }
  std::vector<Value> list() { return done() ? std::vector<Value>() : value().list; }

 private:
  [[nodiscard]] bool takeSign(char sign) {
    if (done() || line_[position_] != sign) {
      return false;
    }
    ++position_;
    return true;
  }

  Value value() {
    if (takeSign('[')) {
      Value list;
      while (!takeSign(']')) {
        if (done()) {
          throw std::runtime_error("a list without an end");
        }
        list.list.push_back(value());
      }
      return list;
    }
    Value first{operand(), {}};
    while (takeSign('+')) {
      first.text = first.text.value_or("") + operand().value_or("");
    }
    return first;
  }

  std::optional<std::string> operand() {
    std::optional<std::string> text = quoted();
    if (!text) {
      std::string word;
      while (!done() && std::isalnum(static_cast<unsigned char>(line_[position_]))) {
        word += line_[position_++];
        if (position_ < line_.size() && line_[position_] == ' ') {
          break;
        }
      }
      if (word.empty()) {
        throw std::runtime_error("neither a text nor a word nor a number");
      }
      return word == "NULL" ? std::nullopt : std::optional(word);
    }
    if (takeSign('*')) {
      const std::size_t times = std::stoul(operand().value());
      std::string repeated;
      repeated.reserve(times * text->size());
      for (std::size_t i = 0; i < times; ++i) {
        repeated += *text;
      }
      return repeated;
    }
    return text;
  }

  std::optional<std::string> quoted() {
    if (!takeSign('"')) {
      return std::nullopt;
    }
    std::string text;
    while (position_ < line_.size() && line_[position_] != '"') {
      const char c = line_[position_++];
      text += c == '\\' ? escaped() : c;
    }
    if (position_++ >= line_.size()) {
      throw std::runtime_error("a text without an end");
    }
    return text;
  }

  char escaped() {
    const char c = position_ < line_.size() ? line_[position_++] : '\0';
    switch (c) {
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case '"':
      case '\\':
        return c;
      case 'x':
        position_ += 2;
        return static_cast<char>(std::stoul(line_.substr(position_ - 2, 2), nullptr, 16));
      default:
        throw std::runtime_error(std::string("unknown escape \\") + c);
    }
  }

  const std::string& line_;
  std::size_t position_ = 0;
};

void appendNumbers(std::string& body, const std::vector<Value>& list) {
  appendUint16(body, static_cast<std::uint16_t>(list.size()));
  for (const Value& value : list) {
    appendUint16(body, static_cast<std::uint16_t>(std::stoul(value.text.value())));
  }
}

void appendTexts(std::string& body, const std::vector<Value>& list) {
  appendUint16(body, static_cast<std::uint16_t>(list.size()));
  for (const Value& value : list) {
    appendUint32(body, value.text ? static_cast<std::uint32_t>(value.text->size()) : 0xffffffff);
    body += value.text.value_or("");
  }
}

std::string makeParse(LineReader& line) {
  std::string body = nulTerminated(line.text());
  body += nulTerminated(line.text());
  const std::vector<Value> types = line.list();
  appendUint16(body, static_cast<std::uint16_t>(types.size()));
  for (const Value& type : types) {
    appendUint32(body, static_cast<std::uint32_t>(std::stoul(type.text.value())));
  }
  return rawMessage('P', body);
}

std::string makeBind(LineReader& line) {
  std::string body = nulTerminated(line.text());
  body += nulTerminated(line.text());
  const std::vector<Value> parameters = line.list();
  appendNumbers(body, line.list());
  appendTexts(body, parameters);
  appendNumbers(body, line.list());
  return rawMessage('B', body);
}

std::string makeExecute(LineReader& line) {
  std::string body = nulTerminated(line.text());
  appendUint32(body, static_cast<std::uint32_t>(line.number()));
  return rawMessage('E', body);
}

std::string makeFunctionCall(LineReader& line) {
  std::string body;
  appendUint32(body, static_cast<std::uint32_t>(line.number()));
  appendNumbers(body, line.list());
  appendTexts(body, line.list());
  appendUint16(body, static_cast<std::uint16_t>(line.number()));
  return rawMessage('F', body);
}

// 'D' or 'C': of a statement or portal.
std::string makeNamed(char type, LineReader& line) {
  const std::string kind = line.text();
  return rawMessage(type, kind + nulTerminated(line.text()));
}

const std::map<std::string, std::function<std::string(LineReader&)>>& makers() {
  static const std::map<std::string, std::function<std::string(LineReader&)>> all = {
      {"Parse", makeParse},
      {"Bind", makeBind},
      {"Execute", makeExecute},
      {"FunctionCall", makeFunctionCall},
      {"Describe", [](LineReader& line) { return makeNamed('D', line); }},
      {"Close", [](LineReader& line) { return makeNamed('C', line); }},
      {"Sync", [](LineReader&) { return rawMessage('S', ""); }},
      {"Flush", [](LineReader&) { return rawMessage('H', ""); }},
      {"Terminate", [](LineReader&) { return rawMessage('X', ""); }},
      {"CopyDone", [](LineReader&) { return rawMessage('c', ""); }},
      {"CopyData", [](LineReader& line) { return rawMessage('d', line.text()); }},
      {"CopyFail", [](LineReader& line) { return rawMessage('f', nulTerminated(line.text())); }},
      {"Query", [](LineReader& line) { return rawMessage('Q', nulTerminated(line.text())); }},
      {"Message",
       [](LineReader& line) {
         const std::string type = line.text();
         return rawMessage(type.at(0), line.text());
       }},
  };
  return all;
}

void readLine(LineReader& line, Dialogue& dialogue, std::string& pending) {
  const std::string word = line.text();
  if (const auto maker = makers().find(word); maker != makers().end()) {
    pending += maker->second(line);
  } else if (word == "Startup") {
    const std::string parameter = line.text();
    dialogue.startup.emplace_back(parameter, line.text());
  } else if (word == "Send") {
    dialogue.steps.push_back({std::exchange(pending, {})});
  } else if (word == "Wait") {
    const std::string what = line.text();
    const char until = what == "Closed" ? kClosed : what.at(0);
    dialogue.steps.push_back({std::exchange(pending, {}), until, line.number(1)});
  } else {
    throw std::runtime_error("unknown word " + word);
  }
  if (!line.done()) {
    throw std::runtime_error("more than " + word + " has");
  }
}

}  // namespace

Dialogue readTranscript(const std::string& name, const std::string& text) {
  Dialogue dialogue{name};
  std::string pending;
  std::istringstream lines(text);
  std::size_t number = 0;
  for (std::string content; std::getline(lines, content);) {
    ++number;
    LineReader line(content);
    try {
      if (!line.done()) {
        readLine(line, dialogue, pending);
      }
    } catch (const std::exception& failure) {
      throw std::runtime_error(name + ':' + std::to_string(number) + ": " + failure.what());
    }
  }
  if (!pending.empty()) {
    throw std::runtime_error(name + ": ends without Wait or Send");
  }
  return dialogue;
}

}  // namespace peerpool::differential

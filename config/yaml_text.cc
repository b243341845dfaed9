#include "config/yaml_text.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "config/wording.h"

namespace peerpool::config {
namespace {

constexpr std::size_t kCountedColumns = 400;

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

/// Number of bytes of the valid UTF-8 character at the front; 0 when it is not valid.
std::size_t characterLength(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) {
    return 1;
  }
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) {
    return 0;
  }
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) {
      return 0;
    }
  }
  const unsigned char second = byte(1);
  const bool bad = (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
                   (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f);
  return bad ? 0 : length;
}

bool isWordCharacter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Indentation, "- " of list items and an opening bracket: what may stand before a key.
std::string_view withoutLead(std::string_view line) noexcept {
  const std::size_t start = line.find_first_not_of(" -{[,");
  return start == std::string_view::npos ? std::string_view() : line.substr(start);
}

}  // namespace

std::size_t validUtf8Prefix(std::string_view text) noexcept {
  std::size_t done = 0;
  while (done < text.size()) {
    const std::size_t length = characterLength(text.substr(done));
    if (length == 0) {
      return done;
    }
    done += length;
  }
  return done;
}

bool closesItsQuote(std::string_view text) noexcept {
  if (text.empty() || (text.front() != '"' && text.front() != '\'')) {
    return true;
  }
  const char quote = text.front();
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '"' || i + 1 == text.size() || text[i + 1] != quote) {
        return true;
      }
      ++i;  // Two single quotes are one character.
    }
  }
  return false;
}

std::string_view keyWithoutSpace(std::string_view text) noexcept {
  std::size_t end = 0;
  while (end < text.size() && isWordCharacter(text[end])) {
    ++end;
  }
  const bool found = end > 0 && end + 1 < text.size() && text[end] == ':' &&
                     (isWordCharacter(text[end + 1]) || text[end + 1] == '"' ||
                      text[end + 1] == '\'' || text[end + 1] == '[' || text[end + 1] == '{');
  return found ? text.substr(0, end + 1) : std::string_view();
}

YamlText::YamlText(std::string_view text, std::string file) : file_(std::move(file)) {
  while (true) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (end != std::string_view::npos && !line.empty() && line.back() == '\r') {
      line.remove_suffix(1);
    }
    lines_.push_back(line);
    if (end == std::string_view::npos) {
      return;
    }
    text.remove_prefix(end + 1);
  }
}

std::string_view YamlText::line(std::size_t number) const noexcept {
  return number < lines_.size() ? lines_[number] : std::string_view();
}

std::string_view YamlText::rest(std::size_t line_number, std::size_t column) const noexcept {
  const std::string_view whole = line(line_number);
  return column < whole.size() ? whole.substr(column) : std::string_view();
}

Location YamlText::locate(std::size_t line_number, std::size_t column) const {
  // Each value asks: far out on one long line it is bytes that count, or a file of one line would
  // take the square of its length.
  const std::string_view before = line(line_number).substr(0, std::min(column, kCountedColumns));
  const auto inner_bytes =
      static_cast<std::size_t>(std::count_if(before.begin(), before.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0U) == 0x80;
      }));
  return {file_, line_number + 1, column - inner_bytes + 1};
}

bool YamlText::checkLine(std::size_t number, Diagnostics& out) const {
  const std::string_view text = line(number);
  const std::size_t valid = validUtf8Prefix(text);
  if (valid != text.size()) {
    out.error(locate(number, valid), "", "this is not valid UTF-8", "save the file as UTF-8");
    return false;
  }
  const auto control =
      std::find_if(text.begin(), text.end(), [](char c) { return isControl(c) && c != '\t'; });
  if (control != text.end()) {
    out.error(locate(number, static_cast<std::size_t>(control - text.begin())), "",
              "there is a control character here", "remove it");
    return false;
  }
  const std::size_t start = text.find_first_not_of(" \t");
  const std::size_t tab = text.substr(0, start).find('\t');
  if (start != std::string_view::npos && tab != std::string_view::npos && text[start] != '#') {
    out.error(locate(number, tab), "", "a tab in the indentation", "indent with spaces");
    return false;
  }
  return true;
}

bool YamlText::check(Diagnostics& out) const {
  if (lines_.front().substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    out.error(locate(0, 0), "", "the file begins with a byte order mark",
              "save it as UTF-8 without one");
    return false;
  }
  bool good = true;
  for (std::size_t number = 0; number < lines_.size(); ++number) {
    good = checkLine(number, out) && good;
  }
  return good;
}

std::string YamlText::hintAt(std::size_t line_number, std::size_t column) const {
  // yaml-cpp notices some mistakes only at the start of the next line, and some one byte late.
  const std::string_view here = line(line_number);
  const std::string_view before = line_number > 0 ? line(line_number - 1) : std::string_view();
  const std::string_view next = rest(line_number, column);
  const std::string_view late = rest(line_number, column > 0 ? column - 1 : 0);
  for (const std::string_view text : {next, late}) {
    if (!text.empty() && std::string_view("*&@%`!").find(text.front()) != std::string_view::npos) {
      return "text that begins with " + std::string(1, text.front()) +
             " must be quoted: " + quoted(text.substr(0, text.find_first_of(" ,]}")));
    }
  }
  for (const std::string_view text : {here, before}) {
    const std::size_t variable = text.find("${");
    if (variable != std::string_view::npos &&
        (variable == 0 || text[variable - 1] == ' ' || text[variable - 1] == '[' ||
         text[variable - 1] == '_')) {
      const std::string_view name = text.substr(variable, text.find('}', variable) - variable);
      return "quote it: \"" + std::string(name) + "}\"; unquoted { and } belong to YAML";
    }
  }
  for (const std::string_view text : {here, before}) {
    const std::string_view key = keyWithoutSpace(withoutLead(text));
    if (!key.empty()) {
      return "a space is missing after " + std::string(key);
    }
  }
  if (here.find(": ") != here.rfind(": ")) {
    return "quote text that contains \": \"";
  }
  return "check the indentation and the closing of brackets and quotes, here and in the line above";
}

}  // namespace peerpool::config

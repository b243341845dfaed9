#include "tests/differential/answers.h"

#include <algorithm>

#include "proxy/base/bytes.h"

namespace peerpool::differential {
namespace {

using testing::RawMessage;

constexpr std::uint32_t kFirstNormalOid = 16384;  // FirstNormalObjectId of PostgreSQL.

std::string nameOf(char type) {
  static const std::map<char, const char*> names = {{'1', "ParseComplete"},
                                                    {'2', "BindComplete"},
                                                    {'3', "CloseComplete"},
                                                    {'A', "NotificationResponse"},
                                                    {'C', "CommandComplete"},
                                                    {'c', "CopyDone"},
                                                    {'d', "CopyData"},
                                                    {'D', "DataRow"},
                                                    {'E', "ErrorResponse"},
                                                    {'G', "CopyInResponse"},
                                                    {'H', "CopyOutResponse"},
                                                    {'I', "EmptyQueryResponse"},
                                                    {'K', "BackendKeyData"},
                                                    {'n', "NoData"},
                                                    {'N', "NoticeResponse"},
                                                    {'R', "Authentication"},
                                                    {'s', "PortalSuspended"},
                                                    {'S', "ParameterStatus"},
                                                    {'t', "ParameterDescription"},
                                                    {'T', "RowDescription"},
                                                    {'V', "FunctionCallResponse"},
                                                    {'Z', "ReadyForQuery"},
                                                    {'v', "NegotiateProtocolVersion"},
                                                    {kEndOfStream, "--"}};
  const auto found = names.find(type);
  return found == names.end() ? std::string("message ") + type : found->second;
}

std::string printable(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '\0') {
      text += "|";
    } else if (code >= 0x20 && code < 0x7f) {
      text += c;
    } else {
      text += "\\x";
      text += kDigits[code >> 4];
      text += kDigits[code & 15];
    }
  }
  return text;
}

bool readable32(const std::string& body, std::size_t offset) { return offset + 4 <= body.size(); }

}  // namespace

void Masks::maskOid(std::string& body, std::size_t offset) {
  if (!readable32(body, offset)) {
    return;
  }
  const std::uint32_t oid = readUint32(asBytes(body).subspan(offset));
  if (oid >= kFirstNormalOid) {
    const auto next = static_cast<std::uint32_t>(kFirstNormalOid + oids_.size());
    storeUint32(body, offset, oids_.emplace(oid, next).first->second);
  }
}

void Masks::maskRow(std::string& body) {
  // For each column: name, table OID, column number (2), type OID, size (2), modifier (4), format.
  for (std::size_t position = 2; position < body.size(); position += 18) {
    position = std::min(body.find('\0', position), body.size() - 1) + 1;
    maskOid(body, position);
    maskOid(body, position + 6);
  }
}

void Masks::maskParameters(std::string& body) {
  for (std::size_t position = 2; position < body.size(); position += 4) {
    maskOid(body, position);
  }
}

RawMessage Masks::mask(RawMessage message) {
  std::string& body = message.body;
  switch (message.type) {
    case 'K':
      body.assign(body.size(), 'k');
      break;
    case 'A':
      if (readable32(body, 0)) {
        storeUint32(body, 0, 0);
      }
      break;
    case 'T':
      maskRow(body);
      break;
    case 't':
      maskParameters(body);
      break;
    case 'E':
      if (message.field('C') == "26000" || message.field('C') == "42P05") {
        const std::string line = std::string("\0L", 2) + message.field('L') + '\0';
        if (const std::size_t at = body.find(line); at != std::string::npos) {
          body.replace(at, line.size(), std::string("\0L\0", 3));
        }
      }
      break;
    default:
      break;
  }
  return message;
}

Answers comparable(const Answers& answers) {
  Masks masks;
  Answers all;
  for (const RawMessage& message : answers) {
    all.push_back(masks.mask(message));
  }
  const auto ready =
      std::find_if(all.begin(), all.end(), [](const RawMessage& m) { return m.type == 'Z'; });
  const auto first =
      std::find_if(all.begin(), ready, [](const RawMessage& m) { return m.type == 'S'; });
  const auto last = std::find_if(first, ready, [](const RawMessage& m) { return m.type != 'S'; });
  std::sort(first, last, [](const RawMessage& a, const RawMessage& b) { return a.body < b.body; });
  return all;
}

std::string readable(const RawMessage& message, std::size_t focus) {
  constexpr std::size_t kShown = 700;
  const std::size_t begin = focus > kShown / 2 ? focus - kShown / 2 : 0;
  std::string text = nameOf(message.type) + ' ';
  text += (begin > 0 ? "... " : "") + printable(message.body.substr(begin, kShown));
  if (message.body.size() > begin + kShown) {
    text += " ... (" + std::to_string(message.body.size()) + " bytes)";
  }
  return text;
}

std::string firstDifference(const Answers& direct, const Answers& through) {
  const auto equal = [](const RawMessage& a, const RawMessage& b) {
    return a.type == b.type && a.body == b.body;
  };
  const auto [left, right] =
      std::mismatch(direct.begin(), direct.end(), through.begin(), through.end(), equal);
  if (left == direct.end() && right == through.end()) {
    return "";
  }
  std::size_t focus = 0;
  if (left != direct.end() && right != through.end()) {
    const auto [a, b] =
        std::mismatch(left->body.begin(), left->body.end(), right->body.begin(), right->body.end());
    static_cast<void>(b);
    focus = static_cast<std::size_t>(a - left->body.begin());
  }
  std::string text = "message " + std::to_string(left - direct.begin() + 1) + '\n';
  const auto context = std::min<std::ptrdiff_t>(4, left - direct.begin());
  for (auto before = left - context; before != left; ++before) {
    text += "    both:    " + readable(*before) + '\n';
  }
  text += "    direct:  " + (left == direct.end() ? "nothing" : readable(*left, focus)) + '\n';
  text += "    through: " + (right == through.end() ? "nothing" : readable(*right, focus)) + '\n';
  return text;
}

}  // namespace peerpool::differential

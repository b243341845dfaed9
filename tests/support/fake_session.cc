// The wire side of a fake session: bytes to messages and back. What statements do is in
// fake_statements.cc.

#include "tests/support/fake_session.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "proxy/base/bytes.h"

namespace peerpool::testing {
namespace {

constexpr std::size_t kEnough = std::size_t{32} * 1024;  // Unsent output with which it waits.
constexpr std::size_t kHeader = 5;
constexpr std::size_t kLong = 2000;  // Bytes of a query that must end with " end".
constexpr std::uint32_t kSslRequest = 80877103;
constexpr std::uint32_t kGssRequest = 80877104;
constexpr std::uint32_t kCancelRequest = 80877102;
constexpr std::size_t kCancelHeader = 12;
constexpr std::uint32_t kProtocol30 = 196608;

std::string text(std::string_view value) { return std::string(value) + '\0'; }

// The text at the front of `body`, which moves behind it.
std::string takeText(std::string_view& body) {
  const std::size_t end = std::min(body.find('\0'), body.size());
  std::string taken(body.substr(0, end));
  body.remove_prefix(std::min(body.size(), end + 1));
  return taken;
}

}  // namespace

FakeSession::FakeSession(FakeOwner& owner, UniqueFd fd, std::uint32_t pid)
    : owner_(owner), fd_(std::move(fd)), pid_(pid) {}

void FakeSession::step(TimePoint now, std::size_t most) {
  if (now < stalled_until_) {
    return;
  }
  while (!gone() && work(now)) {
  }
  if (!gone()) {
    write(most);
  }
}

bool FakeSession::work(TimePoint now) {
  if (out_.size() > kEnough || hanging_ || closing_) {
    return false;
  }
  const bool keeps_cancel = copy_in_ || (sleeping_ && deaf_);
  if (std::exchange(cancelled_, cancelled_ && keeps_cancel) && !keeps_cancel && busy()) {
    fail("57014", "canceling statement due to user request");
    return true;
  }
  if (sleeping_) {
    sleeping_ = now < wake_at_;
    if (!sleeping_) {
      startRows(1);
    }
    return !sleeping_;
  }
  if (rows_left_ > 0) {
    makeRow();
    return true;
  }
  if (!copy_in_ && !statements_.empty()) {
    const std::string statement = std::move(statements_.front());
    statements_.pop_front();
    execute(statement, now);
    return true;
  }
  if (!copy_in_ && std::exchange(simple_, false)) {
    ready();
    return true;
  }
  return (logged_in_ ? readMessage() : readStartup()) || read();
}

bool FakeSession::read() {
  std::array<char, 16 * 1024> window;  // NOLINT: filled by the kernel
  const ssize_t count = ::recv(fd_.get(), window.data(), window.size(), MSG_DONTWAIT);
  if (count > 0) {
    in_.append(window.data(), static_cast<std::size_t>(count));
    return true;
  }
  if (count == 0 || errno != EAGAIN) {
    die();
  }
  return false;
}

void FakeSession::write(std::size_t most) {
  while (!out_.empty() && most > 0) {
    const std::size_t size = std::min(out_.size(), most);
    const ssize_t count = ::send(fd_.get(), out_.data(), size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0) {
      if (errno != EAGAIN) {
        die();
      }
      return;
    }
    out_.erase(0, static_cast<std::size_t>(count));
    sent_ += static_cast<std::size_t>(count);
    most -= static_cast<std::size_t>(count);
  }
  if (closing_ && out_.empty()) {
    die();
  }
}

void FakeSession::dieSaying(std::string_view sqlstate) {
  if (!std::exchange(closing_, true)) {
    fail(sqlstate, "the fake backend ends this session");
  }
}

bool FakeSession::readStartup() {
  if (in_.size() < 2 * sizeof(std::uint32_t)) {
    return false;
  }
  const std::size_t length = readUint32(asBytes(in_));
  const std::uint32_t code = readUint32(asBytes(in_).subspan(4));
  if (in_.size() < length) {
    return false;
  }
  if (code == kCancelRequest && length > kCancelHeader) {
    owner_.cancel(readUint32(asBytes(in_).subspan(8)),
                  in_.substr(kCancelHeader, length - kCancelHeader));
    die();
    return false;
  }
  in_.erase(0, length);
  if (code == kSslRequest || code == kGssRequest) {
    out_ += 'N';
  } else {
    old_ = code == kProtocol30 || pid_ % 2 == 0;
    if (old_ && code != kProtocol30) {
      std::string version;
      appendUint32(version, kProtocol30);
      send('v', version + std::string(4, '\0'));
    }
    logIn();
  }
  return true;
}

std::string FakeSession::key() const {
  std::string bytes;
  for (std::uint32_t word = 0; word < (old_ ? 1U : 8U); ++word) {
    appendUint32(bytes, (pid_ + word) * 2654435761U);
  }
  return bytes;
}

void FakeSession::logIn() {
  switch (owner_.nextLogin()) {
    case FakeLogin::Accept:
      break;
    case FakeLogin::Refuse:
      return dieSaying("28P01");
    case FakeLogin::Starting:
      return dieSaying("57P03");
    case FakeLogin::Full:
      return dieSaying("53300");
    case FakeLogin::Hang:
      hanging_ = true;
      return;
    case FakeLogin::Close:
      return die();
    case FakeLogin::Garbage:
      out_ += std::string(3000, '\x7f');
      return;
  }
  send('R', std::string(4, '\0'));
  for (const auto& [name, value] : std::map<std::string, std::string>{{"server_version", "15.0"},
                                                                      {"is_superuser", "off"},
                                                                      {"client_encoding", "UTF8"},
                                                                      {"DateStyle", "ISO, MDY"},
                                                                      {"TimeZone", "Etc/UTC"},
                                                                      {"IntervalStyle", "postgres"},
                                                                      {"application_name", ""}}) {
    set(name, value);
  }
  logged_in_ = true;
  for (const auto& [name, value] : std::exchange(unreported_, {})) {
    send('S', text(name) + text(value));
  }
  std::string key_data;
  appendUint32(key_data, pid_);
  send('K', key_data + key());
  ready();
}

bool FakeSession::readMessage() {
  if (in_.size() < kHeader) {
    return false;
  }
  const std::size_t length = readUint32(asBytes(in_).subspan(1));
  if (length < 4) {
    owner_.complain("the proxy passed on a message of impossible length");
    die();
    return false;
  }
  if (in_.size() < length + 1) {
    return false;
  }
  const char type = in_[0];
  const std::string body = in_.substr(kHeader, length - 4);
  in_.erase(0, length + 1);
  if (type == 'X') {
    die();
    return false;
  }
  if (copy_in_) {
    onCopyMessage(type, body);
  } else if (!skipping_ || type == 'S') {
    onMessage(type, body);
  }
  return true;
}

void FakeSession::onMessage(char type, std::string_view body) {
  switch (type) {
    case 'Q':
      return onQuery(takeText(body));
    case 'P':
      return onParse(body);
    case 'B':
      return onBind(body);
    case 'D':
      return onDescribe(body);
    case 'E':
      statements_.push_back(bound_);
      return;
    case 'C':
      if (body.substr(0, 1) == "S") {
        memory_.statements.erase(std::string(body.substr(1, body.size() - 2)));
      }
      return send('3', "");
    case 'S':
      skipping_ = false;
      return ready();
    case 'F':
      send('V', std::string(4, '\xff'));
      simple_ = true;
      return;
    case 'H':
    case 'd':  // Of a COPY that failed.
    case 'c':
    case 'f':
      return;
    default:
      owner_.complain(std::string("the proxy passed on a message of type ") + type);
      return dieSaying("08P01");
  }
}

void FakeSession::onCopyMessage(char type, std::string_view body) {
  if (std::exchange(cancelled_, false)) {
    return fail("57014", "canceling statement due to user request");
  }
  if (type == 'd') {
    ++rows_made_;
    use(body.substr(0, body.find(' ')));
  } else if (type == 'c') {
    copy_in_ = false;
    complete("COPY " + std::to_string(rows_made_));
  } else if (type == 'f') {
    fail("57014", "COPY from stdin failed");
  } else if (type != 'S' && type != 'H') {
    fail("08P01", "unexpected message type during COPY from stdin");
  }
}

void FakeSession::onQuery(std::string_view sql) {
  constexpr std::string_view kEnd = " end";
  if (sql.size() > kLong && sql.substr(sql.size() - kEnd.size()) != kEnd) {
    owner_.complain("the end of a long query is not the one that the client sent");
  }
  simple_ = true;
  memory_.statements.erase("");
  while (!sql.empty()) {
    const std::size_t end = std::min(sql.find(';'), sql.size());
    statements_.emplace_back(sql.substr(0, end));
    sql.remove_prefix(std::min(sql.size(), end + 1));
  }
  if (statements_.empty()) {
    send('I', "");
  }
}

void FakeSession::onParse(std::string_view body) {
  const std::string name = takeText(body);
  if (!name.empty() && memory_.statements.count(name) > 0) {
    return fail("42P05", "prepared statement already exists");
  }
  memory_.statements[name] = takeText(body);
  send('1', "");
}

void FakeSession::onBind(std::string_view body) {
  takeText(body);
  const auto found = memory_.statements.find(takeText(body));
  if (found == memory_.statements.end()) {
    return fail("26000", "prepared statement does not exist");
  }
  bound_ = found->second;
  send('2', "");
}

void FakeSession::onDescribe(std::string_view body) {
  if (body.substr(0, 1) == "S") {
    send('t', std::string(2, '\0'));
  }
  send('n', "");
}

void FakeSession::ready() {
  for (const auto& [name, value] : std::exchange(unreported_, {})) {
    send('S', text(name) + text(value));
  }
  cancelled_ = false;
  send('Z', std::string(1, memory_.status()));
}

void FakeSession::complete(std::string_view tag) { send('C', text(tag)); }

void FakeSession::fail(std::string_view sqlstate, std::string_view message) {
  const bool fatal = sqlstate.substr(0, 2) == "28" || sqlstate.substr(0, 3) == "57P" ||
                     sqlstate == "53300" || closing_;
  const std::string severity = fatal ? "FATAL" : "ERROR";
  send('E', text("S" + severity) + text("V" + severity) + text("C" + std::string(sqlstate)) +
                text("M" + std::string(message)) + '\0');
  skipping_ = !simple_;
  statements_.clear();
  rows_left_ = 0;
  sleeping_ = copy_in_ = copy_out_ = false;
  memory_.failed = !memory_.transaction.empty();
}

void FakeSession::send(char type, std::string_view body) {
  out_ += type;
  appendUint32(out_, static_cast<std::uint32_t>(body.size() + 4));
  out_ += body;
}

}  // namespace peerpool::testing

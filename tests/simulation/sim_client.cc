// The clients' side of the wire: what is sent when, and what may come back.

#include "tests/simulation/sim_client.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "proxy/base/bytes.h"
#include "tests/support/fake_memory.h"
#include "tests/support/raw_client.h"

namespace peerpool::simulation {
namespace {

constexpr std::size_t kHeader = 5;
constexpr std::size_t kMostOutstanding = 6;
constexpr std::size_t kFull = 4096;  // Bytes that may fill a socket.

// The value of "name=" in a row.
std::string_view fieldOf(std::string_view value, std::string_view name) {
  const std::size_t at = value.find(' ' + std::string(name) + '=');
  if (at == std::string_view::npos) {
    return "missing";
  }
  value.remove_prefix(at + name.size() + 2);
  return value.substr(0, value.find(' '));
}

}  // namespace

SimClient::SimClient(std::uint64_t id, UniqueFd fd, const Manners& manners, Chance& chance,
                     Tally& tally, std::vector<std::string>& complaints)
    : id_(id),
      fd_(std::move(fd)),
      manners_(manners),
      chance_(chance),
      tally_(tally),
      complaints_(complaints),
      name_('c' + std::to_string(id)),
      lifespan_(chance.between(1, 60)) {
  const std::size_t kind = chance.pick(20);
  reader_ = kind == 0 ? Reader::Never : kind < 4 ? Reader::Slow : Reader::Prompt;
}

void SimClient::act() {
  if (over()) {
    return;
  }
  if (lifespan_-- == 0) {
    leave();
    return;
  }
  if (!began_) {
    begin();
  }
  if (reader_ != Reader::Never) {
    read(reader_ == Reader::Slow ? chance_.between(1, 2000) : std::size_t{1} << 20);
  }
  if (over()) {
    return;
  }
  if (welcomed_ && !fatal_ && !rogue_ && requests_.size() < kMostOutstanding &&
      (requests_.empty() || chance_.percent(30))) {
    chance_.percent(2) ? misbehave() : ask();
  }
  sendSome(chance_.percent(20) ? chance_.between(1, 40) : outbox_.size());
}

void SimClient::calm(bool impatient) {
  if (over()) {
    return;
  }
  if (impatient) {
    leave();
    return;
  }
  if (!began_ && !mute_) {
    mute_ = chance_.percent(30);
    if (!mute_) {
      leave();
      return;
    }
  }
  read(std::size_t{1} << 20);
  if (over()) {
    return;
  }
  if (content() && !fatal_ && status_ != 'I' && !rogue_) {
    requests_.emplace_back();
    requests_.back().number = ++last_request_;
    requests_.back().may_fail = true;
    outbox_ += testing::rawMessage('Q', "ROLLBACK " + tag(requests_.back()) + '\0');
  } else if ((content() && !fatal_ && chance_.percent(50)) ||
             ((rogue_ || !manners_.honest_servers) && chance_.percent(10))) {
    leave();
    return;
  }
  sendSome(outbox_.size());
}

void SimClient::begin() {
  began_ = true;
  if (!encryption_refused_ && chance_.percent(10)) {
    outbox_ += std::string("\0\0\0\x08\x04\xd2\x16\x2f", 8);
    encryption_asked_ = true;
    return;
  }
  if (chance_.percent(1)) {  // It only cancels, what nobody has.
    rogue_ = true;
    outbox_ += std::string("\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\1\0\0\0\2", 16);
    return;
  }
  const char* database = chance_.percent(60) ? "one" : chance_.percent(95) ? "two" : "three";
  outbox_ += testing::startupPacket(
      196608, {{"user", "shop"}, {"database", database}, {"application_name", name_}});
}

void SimClient::leave() {
  ++tally_.deaths;
  if (content() && chance_.percent(50)) {
    outbox_ += testing::rawMessage('X', "");
    sendSome(outbox_.size());
  } else if (welcomed_ && !rogue_ && chance_.percent(20)) {
    sayTooLittle();
  }
  fd_.reset();
}

void SimClient::sendSome(std::size_t most) {
  while (fd_ && !outbox_.empty() && most > 0) {
    const std::size_t size = std::min(most, outbox_.size());
    const ssize_t sent = ::send(fd_.get(), outbox_.data(), size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) {
      return;  // Full; or closed, which reading will tell.
    }
    outbox_.erase(0, static_cast<std::size_t>(sent));
    most -= static_cast<std::size_t>(sent);
  }
}

void SimClient::read(std::size_t most) {
  std::array<char, 32 * 1024> window;  // NOLINT: filled by the kernel
  std::size_t total = 0;
  while (fd_ && most > 0) {
    const ssize_t got =
        ::recv(fd_.get(), window.data(), std::min(most, window.size()), MSG_DONTWAIT);
    if (got <= 0) {
      if (got == 0 || errno != EAGAIN) {
        onEnd(total);
      }
      return;
    }
    most -= static_cast<std::size_t>(got);
    total += static_cast<std::size_t>(got);
    inbox_.append(window.data(), static_cast<std::size_t>(got));
    parse();
  }
}

void SimClient::parse() {
  if (!manners_.honest_servers && welcomed_) {
    // Whatever such a server says is passed on; only its length matters here.
    for (std::size_t at = inbox_.find('Z'); at != std::string::npos;
         at = inbox_.find('Z', at + 1)) {
      if (!requests_.empty()) {
        requests_.pop_front();
      }
    }
    inbox_.clear();
    return;
  }
  if (encryption_asked_ && !inbox_.empty() && inbox_[0] == 'N') {
    encryption_asked_ = began_ = false;
    encryption_refused_ = true;
    inbox_.erase(0, 1);
  }
  std::string_view rest = inbox_;
  while (rest.size() >= kHeader) {
    const std::size_t length = readUint32(asBytes(rest).subspan(1));
    if (length < 4 || length > 100'000) {
      complain("a message of length " + std::to_string(length));
      rest = {};
      break;
    }
    if (rest.size() < length + 1) {
      break;
    }
    onMessage(rest[0], rest.substr(kHeader, length - 4));
    rest.remove_prefix(length + 1);
  }
  inbox_.erase(0, inbox_.size() - rest.size());
}

void SimClient::onMessage(char type, std::string_view body) {
  if (fatal_) {
    complain(std::string("a message after FATAL: ") + type);
  }
  switch (type) {
    case 'Z':
      return onReady(body.empty() ? '?' : body[0]);
    case 'E':
      return onError(body);
    case 'D':
      return onRow(body.substr(std::min<std::size_t>(body.size(), 6)));
    case 'd':
      return onRow(body);
    case 'R':
    case 'K':
    case 'v':
      if (welcomed_) {
        complain(std::string("a login message after login: ") + type);
      }
      return;
    case 'S':
    case 'N':
    case 'A':
      return;
    default:
      if (std::string_view("123CGHITVcnst").find(type) == std::string_view::npos) {
        complain(std::string("a message of unknown type ") + type);
      } else if (requests_.empty()) {
        complain(std::string("an answer to no request: ") + type);
      } else if (type == '1') {
        ++requests_.front().parsed;
      }
  }
}

void SimClient::onRow(std::string_view value) {
  ++tally_.rows;
  if (requests_.empty()) {
    complain("a row for no request: " + std::string(value));
    return;
  }
  Request& request = requests_.front();
  ++request.got;
  const std::string_view whose = value.substr(0, value.find(' '));
  if (request.reuses ? testing::ownerOf(whose) != name_ : whose != tag(request)) {
    complain("a row of " + std::string(whose) + " in the answer to " + tag(request));
  }
  if (value.find(" line ") != std::string_view::npos) {
    return;  // Of a COPY.
  }
  checkField(value, "set", !set_.empty());
  checkField(value, "table", has_table_ && manners_.session_pooling);
  checkField(value, "lock", has_lock_ && manners_.session_pooling);
  checkField(value, "listen", listens_);
  checkField(value, "tx", status_ == 'T');
  if (status_ == 'I' && !fieldOf(value, "tx").empty()) {
    complain("a transaction that it does not know of");
  }
  if (fieldOf(value, "app") != name_) {
    complain("the application name of " + std::string(fieldOf(value, "app")));
  }
}

void SimClient::checkField(std::string_view value, std::string_view name, bool required) {
  const std::string_view field = fieldOf(value, name);
  const bool own = testing::ownerOf(field) == name_;
  if (required ? !own : !own && !field.empty()) {
    complain("session state: " + std::string(name) + " is \"" + std::string(field) + '"');
  }
}

void SimClient::onError(std::string_view body) {
  fatal_ = body.substr(0, 6) == "SFATAL";
  const std::size_t at = body.find(std::string("\0C", 2));
  const std::string_view code = at == std::string_view::npos ? "" : body.substr(at + 2, 5);
  if (fatal_) {
    ++tally_.fatals;
    const bool rests = content() && status_ == 'I';
    if (rests && (code == "25P03" || code == "25P04")) {
      complain("an end for a transaction that is not there: " + std::string(code));
    }
    if (manners_.steady_servers && welcomed_ && (code == "08P01" || code == "08006")) {
      complain("a server that broke no rule is given up: " + std::string(code));
    }
    return;
  }
  ++tally_.errors;
  if (requests_.empty()) {
    complain("an error for no request: " + std::string(code));
    return;
  }
  requests_.front().failed = true;
  const bool canceled = manners_.limits && (code == "57014" || code == "25P02");
  brittle_ = brittle_ || canceled;
  if (!requests_.front().may_fail && !canceled) {
    complain("error " + std::string(code) + " in the answer to " + tag(requests_.front()));
  }
}

void SimClient::onReady(char status) {
  status_ = status;
  if (!welcomed_) {
    welcomed_ = true;
    ++tally_.welcomes;
    return;
  }
  if (requests_.empty()) {
    complain("ReadyForQuery for no request");
    return;
  }
  const Request request = std::move(requests_.front());
  requests_.pop_front();
  ++tally_.answers;
  if (!request.failed) {
    if (request.got != request.rows) {
      complain(std::to_string(request.got) + " rows instead of " + std::to_string(request.rows));
    }
    if (request.parsed != request.parses) {
      complain(std::to_string(request.parsed) + " ParseComplete instead of " +
               std::to_string(request.parses));
    }
    set_ = request.set.empty() ? set_ : request.set;
    listens_ = listens_ || request.listens;
    has_table_ = has_table_ || request.creates;
    has_lock_ = has_lock_ || request.locks;
    if (!request.prepared.empty()) {
      prepared_.push_back(request.prepared);
    }
  }
  if (requests_.empty()) {
    asked_status_ = status;
    brittle_ = false;
  }
}

/// `unread`: bytes that came just before.
void SimClient::onEnd(std::size_t unread) {
  const bool due = !requests_.empty() || (!welcomed_ && began_);
  // In the middle of a message nothing can be said, nor to one whose socket is full for long.
  if (due && inbox_.empty() && unread < kFull && !fatal_ && !rogue_ && reader_ == Reader::Prompt &&
      manners_.honest_servers) {
    complain("the connection ended without a word: " + describe());
  }
  if (inbox_.find("SFATAL") != std::string::npos && inbox_.front() != 'E') {
    complain("FATAL within another message");
  }
  fd_.reset();
}

void SimClient::complain(const std::string& what) {
  if (manners_.honest_servers && !rogue_) {
    complaints_.push_back(name_ + ": " + what);
  }
}

std::string SimClient::tag(const Request& request) const {
  return name_ + '.' + std::to_string(request.number);
}

std::string SimClient::describe() const {
  return name_ + (welcomed_ ? " welcomed" : " not welcomed") + (fatal_ ? ", told FATAL" : "") +
         (rogue_ ? ", rogue" : "") + ", status " + status_ + ", " +
         std::to_string(requests_.size()) + " unanswered, " + std::to_string(outbox_.size()) +
         " bytes to say";
}

}  // namespace peerpool::simulation

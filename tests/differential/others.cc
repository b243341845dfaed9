// What the two others do with the server that they have to themselves for a moment.

#include <array>

#include "tests/differential/player.h"

namespace peerpool::differential {
namespace {

using testing::rawMessage;
using testing::RawMessage;

// Turns after which both name their statements anew.
constexpr std::size_t kRenewed = 7;

std::string query(const std::string& sql) { return rawMessage('Q', sql + '\0'); }

// A statement called `name` that tells whose it is.
std::string parse(const std::string& name, const std::string& label) {
  return rawMessage('P',
                    name + '\0' + "SELECT '" + label + ' ' + name + "'" + std::string(3, '\0'));
}

std::string execute(const std::string& name) {
  return rawMessage('B', '\0' + name + std::string(7, '\0')) +
         rawMessage('E', std::string(5, '\0'));
}

// Beside the unnamed one: dialogues use these names too, for other texts.
constexpr std::array<const char*, 2> kNames = {"s1", "s2"};

const std::string kSync = rawMessage('S', "");

}  // namespace

Others::Others(const std::string& socket_path) {
  for (const char* const label : {"first", "second"}) {
    others_.push_back({testing::RawClient(socket_path), label});
    Other& other = others_.back();
    say(other, testing::startupPacket(0x00030000, {{"user", "app"}, {"database", "shop"}}), 1);
    listen(other);
  }
}

void Others::turn() {
  Other& next = others_[turns_ % 2];
  Other& holder = others_[(turns_ + 1) % 2];
  // The one that comes is first: if both servers were free it would take its own old one. Where
  // the watched client keeps its server, it gets the holder's.
  say(next, query("BEGIN"), 1);
  if (turns_ > 0) {
    say(holder, query("COMMIT"), 1);
    listen(holder);
  }
  listen(next);
  work(holder);  // Not waited for: where the watched client keeps its server there is none for it.
  ++turns_;
}

std::string Others::finish() {
  if (turns_ > 0) {
    say(others_[(turns_ + 1) % 2], query("COMMIT"), 1);
  }
  for (Other& other : others_) {
    listen(other);
  }
  return complaint_;
}

void Others::work(Other& other) {
  std::string bytes = parse("", other.label) + execute("");
  for (const std::string name : kNames) {
    // Mostly they find what they named some turns ago, on whatever server that was.
    if (turns_ % kRenewed < others_.size()) {
      bytes += rawMessage('C', 'S' + name + '\0') + parse(name, other.label);
    }
    bytes += execute(name);
  }
  say(other, bytes + kSync + query("SELECT '" + other.label + "'"), 2);
}

void Others::say(Other& other, const std::string& bytes, std::size_t requests) {
  other.client.send(bytes);
  other.expected += requests;
}

void Others::listen(Other& other) {
  while (other.expected > 0) {
    const std::optional<RawMessage> message = other.client.receiveMessage();
    if (!message) {
      complaint_ += other.label + " of the others got no answer\n";
      other.expected = 0;
      return;
    }
    const bool foreign =
        message->type == 'D' && message->body.find(other.label) == std::string::npos;
    if (foreign || message->type == 'E' || message->type == 'N' || message->type == 'A') {
      complaint_ += other.label + " of the others got " + readable(*message) + '\n';
    }
    other.expected -= message->type == 'Z' ? 1U : 0U;
  }
}

}  // namespace peerpool::differential

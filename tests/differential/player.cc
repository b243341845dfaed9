// A step that gets no answer ends after the patience below, and shows as a last message.

#include "tests/differential/player.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <utility>

namespace peerpool::differential {
namespace {

using testing::RawClient;
using testing::rawMessage;
using testing::RawMessage;

constexpr std::uint32_t kProtocol30 = 0x00030000;
// Shorter than the harness's: a dialogue that waits for what does not come is a mistake in its
// file.
constexpr int kPatienceSeconds = 20;

void login(RawClient& client, const std::vector<std::pair<std::string, std::string>>& more) {
  std::vector<std::pair<std::string, std::string>> parameters = {{"user", "app"},
                                                                 {"database", "shop"}};
  parameters.insert(parameters.end(), more.begin(), more.end());
  const timeval patience{kPatienceSeconds, 0};
  ::setsockopt(client.fd(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  client.send(testing::startupPacket(kProtocol30, parameters));
}

// The stream has ended, or says nothing.
RawMessage endOf(const RawClient& client) {
  char byte = 0;
  const ssize_t got = ::recv(client.fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  const bool closed = got == 0 || (got < 0 && errno == ECONNRESET);
  return {kEndOfStream, closed ? "the server closed" : "no message"};
}

void sendInPieces(RawClient& client, std::string_view bytes, std::size_t pieces) {
  const std::size_t length = bytes.size() / pieces + 1;
  while (!bytes.empty()) {
    client.send(bytes.substr(0, length));
    bytes.remove_prefix(std::min(length, bytes.size()));
  }
}

// False when the stream is over.
bool playStep(RawClient& client, const Step& step, std::size_t pieces, Answers& answers) {
  sendInPieces(client, step.send, pieces);
  std::size_t copies = 0;
  for (std::size_t seen = 0; step.until != '\0' && seen < step.count;) {
    std::optional<RawMessage> message = client.receiveMessage();
    if (!message) {
      answers.push_back(endOf(client));
      return false;
    }
    seen += message->type == step.until ? 1U : 0U;
    if (message->type == 'G' && step.answers_copies) {
      client.send(copies < step.copies.size() ? step.copies[copies]
                                              : rawMessage('f', std::string("no data\0", 8)));
      ++copies;
    }
    answers.push_back(*std::move(message));
  }
  return true;
}

}  // namespace

Answers play(const std::string& socket_path, const Dialogue& dialogue,
             const std::function<void()>& before, std::size_t pieces) {
  RawClient client(socket_path);
  login(client, dialogue.startup);
  Answers answers;
  bool open = playStep(client, {"", 'Z'}, 1, answers);
  for (const Step& step : dialogue.steps) {
    if (!open) {
      break;
    }
    before();
    open = playStep(client, step, pieces, answers);
  }
  if (open) {
    static_cast<void>(playStep(client, {rawMessage('X', ""), kClosed}, 1, answers));
  }
  return answers;
}

}  // namespace peerpool::differential

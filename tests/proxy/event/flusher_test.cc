// Both flushers over real sockets: whole, partial and failing sends.

#include "proxy/event/flusher.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "proxy/event/uring_flusher.h"
#include "tests/proxy/event/test_output.h"
#include "tests/support/socket_pair.h"

namespace peerpool::event {
namespace {

using testing::receiveAll;
using testing::SocketPair;

/// The flushers of this machine: the plain one, the choice of the system, and io_uring for all
/// sizes and from the default on where it is to be had.
std::vector<std::unique_ptr<Flusher>> allFlushers() {
  std::vector<std::unique_ptr<Flusher>> flushers;
  flushers.push_back(makeFlusher(FlusherKind::Send));
  flushers.push_back(makeFlusher(FlusherKind::Auto));
  try {
    flushers.push_back(makeUringFlusher(1));
    flushers.push_back(makeFlusher(FlusherKind::IoUring));
  } catch (const std::system_error&) {
    WARN("no io_uring here");
  }
  return flushers;
}

struct Connection {
  explicit Connection(int send_buffer = 0) : sockets(send_buffer), output(sockets.ours.get()) {}
  SocketPair sockets;
  TestOutput output;
};

TEST_CASE("each output reaches its own socket, whatever their number") {
  for (const auto& flusher : allFlushers()) {
    for (const std::size_t count : {0U, 1U, 2U, 3U, 7U, 255U, 256U, 257U, 400U}) {
      std::vector<std::unique_ptr<Connection>> connections;
      std::vector<Output*> outputs;
      std::vector<std::string> texts;
      for (std::size_t i = 0; i < count; ++i) {
        connections.push_back(std::make_unique<Connection>());
        outputs.push_back(&connections.back()->output);
        texts.push_back("this is for " + std::to_string(i) + ", and ends here");
      }
      for (std::size_t i = 0; i < count; ++i) {
        const ByteView text = asBytes(texts[i]);
        outputs[i]->append(text.first(4));
        if (i % 2 == 0) {
          outputs[i]->append(asBytes("-"));  // Several pieces: another kind of request.
        }
        outputs[i]->append(text.subspan(4));
      }
      flusher->flush(outputs);
      for (std::size_t i = 0; i < count; ++i) {
        std::string expected = texts[i];
        if (i % 2 == 0) {
          expected.insert(4, "-");
        }
        REQUIRE(receiveAll(connections[i]->sockets.theirs.get()) == expected);
        REQUIRE(outputs[i]->pending() == 0);
      }
    }
  }
}

TEST_CASE("a full socket takes a part, and the rest in later flushes") {
  for (const auto& flusher : allFlushers()) {
    std::vector<std::unique_ptr<Connection>> connections;
    std::vector<Output*> outputs;
    std::string text(200'000, '\0');
    for (std::size_t i = 0; i < text.size(); ++i) {
      text[i] = static_cast<char>(i * 31 % 251);
    }
    for (int i = 0; i < 5; ++i) {
      connections.push_back(std::make_unique<Connection>(1));
      outputs.push_back(&connections.back()->output);
      outputs.back()->append(asBytes(text));
    }
    std::vector<std::string> received(connections.size());
    flusher->flush(outputs);
    CHECK(outputs[0]->blocked());
    CHECK(outputs[0]->pending() < text.size());
    const std::size_t before = outputs[0]->pending();
    flusher->flush(outputs);  // Full: EAGAIN, at once.
    CHECK(outputs[0]->pending() == before);
    for (int round = 0; round < 10'000 && received.back().size() < text.size(); ++round) {
      for (std::size_t i = 0; i < connections.size(); ++i) {
        received[i] += receiveAll(connections[i]->sockets.theirs.get());
      }
      flusher->flush(outputs);
    }
    for (std::size_t i = 0; i < connections.size(); ++i) {
      CHECK(received[i] == text);
      CHECK_FALSE(outputs[i]->blocked());
    }
  }
}

TEST_CASE("a socket whose other end is gone fails alone and without a signal") {
  for (const auto& flusher : allFlushers()) {
    std::vector<std::unique_ptr<Connection>> connections;
    std::vector<Output*> outputs;
    for (int i = 0; i < 6; ++i) {
      connections.push_back(std::make_unique<Connection>());
      outputs.push_back(&connections.back()->output);
      outputs.back()->append(asBytes("hello"));
    }
    connections[2]->sockets.theirs.reset();
    flusher->flush(outputs);
    for (std::size_t i = 0; i < connections.size(); ++i) {
      CHECK(outputs[i]->failed() == (i == 2));
      CHECK(outputs[i]->pending() == 0);
      if (i != 2) {
        CHECK(receiveAll(connections[i]->sockets.theirs.get()) == "hello");
      }
    }
  }
}

TEST_CASE("the chosen flusher says what it is") {
  CHECK(makeFlusher(FlusherKind::Send)->kind() == FlusherKind::Send);
  CHECK(makeFlusher(FlusherKind::Auto)->kind() != FlusherKind::Auto);
}

}  // namespace
}  // namespace peerpool::event

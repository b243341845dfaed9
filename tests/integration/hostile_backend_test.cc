// A backend that breaks the protocol, or says what must not be believed: its clients are told, the
// others and the process go on.

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>

#include "tests/support/peerpool.h"
#include "tests/support/pq.h"
#include "tests/support/raw_client.h"
#include "tests/support/scripted_backend.h"
#include "tests/support/temp_dir.h"

namespace peerpool::testing {
namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

const Parameters kUsual = {{"client_encoding", "UTF8"},
                           {"is_superuser", "off"},
                           {"server_version", "15.0"},
                           {"standard_conforming_strings", "on"},
                           {"TimeZone", "UTC"}};

// A peerpool with one server in front of a backend of the test.
class Scene {
 public:
  Scene(const Parameters& parameters, ScriptedBackend::Answer answer)
      : backend_(directory_ / "backend", parameters, std::move(answer)) {
    ::mkdir((directory_ / "l").c_str(), 0755);
    peerpool_ = std::make_unique<Peerpool>(directory_, config());
  }

  [[nodiscard]] Pq connect(const std::string& more = "") const {
    return Pq("host=" + (directory_ / "l") + " user=app dbname=shop " + more);
  }
  [[nodiscard]] Peerpool& peerpool() noexcept { return *peerpool_; }
  [[nodiscard]] ScriptedBackend& backend() noexcept { return backend_; }
  [[nodiscard]] std::string socketPath() const { return directory_ / "l/.s.PGSQL.5432"; }

 private:
  [[nodiscard]] std::string config() const {
    return "version: 1\n"
           "process: { workers: 1 }\n"
           "backends:\n  main:\n    protocol: postgresql\n    address: \"unix:" +
           (directory_ / "backend") +
           "\"\n    login: trust\n    expect_peer: { uid: " + std::to_string(::geteuid()) +
           " }\n"
           "pools: { mode: transaction, size: 1, wait_timeout: 20s }\n"
           "listeners:\n  pg:\n    path: " +
           (directory_ / "l/.s.PGSQL.5432") +
           "\n    backend: main\n    mode: \"0666\"\n    open_to_everybody: true\n"
           "rules:\n  - { name: everybody, allow: anyone, listener: pg, databases: [shop], "
           "roles: [app] }\n";
  }

  TempDir directory_;
  ScriptedBackend backend_;
  std::unique_ptr<Peerpool> peerpool_;
};

bool says(std::string_view body, std::string_view words) {
  return body.find(words) != std::string_view::npos;
}

}  // namespace

TEST_CASE("a parameter without a name ends the session that sees it, and not the process") {
  Scene scene(kUsual, [](char type, std::string_view body) {
    const std::string answer = ScriptedBackend::behave(type, body);
    return says(body, "evil") ? parameterStatus("", "value") + answer : answer;
  });
  Pq first = scene.connect();
  CHECK(first.exec("SELECT").ok);
  CHECK_FALSE(first.exec("SELECT evil").ok);
  // Its login asks a server for what has been reported.
  Pq second = scene.connect("options='-c TimeZone=Asia/Tokyo'");
  CHECK(second.exec("SELECT").ok);
  CHECK(scene.peerpool().running());
}

TEST_CASE("messages that are too short or too long end their server, not the process (check 46)") {
  const auto [word, message] = GENERATE(table<std::string, std::string>({
      {"a row shorter than its length", std::string("D\0\0\0\3", 5)},
      {"a length below zero", std::string("D\xff\xff\xff\xff", 5)},
      {"a parameter without end", std::string("S\x7f\xff\xff\xff", 5) + std::string(70'000, 's')},
      {"a status of two bytes", std::string("Z\0\0\0\6II", 7)},
      {"a status that is none", std::string("Z\0\0\0\5?", 6)},
      {"a login again", std::string("R\0\0\0\10\0\0\0\0", 9)},
  }));
  CAPTURE(word);
  Scene scene(kUsual, [message = message](char type, std::string_view body) {
    const std::string answer = ScriptedBackend::behave(type, body);
    return says(body, "evil") ? message + answer : answer;
  });
  Pq other = scene.connect();
  CHECK(other.exec("SELECT").ok);
  Pq client = scene.connect();
  CHECK_FALSE(client.exec("SELECT evil()").ok);
  CHECK(other.exec("SELECT").command_tag == "SELECT 0");
  CHECK(scene.backend().logins() >= 2);  // The one that said it was closed.
  CHECK(scene.peerpool().running());
}

TEST_CASE("a backend's cancel key is never passed on (check 46)") {
  const Scene scene(kUsual, ScriptedBackend::behave);
  RawClient client(scene.socketPath());
  REQUIRE(client.send(startupPacket(kProtocol30, {{"user", "app"}, {"database", "shop"}})));
  std::string key;
  for (const RawMessage& message : client.receiveUntil('Z')) {
    key = message.type == 'K' ? message.body : key;
  }
  REQUIRE(key.size() == 8);
  CHECK(key.substr(4) != "key!");
}

TEST_CASE("descriptors that a backend sends are discarded (check 47)") {
  Scene scene(kUsual, ScriptedBackend::behave);
  Pq client = scene.connect();
  REQUIRE(client.exec("SELECT").ok);
  const std::size_t before = descriptorsOf(scene.peerpool().pid());
  scene.backend().passDescriptors();
  for (int i = 0; i < 50; ++i) {
    REQUIRE(client.exec("SELECT").ok);
  }
  CHECK(descriptorsOf(scene.peerpool().pid()) == before);
}

TEST_CASE("an answer too many does not become the next client's") {
  bool late = false;
  Scene scene(kUsual, [&late](char type, std::string_view body) {
    const std::string answer = ScriptedBackend::behave(type, body);
    if (says(body, "twice")) {
      late = true;
      return answer;
    }
    return says(body, "DISCARD") && std::exchange(late, false) ? readyForQuery() + answer : answer;
  });
  Pq first = scene.connect();
  Pq second = scene.connect();
  CHECK(first.exec("SELECT twice()").ok);
  for (int i = 0; i < 3; ++i) {
    CHECK(second.exec("SELECT").command_tag == "SELECT 0");
    CHECK(first.exec("SELECT").command_tag == "SELECT 0");
  }
  CHECK(scene.backend().logins() == 2);  // The one that said too much was closed.
}

TEST_CASE("a server that becomes a superuser between two clients is not used (check 43)") {
  std::atomic<bool> asked{false};
  bool promoted = false;
  Scene scene(kUsual, [&](char type, std::string_view body) {
    asked = asked || says(body, "drop everything");
    const bool now = says(body, "DISCARD") && !std::exchange(promoted, true);
    return (now ? parameterStatus("is_superuser", "on") : "") + ScriptedBackend::behave(type, body);
  });
  Pq first = scene.connect();
  Pq second = scene.connect();
  CHECK(first.exec("SELECT unknown()").ok);
  CHECK(second.exec("SELECT 'drop everything'").sqlstate == "28000");
  CHECK_FALSE(asked);
  CHECK(first.exec("SELECT").ok);
  CHECK(scene.backend().logins() == 2);
}

TEST_CASE("a backend that refuses every new server its first words gets no storm of logins") {
  Scene scene(kUsual, [](char type, std::string_view body) {
    return says(body, "SET") ? readyForQuery('T') : ScriptedBackend::behave(type, body);
  });
  Pq plain = scene.connect();
  CHECK(plain.exec("SELECT").ok);  // So that one has served, and may have broken since.
  Pq client = scene.connect("options='-c TimeZone=Asia/Tokyo'");
  CHECK(client.sqlstate() == "08P01");
  CHECK(scene.backend().logins() == 2);
  CHECK(plain.exec("SELECT").ok);
}

}  // namespace peerpool::testing

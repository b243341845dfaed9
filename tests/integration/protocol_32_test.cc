// Protocol 3.2 towards backends that no PostgreSQL of today's distributions is: those that speak
// it, lower it, refuse it, or abuse it.

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <memory>
#include <mutex>

#include "tests/support/peerpool.h"
#include "tests/support/pq.h"
#include "tests/support/raw_client.h"
#include "tests/support/scripted_backend.h"
#include "tests/support/temp_dir.h"

namespace peerpool::testing {
namespace {

std::string number(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes += static_cast<char>(value >> shift & 0xff);
  }
  return bytes;
}

std::string negotiate(std::uint32_t version, std::uint32_t options = 0) {
  return rawMessage('v', number(version) + number(options));
}

// The answer to a login of one backend, and what it was asked for.
class Scene {
 public:
  explicit Scene(ScriptedBackend::Greet greet)
      : backend_(
            directory_ / "backend",
            {{"client_encoding", "UTF8"}, {"is_superuser", "off"}, {"server_version", "18.0"}},
            [](char type, std::string_view body) {
              // A query that says so never ends.
              return body.find("for ever") != std::string_view::npos
                         ? std::string()
                         : ScriptedBackend::behave(type, body);
            },
            [this, greet = std::move(greet)](std::uint32_t version) {
              const std::lock_guard lock(mutex_);
              asked_.push_back(version);
              return greet(version);
            }) {
    ::mkdir((directory_ / "l").c_str(), 0755);
    peerpool_ = std::make_unique<Peerpool>(directory_, config());
  }

  [[nodiscard]] Pq connect() const {
    return Pq("host=" + (directory_ / "l") + " user=app dbname=shop");
  }
  [[nodiscard]] const ScriptedBackend& backend() const noexcept { return backend_; }
  [[nodiscard]] Peerpool& peerpool() noexcept { return *peerpool_; }
  [[nodiscard]] std::vector<std::uint32_t> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  [[nodiscard]] std::string config() const {
    return "version: 1\nprocess: { workers: 1 }\n"
           "backends:\n  main:\n    protocol: postgresql\n    address: \"unix:" +
           (directory_ / "backend") +
           "\"\n    login: trust\n    expect_peer: { uid: " + std::to_string(::geteuid()) +
           " }\npools: { mode: transaction, size: 2, wait_timeout: 20s }\n"
           "listeners:\n  pg:\n    path: " +
           (directory_ / "l/.s.PGSQL.5432") +
           "\n    backend: main\n    mode: \"0666\"\n    open_to_everybody: true\n"
           "rules:\n  - { name: everybody, allow: anyone, listener: pg, databases: [shop], "
           "roles: [app] }\n";
  }

  TempDir directory_;
  mutable std::mutex mutex_;
  std::vector<std::uint32_t> asked_;
  ScriptedBackend backend_;
  std::unique_ptr<Peerpool> peerpool_;
};

}  // namespace

TEST_CASE("a backend that speaks 3.2 is sent its whole key when something is cancelled") {
  const std::size_t length = GENERATE(as<std::size_t>{}, 4, 32, 256);
  std::string key;
  for (std::size_t i = 0; i < length; ++i) {
    key += static_cast<char>(i * 7 + 1);
  }
  Scene scene([key](std::uint32_t) { return ScriptedBackend::Welcome{"", key}; });
  Pq client = scene.connect();
  REQUIRE(client.exec("SELECT").ok);
  CHECK(scene.asked() == std::vector<std::uint32_t>{kProtocol32});
  REQUIRE(PQsendQuery(client.get(), "SELECT 'for ever'") == 1);
  const std::unique_ptr<PGcancel, void (*)(PGcancel*)> own(PQgetCancel(client.get()), PQfreeCancel);
  std::string complaint(256, '\0');
  // Again until the query has come that far.
  REQUIRE(eventually([&] {
    return PQcancel(own.get(), complaint.data(), static_cast<int>(complaint.size())) == 1 &&
           !scene.backend().cancels().empty();
  }));
  CHECK(scene.backend().cancels().front() == number(1) + key);
}

TEST_CASE("a backend that speaks 3.0 says so, or nothing, and serves all the same") {
  const bool says_so = GENERATE(false, true);
  Scene scene([says_so](std::uint32_t) {
    return ScriptedBackend::Welcome{says_so ? negotiate(kProtocol30) : "", "key!"};
  });
  Pq client = scene.connect();
  CHECK(client.exec("SELECT").command_tag == "SELECT 0");
  CHECK(scene.asked() == std::vector<std::uint32_t>{kProtocol32});
}

TEST_CASE("a backend that refuses 3.2 is asked for 3.0 at once, and from then on") {
  const std::string sqlstate = GENERATE(as<std::string>{}, "0A000", "08P01");
  Scene scene([sqlstate](std::uint32_t version) {
    return version == kProtocol30 ? ScriptedBackend::Welcome{"", "key!"}
                                  : ScriptedBackend::Welcome{errorResponse(sqlstate), "", true};
  });
  Pq one = scene.connect();
  CHECK(one.exec("BEGIN").ok);
  Pq two = scene.connect();
  CHECK(two.exec("SELECT").ok);
  const std::vector<std::uint32_t> asked = scene.asked();
  REQUIRE(asked.size() >= 2);
  CHECK(asked[0] == kProtocol32);
  CHECK(std::count(asked.begin(), asked.end(), kProtocol30) ==
        static_cast<std::ptrdiff_t>(asked.size()) - 1);
}

TEST_CASE("a backend that refuses every login is not asked twice for each, but for the first") {
  Scene scene([](std::uint32_t) {
    return ScriptedBackend::Welcome{errorResponse("08P01"), "", true};
  });
  Pq client = scene.connect();
  CHECK(client.sqlstate() == "08P01");
  const std::vector<std::uint32_t> asked = scene.asked();
  REQUIRE(asked.size() >= 2);
  CHECK(std::count(asked.begin(), asked.end(), kProtocol32) == 1);
  CHECK(asked.size() <= 4);
}

TEST_CASE("a backend that abuses the negotiation or its key is not logged in to") {
  struct Case {
    std::string before;
    std::string key;
    std::string reason;
  };
  const Case cases[] = {
      {negotiate(kProtocol32), "key!", "bad NegotiateProtocolVersion"},
      {negotiate(kProtocol32 + 1), "key!", "bad NegotiateProtocolVersion"},
      {negotiate(kProtocol30 + 1), "key!", "bad NegotiateProtocolVersion"},
      {negotiate(kProtocol30, 1), "key!", "bad NegotiateProtocolVersion"},
      {negotiate(kProtocol30) + negotiate(kProtocol30), "key!", "bad NegotiateProtocolVersion"},
      {rawMessage('v', "short"), "key!", "bad NegotiateProtocolVersion"},
      {negotiate(kProtocol30), std::string(32, 'k'), "bad BackendKeyData"},
      {"", "", "bad BackendKeyData"},
      {"", "abc", "bad BackendKeyData"},
      {"", std::string(257, 'k'), "bad BackendKeyData"},
      {"", std::string(100'000, 'k'), ""}};
  for (const Case& item : cases) {
    CAPTURE(item.reason, item.key.size());
    Scene scene([&item](std::uint32_t) { return ScriptedBackend::Welcome{item.before, item.key}; });
    Pq client = scene.connect();
    CHECK(client.sqlstate() == "08P01");
    const auto lines = scene.peerpool().waitForEvents("server login failed", 1);
    REQUIRE_FALSE(lines.empty());
    const std::string reason = lines[0]["reason"];
    CAPTURE(reason);
    CHECK(reason.find(item.reason) != std::string::npos);
    CHECK(scene.peerpool().running());
  }
}

}  // namespace peerpool::testing

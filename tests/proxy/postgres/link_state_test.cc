#include "proxy/postgres/link_state.h"

#include <catch2/catch.hpp>
#include <string>

using namespace peerpool;
using namespace peerpool::postgres;
using Reset = SessionRemains::Reset;

namespace {

/// One client at one server.
struct Scene {
  explicit Scene(config::SessionState policy = config::SessionState::Pin,
                 config::PoolMode mode = config::PoolMode::Transaction) {
    config::Pool settings;
    settings.mode = mode;
    settings.session_state = policy;
    state.begin(settings, pins, remains);
  }
  void send(std::string_view sql, char status = 'I') {
    state.onSent(effectOf(sql), status, followed, remains);
  }
  /// S(ET), R(ESET), L(ISTEN), E(rror); then ReadyForQuery.
  void answer(const std::string& answers, char status = 'I', bool idle = true) {
    for (const char answer : answers) {
      ServerScanner::Scan scan;
      scan.set_tags = answer == 'S' || answer == 'R' ? 1 : 0;
      scan.state_tags = answer == 'S' || answer == 'L' ? 1 : 0;
      scan.state = answer == 'L' ? StateKind::Listen : StateKind::Parameter;
      scan.failed = answer == 'E';
      state.onAnswer(scan, remains);
    }
    state.onReady(status, idle, followed, there, remains);
  }
  [[nodiscard]] Reset needed() const { return remains.needed(false, std::nullopt, {}, none); }
  [[nodiscard]] std::string set() const {
    std::string sql;
    followed.appendDifference(sql, {});
    return sql;
  }

  PinCounts pins;
  SessionRemains remains;
  FollowedSettings followed;
  FollowedSettings there;
  ServerStatements none;
  LinkState state;
};

}  // namespace

TEST_CASE("A SET outside of a transaction follows its client and leaves nothing to reset") {
  Scene scene;
  scene.send("SET work_mem = '1MB'; SET TIME ZONE 'UTC'");
  CHECK(scene.state.unsure());
  scene.answer("SS");
  CHECK_FALSE(scene.state.unsure());
  CHECK(scene.set() == "SET \"work_mem\" TO '1MB'");
  std::string difference;
  scene.followed.appendDifference(difference, scene.there);
  CHECK(difference.empty());
  CHECK_FALSE(scene.state.pinned());
  CHECK(scene.needed() == Reset::None);
  scene.send("RESET ALL");
  scene.answer("R");
  CHECK(scene.followed.empty());
  CHECK(scene.there.empty());
}

TEST_CASE("A SET that fails has not happened") {
  Scene scene;
  scene.send("SET a = 1; SET b = 2");
  scene.answer("SE");
  CHECK(scene.followed.empty());
  CHECK_FALSE(scene.state.pinned());
  scene.send("SET a = 1");
  scene.answer("");  // Parsed and never executed.
  CHECK(scene.followed.empty());
  scene.answer("S");  // It is executed later.
  CHECK(scene.state.pinned() == StateKind::Parameter);
}

TEST_CASE("A RESET binds nobody who has set nothing, not in a transaction either") {
  Scene scene;
  scene.send("RESET ALL", 'T');
  scene.send("RESET a", 'T');
  scene.answer("RR", 'T');
  scene.answer("", 'I');
  CHECK_FALSE(scene.state.pinned());
  scene.send("SELECT 1; SET a = 1; RESET ALL; SET b = 2");
  scene.answer("SRS");
  CHECK_FALSE(scene.state.pinned());
  CHECK(scene.set() == "SET \"b\" TO 2");
  scene.send("RESET ALL", 'T');
  CHECK(scene.state.pinned() == StateKind::Parameter);
}

TEST_CASE("A SET whose outcome is uncertain binds its client to the server") {
  SECTION("in a transaction") {
    Scene scene;
    scene.send("SET a = 1", 'T');
    CHECK(scene.state.pinned() == StateKind::Parameter);
  }
  SECTION("which begins behind it") {
    Scene scene;
    scene.send("SET a = 1");
    scene.answer("S", 'T');
    CHECK(scene.state.pinned() == StateKind::Parameter);
    CHECK(scene.followed.empty());
  }
  SECTION("while another one is under way") {
    Scene scene;
    scene.send("SET a = 1");
    scene.send("SET b = 1");
    CHECK(scene.state.pinned() == StateKind::Parameter);
  }
  SECTION("by more commands than were foreseen") {
    Scene scene;
    scene.send("SET a = 1");
    scene.answer("SR");
    CHECK(scene.state.pinned() == StateKind::Parameter);
    CHECK(scene.followed.empty());
  }
  SECTION("when there are too many") {
    Scene scene;
    for (std::size_t i = 0; i < FollowedSettings::kMost; ++i) {
      scene.send("SET a" + std::to_string(i) + " = 1");
      scene.answer("S");
    }
    CHECK_FALSE(scene.state.pinned());
    scene.send("SET b = 1");
    CHECK(scene.state.pinned() == StateKind::Parameter);
  }
}

TEST_CASE("A tag that no text has foreseen binds too, and one that was does not") {
  Scene scene;
  scene.send("SET LOCAL a = 1", 'T');
  scene.send("DECLARE c CURSOR FOR SELECT 1", 'T');
  scene.answer("SL", 'T');
  CHECK_FALSE(scene.state.pinned());
  CHECK(scene.state.unsure());
  scene.send("SET LOCAL a = 1", 'T');
  scene.answer("E", 'E');
  scene.answer("", 'I');
  CHECK_FALSE(scene.state.unsure());
  scene.answer("S");  // The one before was not carried out.
  CHECK(scene.state.pinned() == StateKind::Parameter);
  CHECK(scene.needed() == Reset::All);
}

TEST_CASE("State is pinned, reset or refused, and what is unknown is reset") {
  Scene pin;
  pin.send("SELECT f()");
  CHECK_FALSE(pin.state.pinned());
  CHECK(pin.needed() == Reset::All);
  pin.send("LISTEN a");
  CHECK(pin.state.pinned() == StateKind::Listen);
  CHECK_FALSE(pin.state.refused());
  Scene reset(config::SessionState::Reset);
  Scene refuse(config::SessionState::Refuse);
  for (Scene* scene : {&reset, &refuse}) {
    scene->send("SET TIME ZONE 'UTC'");
    scene->answer("S");
    CHECK(scene->needed() == Reset::None);
    scene->send("SET work_mem = '1MB'");
    scene->answer("S");
    CHECK_FALSE(scene->state.pinned());
    CHECK(scene->followed.empty());
    CHECK(scene->needed() == Reset::All);
  }
  CHECK_FALSE(reset.state.refused());
  CHECK(refuse.state.refused());
}

TEST_CASE("In session pooling the server is the client's, and is reset behind it") {
  Scene scene(config::SessionState::Refuse, config::PoolMode::Session);
  CHECK(scene.state.pinned() == StateKind::Session);
  CHECK(scene.needed() == Reset::All);
  scene.answer("L");
  CHECK_FALSE(scene.state.refused());
}

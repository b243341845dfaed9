// A socket file that takes the place of another, and several changes that are made or undone
// together.

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "proxy/net/directory_undo.h"
#include "proxy/net/socket_file.h"
#include "tests/proxy/net/file_fixture.h"

namespace peerpool::net {
namespace {

SocketFileOptions optionsFor(const std::string& path, mode_t mode) {
  SocketFileOptions options;
  options.path = path;
  options.access.mode = mode;
  return options;
}

void succeed(std::unique_ptr<SocketFile>& before, SocketFile& after,
             const ScratchDirectory& scratch) {
  after.publish();
  after.settle();
  before.reset();
  CHECK(scratch.names() == std::vector<std::string>{"socket", "socket.lock"});
  CHECK(connectTo(after.path(), SocketKind::Stream) == 0);
}

TEST_CASE("a prepared socket refuses everybody until it is published") {
  const ScratchDirectory scratch;
  const std::string path = scratch.file("socket");
  {
    const auto prepared = SocketFile::prepare(optionsFor(path, 0600), nullptr);
    CHECK(connectTo(path, SocketKind::Stream) == ECONNREFUSED);
    CHECK_FALSE(prepared->inPlace());
  }
  CHECK(scratch.names().empty());
  {
    const auto prepared = SocketFile::prepare(optionsFor(path, 0600), nullptr);
    prepared->publish();
    CHECK(prepared->inPlace());
    CHECK(connectTo(path, SocketKind::Stream) == 0);
  }  // Not settled: as if it had never been.
  CHECK(scratch.names().empty());
}

TEST_CASE("a successor takes name and lock, and the predecessor goes without harm") {
  const ScratchDirectory scratch;
  const std::string path = scratch.file("socket");
  auto before = std::make_unique<SocketFile>(optionsFor(path, 0600));
  const auto after = SocketFile::prepare(optionsFor(path, 0666), before.get());
  CHECK(testing::permissionsOf(path) == 0600);
  after->publish();
  CHECK(testing::permissionsOf(path) == 0666);
  after->settle();
  CHECK(scratch.names() == std::vector<std::string>{"socket", "socket.lock"});
  before.reset();
  CHECK(scratch.names() == std::vector<std::string>{"socket", "socket.lock"});
  CHECK(connectTo(path, SocketKind::Stream) == 0);
  // The lock is held: by the successor.
  CHECK_FALSE(errorOf([&] { SocketFile{optionsFor(path, 0600)}; }).empty());
}

TEST_CASE("a successor that is not settled puts the predecessor back") {
  const ScratchDirectory scratch;
  const std::string path = scratch.file("socket");
  SocketFile before(optionsFor(path, 0600));
  const ino_t inode = statOf(path).st_ino;
  {
    const auto after = SocketFile::prepare(optionsFor(path, 0666), &before);
    after->publish();
    REQUIRE(statOf(path).st_ino != inode);
  }
  CHECK(statOf(path).st_ino == inode);
  CHECK(before.inPlace());
  CHECK(scratch.names() == std::vector<std::string>{"socket", "socket.lock"});
  CHECK(connectTo(path, SocketKind::Stream) == 0);
}

TEST_CASE("a successor of a file that somebody removed takes the free name") {
  const ScratchDirectory scratch;
  const std::string path = scratch.file("socket");
  auto before = std::make_unique<SocketFile>(optionsFor(path, 0600));
  REQUIRE(::unlink(path.c_str()) == 0);
  CHECK_FALSE(before->inPlace());
  const auto after = SocketFile::prepare(optionsFor(path, 0600), before.get());
  succeed(before, *after, scratch);
}

TEST_CASE("a successor takes a lock anew that somebody removed, unless another has it now") {
  const bool other = GENERATE(false, true);
  CAPTURE(other);
  const ScratchDirectory scratch;
  const std::string path = scratch.file("socket");
  auto before = std::make_unique<SocketFile>(optionsFor(path, 0600));
  REQUIRE(::unlink(path.c_str()) == 0);
  REQUIRE(::unlink((path + ".lock").c_str()) == 0);
  if (other) {
    const SocketFile taker(optionsFor(path, 0600));
    const std::string error =
        errorOf([&] { (void)SocketFile::prepare(optionsFor(path, 0600), before.get()); });
    CHECK(error.find("is in use") != std::string::npos);
    CHECK(taker.inPlace());
    return;
  }
  const auto after = SocketFile::prepare(optionsFor(path, 0600), before.get());
  succeed(before, *after, scratch);
  CHECK_FALSE(errorOf([&] { SocketFile{optionsFor(path, 0600)}; }).empty());
}

TEST_CASE("a directory is put back as it was, or kept") {
  const bool keep = GENERATE(false, true);
  const ScratchDirectory scratch;
  const std::string path = scratch.file("d");
  REQUIRE(::mkdir(path.c_str(), 0711) == 0);
  REQUIRE(::chmod(path.c_str(), 0711) == 0);
  {
    DirectoryUndo undo(path);
    (void)createDirectory({path, 0750, std::nullopt, std::nullopt});
    grantSearch(path, {{12345, false}});
    if (keep) {
      undo.keep();
    }
  }
  const bool changed = testing::permissionsOf(path) != 0711;
  CHECK(changed == keep);
}

TEST_CASE("directories that were not there are removed again, but for those with something in it") {
  const ScratchDirectory scratch;
  {
    const DirectoryUndo undo(scratch.file("a/b/c"));
    (void)createDirectory({scratch.file("a/b/c"), 0755, std::nullopt, std::nullopt});
    CHECK(testing::exists(scratch.file("a/b/c")));
  }
  CHECK(scratch.names().empty());
  {
    const DirectoryUndo undo(scratch.file("a/b/c"));
    (void)createDirectory({scratch.file("a/b/c"), 0755, std::nullopt, std::nullopt});
    writeFile(scratch.file("a/other"), "");
  }
  CHECK(testing::filesIn(scratch.file("a")) == std::vector<std::string>{"other"});
}

}  // namespace
}  // namespace peerpool::net

// What a log file may be and what not.

#include "proxy/observe/append_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <system_error>

#include "tests/support/credentials.h"
#include "tests/support/temp_dir.h"

namespace peerpool::observe {
namespace {

using testing::readFile;
using testing::TempDir;
using testing::writeFile;

void append(const std::string& path, const std::string& text) {
  std::size_t written = 0;
  AppendFile(path, "audit log").append(text, written);
  CHECK(written == text.size());
}

TEST_CASE("A symbolic link is not followed, and its target stays as it is") {
  const TempDir directory;
  writeFile(directory / "target", "before");
  REQUIRE(::symlink((directory / "target").c_str(), (directory / "log").c_str()) == 0);
  try {
    const AppendFile file(directory / "log", "audit log");
    FAIL("it was opened");
  } catch (const std::system_error& error) {
    CHECK(error.what() == "audit log " + (directory / "log") +
                              " is a symbolic link: Too many levels of symbolic links");
  }
  CHECK(readFile(directory / "target") == "before");
}

TEST_CASE("A hard link, a directory and a FIFO are refused") {
  const TempDir directory;
  writeFile(directory / "other", "before");
  REQUIRE(::link((directory / "other").c_str(), (directory / "link").c_str()) == 0);
  REQUIRE(::mkfifo((directory / "fifo").c_str(), 0600) == 0);
  CHECK_THROWS_AS(AppendFile(directory / "link", "log file"), std::system_error);
  CHECK_THROWS_AS(AppendFile(directory / "fifo", "log file"), std::system_error);
  CHECK_THROWS_AS(AppendFile(directory.path(), "log file"), std::system_error);
}

TEST_CASE("A file that somebody else owns is refused") {
  if (testing::skipWithoutRoot()) {
    return;
  }
  const TempDir directory;
  writeFile(directory / "log", "");
  REQUIRE(::chown((directory / "log").c_str(), 61001, 61001) == 0);
  CHECK_THROWS_AS(AppendFile(directory / "log", "log file"), std::system_error);
}

TEST_CASE("The rest of a line that a process did not finish is ended first") {
  const TempDir directory;
  writeFile(directory / "log", "half a li");
  append(directory / "log", "whole\n");
  append(directory / "log", "next\n");
  CHECK(readFile(directory / "log") == "half a li\nwhole\nnext\n");
}

TEST_CASE("It has mode 0640 whatever the umask leaves, and a failure names errno and path") {
  const TempDir directory;
  append(directory / "log", "x\n");
  struct stat facts {};
  REQUIRE(::stat((directory / "log").c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777 & ~0640U) == 0);
  std::size_t written = 1;
  AppendFile full("/dev/full", "audit log");
  try {
    full.append("x\n", written);
    FAIL("a full device took it");
  } catch (const std::system_error& error) {
    CHECK(error.code() == std::errc::no_space_on_device);
    CHECK(std::string(error.what()).find("audit log /dev/full") != std::string::npos);
  }
  CHECK(written == 0);
}

}  // namespace
}  // namespace peerpool::observe

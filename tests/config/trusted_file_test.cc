#include "config/trusted_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/support/credentials.h"
#include "tests/support/temp_dir.h"

namespace peerpool::config {
namespace {

using testing::TempDir;
using testing::writeFile;

constexpr uid_t kStranger = 54321;

/// Messages of the errors; a temporary directory also gives the warning about a sticky /tmp.
std::vector<std::string> errorsAfterReading(const std::string& path, uid_t service = ::geteuid()) {
  Diagnostics out;
  const bool was_read = TrustedFiles(service, out).read(path).has_value();
  CHECK(was_read == !out.hasErrors());
  std::vector<std::string> errors;
  for (const Diagnostic& diagnostic : out.sorted()) {
    CHECK(diagnostic.where.file == path);
    if (diagnostic.severity == Diagnostic::Severity::Error) {
      errors.push_back(diagnostic.message);
    }
  }
  return errors;
}

void setMode(const std::string& path, mode_t mode) { REQUIRE(::chmod(path.c_str(), mode) == 0); }

TEST_CASE("a file of ours that only we may write is read as it is") {
  const TempDir dir;
  writeFile(dir / "f", "content\n");
  setMode(dir / "f", 0644);
  Diagnostics out;
  TrustedFiles files(::geteuid(), out);
  CHECK(files.read(dir / "f") == "content\n");
  CHECK_FALSE(out.hasErrors());
  CHECK_FALSE(files.read(dir / "f").has_value());
}

TEST_CASE("a file that group or others may write is refused") {
  const TempDir dir;
  writeFile(dir / "f", "");
  for (const mode_t mode : {0664U, 0646U, 0666U, 0622U}) {
    setMode(dir / "f", mode);
    const std::vector<std::string> errors = errorsAfterReading(dir / "f");
    REQUIRE(errors.size() == 1);
    CHECK_THAT(errors[0], Catch::StartsWith("others may write the file (mode 06"));
  }
}

TEST_CASE(
    "a directory above that others may write is refused and only warned about if sticky (check "
    "49)") {
  const TempDir dir;
  REQUIRE(::mkdir((dir / "a").c_str(), 0755) == 0);
  REQUIRE(::mkdir((dir / "a/b").c_str(), 0755) == 0);
  writeFile(dir / "a/b/f", "");
  CHECK(errorsAfterReading(dir / "a/b/f").empty());
  setMode(dir / "a", 0775);
  const std::vector<std::string> errors = errorsAfterReading(dir / "a/b/f");
  REQUIRE(errors.size() == 1);
  CHECK(errors[0] == "others may write the directory " + (dir / "a") + " (mode 0775)");
  if (testing::canSwitchUser()) {
    setMode(dir / "a", 01777);
    CHECK(errorsAfterReading(dir / "a/b/f").empty());
    Diagnostics out;
    (void)TrustedFiles(::geteuid(), out).read(dir / "a/b/f");
    const std::vector<Diagnostic> warnings = out.sorted();
    REQUIRE_FALSE(warnings.empty());
    CHECK_THAT(warnings.back().message, Catch::Contains("a (mode 1777)"));
  }
}

TEST_CASE("a sticky directory helps only when it is root's") {
  if (testing::skipWithoutRoot()) {
    return;
  }
  const TempDir dir;
  REQUIRE(::mkdir((dir / "d").c_str(), 0755) == 0);
  writeFile(dir / "d/f", "");
  REQUIRE(::chown((dir / "d").c_str(), kStranger, 0) == 0);
  CHECK(errorsAfterReading(dir / "d/f", kStranger).empty());
  setMode(dir / "d", 01777);
  CHECK(errorsAfterReading(dir / "d/f", kStranger).size() == 1);
}

TEST_CASE("the way through symbolic links is checked too") {
  const TempDir dir;
  REQUIRE(::mkdir((dir / "open").c_str(), 0755) == 0);
  REQUIRE(::mkdir((dir / "real").c_str(), 0755) == 0);
  writeFile(dir / "real/f", "");
  REQUIRE(::symlink("../real/f", (dir / "open/link").c_str()) == 0);
  REQUIRE(::symlink((dir / "open/link").c_str(), (dir / "f").c_str()) == 0);
  CHECK(errorsAfterReading(dir / "f").empty());
  setMode(dir / "open", 0777);
  REQUIRE(errorsAfterReading(dir / "f").size() == 1);
  CHECK_THAT(errorsAfterReading(dir / "f")[0], Catch::Contains(dir / "open (mode 0777)"));
  CHECK(errorsAfterReading(dir / "real/f").empty());
  setMode(dir / "open", 0755);
  setMode(dir / "real", 0777);
  CHECK(errorsAfterReading(dir / "f").size() == 1);
}

TEST_CASE("what belongs to somebody else is refused: file, directory and link") {
  if (testing::skipWithoutRoot()) {
    return;
  }
  const TempDir dir;
  REQUIRE(::mkdir((dir / "d").c_str(), 0755) == 0);
  writeFile(dir / "d/f", "");
  REQUIRE(::symlink("d/f", (dir / "link").c_str()) == 0);
  REQUIRE(::chown((dir / "d/f").c_str(), kStranger, 0) == 0);
  REQUIRE(errorsAfterReading(dir / "d/f").size() == 1);
  CHECK(errorsAfterReading(dir / "d/f")[0] == "the file belongs to uid 54321");
  CHECK(errorsAfterReading(dir / "d/f", kStranger).empty());
  REQUIRE(::chown((dir / "d/f").c_str(), 0, 0) == 0);
  REQUIRE(::chown((dir / "d").c_str(), kStranger, 0) == 0);
  REQUIRE(errorsAfterReading(dir / "d/f").size() == 1);
  CHECK(errorsAfterReading(dir / "d/f")[0] ==
        "the directory " + (dir / "d") + " belongs to uid 54321");
  REQUIRE(::chown((dir / "d").c_str(), 0, 0) == 0);
  REQUIRE(::lchown((dir / "link").c_str(), kStranger, 0) == 0);
  REQUIRE(errorsAfterReading(dir / "link").size() == 1);
  CHECK_THAT(errorsAfterReading(dir / "link")[0], Catch::StartsWith("the symbolic link "));
}

TEST_CASE("a secret is a file of ours without access for others") {
  const TempDir dir;
  writeFile(dir / "secret", "x");
  REQUIRE(::symlink("secret", (dir / "link").c_str()) == 0);
  const auto check = [&](const std::string& path) {
    Diagnostics out;
    TrustedFiles(::geteuid(), out).checkSecret(path, {"f.yaml", 3, 4}, "backends.main.secrets.a");
    std::string errors;
    for (const Diagnostic& diagnostic : out.sorted()) {
      if (diagnostic.severity == Diagnostic::Severity::Error) {
        errors += describe(diagnostic) + '\n';
      }
    }
    return errors;
  };
  setMode(dir / "secret", 0600);
  CHECK(check(dir / "secret").empty());
  setMode(dir / "secret", 0400);
  CHECK(check(dir / "secret").empty());
  setMode(dir / "secret", 0640);
  CHECK_THAT(
      check(dir / "secret"),
      Catch::StartsWith("f.yaml:3:4: error: backends.main.secrets.a: others have access to "));
  CHECK_THAT(check(dir / "link"), Catch::Contains("is not a regular file"));
  CHECK_THAT(check(dir / "missing"), Catch::Contains("No such file"));
}

}  // namespace
}  // namespace peerpool::config

// Secrets are wiped, and their files are refused unless nobody else can touch them.

#include "auth/secret.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>
#include <type_traits>

#include "tests/support/credentials.h"
#include "tests/support/temp_dir.h"

namespace peerpool::auth {
namespace {

static_assert(!std::is_copy_constructible_v<Secret>);
static_assert(!std::is_copy_assignable_v<Secret>);

/// A file called "secret", and the path of a "link" beside it.
class ScratchDirectory {
 public:
  [[nodiscard]] std::string file() const { return directory_ / "secret"; }
  [[nodiscard]] std::string link() const { return directory_ / "link"; }
  void write(const std::string& content, mode_t mode = 0400) const {
    static_cast<void>(::unlink(file().c_str()));
    testing::writeFile(file(), content);
    REQUIRE(::chmod(file().c_str(), mode) == 0);
  }

 private:
  testing::TempDir directory_;
};

/// Content of the file, or the error with the path's last part.
std::string loaded(const std::string& path) {
  const auto secret = loadSecretFile(path);
  if (secret) {
    return std::string(asText(secret->bytes()));
  }
  CHECK(secret.error().text.find(path) != std::string::npos);
  return "error: " + secret.error().text.substr(secret.error().text.find(": ") + 2);
}

TEST_CASE("memory is wiped") {
  char text[] = "hunter2";
  wipe(text, sizeof text);
  CHECK(std::string(text, sizeof text) == std::string(sizeof text, '\0'));
  wipe(nullptr, 0);
}

TEST_CASE("a moved secret leaves nothing behind") {
  Secret first(asBytes("hunter2"));
  Secret second(std::move(first));
  CHECK(first.empty());  // NOLINT(bugprone-use-after-move): that is what is tested.
  CHECK(asText(second.bytes()) == "hunter2");
  Secret third(asBytes("other"));
  third = std::move(second);
  CHECK(second.empty());  // NOLINT(bugprone-use-after-move): that is what is tested.
  CHECK(asText(third.bytes()) == "hunter2");
  CHECK(Secret().empty());
}

TEST_CASE("one newline at the end is not part of the secret") {
  const ScratchDirectory directory;
  const std::pair<std::string, std::string> rows[] = {
      {"hunter2", "hunter2"},
      {"hunter2\n", "hunter2"},
      {"hunter2\n\n", "hunter2\n"},
      {" a b ", " a b "},
      {std::string(1024, 'x'), std::string(1024, 'x')}};
  for (const auto& [content, secret] : rows) {
    directory.write(content);
    CHECK(loaded(directory.file()) == secret);
  }
}

TEST_CASE("secret files that others can touch, or that are none, are refused (check 48)") {
  const ScratchDirectory directory;
  for (const mode_t mode : {0600U, 0400U, 0700U}) {
    directory.write("hunter2", mode);
    CHECK(loaded(directory.file()) == "hunter2");
  }
  for (const mode_t mode : {0640U, 0604U, 0620U, 0602U, 0610U, 0601U, 0644U}) {
    directory.write("hunter2", mode);
    CHECK(loaded(directory.file()) == "error: others have access to it; use mode 0400 or 0600");
  }
  directory.write("");
  CHECK(loaded(directory.file()) == "error: is empty");
  directory.write("\n");
  CHECK(loaded(directory.file()) == "error: is empty");
  directory.write(std::string("a\0b", 3));
  CHECK(loaded(directory.file()) == "error: contains a zero byte, which no password can");
  directory.write(std::string(1025, 'x'));
  CHECK(loaded(directory.file()) == "error: is larger than 1024 bytes");
  directory.write(std::string(100000, 'x'));
  CHECK(loaded(directory.file()) == "error: is larger than 1024 bytes");
  directory.write("hunter2");
  REQUIRE(::symlink("secret", directory.link().c_str()) == 0);
  CHECK(loaded(directory.link()) == "error: is a symbolic link");
  REQUIRE(::unlink(directory.link().c_str()) == 0);
  REQUIRE(::mkfifo(directory.link().c_str(), 0600) == 0);
  CHECK(loaded(directory.link()) == "error: is not a regular file");
  CHECK(loaded("/tmp") == "error: is not a regular file");
  CHECK(loaded(directory.file() + "-none") == "error: No such file or directory");
}

TEST_CASE("a secret of a stranger is refused") {
  if (testing::skipWithoutRoot()) {
    return;
  }
  const ScratchDirectory directory;
  directory.write("hunter2");
  REQUIRE(::chown(directory.file().c_str(), 4242, 4242) == 0);
  CHECK(loaded(directory.file()) == "error: belongs to uid 4242, not to root or the service");
}

/// What systemd makes: files that only the service can reach, in a directory of their own.
struct Credentials {
  Credentials() { REQUIRE(::chmod(directory.path().c_str(), 0500) == 0); }
  void write(const std::string& name, const std::string& content, mode_t mode) const {
    REQUIRE(::chmod(directory.path().c_str(), 0700) == 0);
    testing::writeFile(directory / name, content);
    REQUIRE(::chmod((directory / name).c_str(), mode) == 0);
    REQUIRE(::chmod(directory.path().c_str(), 0500) == 0);
  }
  [[nodiscard]] std::string load(const std::string& secret) const {
    const auto result = loadSecret(secret, directory.path());
    return result ? std::string(asText(result->bytes())) : "error: " + result.error().text;
  }
  testing::TempDir directory;
};

TEST_CASE("a credential is read from the directory of the service manager") {
  const Credentials credentials;
  credentials.write("shop", "hunter2\n", 0400);
  credentials.write("by-acl", "hunter3", 0440);
  CHECK(credentials.load("credential:shop") == "hunter2");
  CHECK(credentials.load("credential:by-acl") == "hunter3");
  CHECK(credentials.load("credential:missing") == "error: secret file " +
                                                      (credentials.directory / "missing") +
                                                      ": No such file or directory");
}

TEST_CASE("a credential that others can touch is refused, and so is a way out of the directory") {
  const Credentials credentials;
  credentials.write("writable", "hunter2", 0420);
  credentials.write("readable", "hunter2", 0404);
  credentials.write("large", std::string(kMaxSecretFileSize + 2, 'x'), 0400);
  for (const char* name : {"writable", "readable"}) {
    CHECK(credentials.load(std::string("credential:") + name) ==
          "error: secret file " + (credentials.directory / name) +
              ": others have access to it; use mode 0400 or 0600");
  }
  CHECK(credentials.load("credential:large").find("is larger than") != std::string::npos);
  CHECK(credentials.load("credential:../etc/passwd").find("is no name") != std::string::npos);
  CHECK(credentials.load("credential:..").find("is no name") != std::string::npos);
  REQUIRE(::chmod(credentials.directory.path().c_str(), 0755) == 0);
  CHECK(credentials.load("credential:writable").find("others have access to its directory") !=
        std::string::npos);
}

TEST_CASE("without a service manager there is no credential, but a file still is one") {
  const auto none = loadSecret("credential:shop", "");
  REQUIRE_FALSE(none);
  CHECK(none.error().code == ErrorCode::Unreachable);
  CHECK(none.error().text.find("LoadCredential=") != std::string::npos);
  const ScratchDirectory scratch;
  scratch.write("hunter2");
  const auto file = loadSecret(scratch.file(), "");
  REQUIRE(file);
  CHECK(asText(file->bytes()) == "hunter2");
}

}  // namespace
}  // namespace peerpool::auth

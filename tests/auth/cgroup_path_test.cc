#include "auth/cgroup_path.h"

#include <catch2/catch.hpp>
#include <string>

namespace peerpool::auth {
namespace {

const std::string kId(64, 'a');

CgroupPlace parsed(const std::string& path) {
  const auto place = parseCgroupPath(path);
  REQUIRE(place.has_value());
  return *place;
}

TEST_CASE("A unit is read from the root of its path") {
  const CgroupPlace web = parsed("/system.slice/web.service");
  CHECK(web.unit == "web.service");
  CHECK(web.slices == std::vector<std::string>{"system.slice"});
  CHECK(web.path == "/system.slice/web.service");
  CHECK(parsed("/system.slice/nginx.service/postgresql.service").unit == "nginx.service");
  CHECK(parsed("/init.scope").unit == "init.scope");
  CHECK(parsed("/").unit.empty());
  CHECK(parsed("/system.slice").unit.empty());
  CHECK(parsed("/mine/postgresql.service").unit.empty());
}

TEST_CASE("All slices above a unit are kept in order") {
  const CgroupPlace job = parsed("/ci.slice/ci-nightly.slice/job@7.service/x.slice");
  CHECK(job.slices == std::vector<std::string>{"ci.slice", "ci-nightly.slice"});
  CHECK(job.unit == "job@7.service");
  CHECK(job.instance == "7");
}

TEST_CASE("Escapes are those of systemd") {
  CHECK(parsed("/system.slice/_cpu.service").unit == "cpu.service");
  CHECK(parsed("/system.slice/foo\\x2dbar.service").unit == "foo\\x2dbar.service");
  CHECK(parsed("/system.slice/system-a.slice/a@b\\x2fc.service").instance == "b\\x2fc");
}

TEST_CASE("A unit of a user's manager is not one of the system (check 6)") {
  const CgroupPlace place =
      parsed("/user.slice/user-6500.slice/user@6500.service/app.slice/postgresql.service");
  CHECK(place.unit == "user@6500.service");
  CHECK(place.instance == "6500");
  CHECK(place.user_unit == "postgresql.service");
  CHECK(place.slices == std::vector<std::string>{"user.slice", "user-6500.slice"});
}

TEST_CASE("Containers are known by the names that engines give") {
  struct Row {
    std::string path;
    ContainerEngine engine;
    std::string id;
  };
  const Row rows[] = {
      {"/system.slice/docker-" + kId + ".scope", ContainerEngine::Docker, kId},
      {"/docker/" + kId, ContainerEngine::Docker, kId},
      {"/docker/" + kId + "/system.slice/web.service", ContainerEngine::Docker, kId},
      {"/machine.slice/libpod-" + kId + ".scope/container", ContainerEngine::Podman, kId},
      {"/libpod_parent/libpod-" + kId, ContainerEngine::Podman, kId},
      {"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + kId + ".scope",
       ContainerEngine::Podman, kId},
      {"/kubepods.slice/kubepods-pod1.slice/cri-containerd-" + kId + ".scope",
       ContainerEngine::Other, kId},
      {"/kubepods/besteffort/pod1/" + kId, ContainerEngine::Other, ""},
      {"/machine.slice/machine-x.scope/payload/system.slice/postgresql.service",
       ContainerEngine::Other, ""},
      {"/lxc.payload.web/system.slice", ContainerEngine::Other, ""},
      {"/system.slice/docker.service", ContainerEngine::None, ""},
      {"/system.slice/docker-" + kId + ".service", ContainerEngine::None, ""},
      {"/system.slice/docker-short.scope", ContainerEngine::None, ""},
      {"/system.slice/web.service/docker/" + kId, ContainerEngine::None, ""},
      {"/docker/short", ContainerEngine::None, ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    CHECK(parsed(row.path).engine == row.engine);
    CHECK(parsed(row.path).container_id == row.id);
  }
}

TEST_CASE("What is outside our cgroup namespace or removed is not known") {
  for (const char* path : {"", "system.slice", "/..", "/../web.service",
                           "/system.slice/web.service (deleted)", " (deleted)"}) {
    CAPTURE(path);
    CHECK_FALSE(parseCgroupPath(path).has_value());
  }
  CHECK(parseCgroupPath("/..web").has_value());
}

TEST_CASE("Hostile names are units of nobody") {
  CHECK(parsed("/system.slice/we b.service").unit.empty());
  CHECK(parsed("/system.slice/" + std::string(300, 'a') + ".service").unit.empty());
  CHECK(parsed("/system.slice/.service").unit.empty());
  CHECK(parsed("/.slice/web.service").unit.empty());
  CHECK(parsed("//web.service").unit.empty());
}

TEST_CASE("The line of cgroup2 is found among those of version 1") {
  CHECK(cgroup2Path("9:name=systemd:/a\n1:cpu:/b\n0::/system.slice/web.service\n") ==
        "/system.slice/web.service");
  CHECK(cgroup2Path("0::/") == "/");
  CHECK_FALSE(cgroup2Path("1:cpu:/\n10::/x\n").has_value());
  CHECK_FALSE(cgroup2Path("").has_value());
}

TEST_CASE("The mount of cgroup2 is found by its type") {
  const std::string hybrid =
      "25 1 254:0 / / rw - ext4 /dev/vda rw\n"
      "35 25 0:30 / /sys/fs/cgroup/cpu rw shared:9 - cgroup cgroup rw,cpu\n"
      "44 25 0:39 / /sys/fs/cgroup/unified rw shared:18 master:2 - cgroup2 cgroup2 rw\n";
  CHECK(cgroup2Mount(hybrid) == "/sys/fs/cgroup/unified");
  CHECK_FALSE(cgroup2Mount("25 1 254:0 / / rw - ext4 /dev/vda rw\n").has_value());
  CHECK_FALSE(cgroup2Mount("cgroup2 ").has_value());
}

}  // namespace
}  // namespace peerpool::auth

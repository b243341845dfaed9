#include "config/load.h"

#include <glob.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "config/places.h"
#include "config/read_config.h"
#include "config/trusted_file.h"
#include "config/validate.h"
#include "config/wording.h"
#include "config/yaml_reader.h"

namespace peerpool::config {
namespace {

constexpr std::string_view kTopLevel = "top level";
constexpr std::string_view kGlobCharacters = "*?[";

/// Directory part of `path` with its slash; empty for a bare name.
std::string directoryOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash + 1);
}

/// `text` so that glob(3) takes no character of it for a wildcard.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '\\' || kGlobCharacters.find(c) != std::string_view::npos) {
      result += '\\';
    }
    result += c;
  }
  return result;
}

/// For glob(3): a directory that is not there holds no files; one that cannot be read might.
int stopsAt(const char*, int error) { return error == ENOENT || error == ENOTDIR ? 0 : 1; }

/// The files that one pattern names, in byte order.
std::vector<std::string> expandPattern(const std::string& directory, const Value& value) {
  const std::optional<std::string> pattern = value.text();
  if (!pattern) {
    return {};
  }
  const std::string full = (pattern->front() == '/' ? "" : escaped(directory)) + *pattern;
  glob_t found{};
  const int code = ::glob(full.c_str(), GLOB_NOSORT, stopsAt, &found);
  std::vector<std::string> files(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  std::sort(files.begin(), files.end());
  if (code != 0 && code != GLOB_NOMATCH) {
    value.error("the directories that " + quoted(*pattern) + " names cannot be read");
  } else if (files.empty() && pattern->find_first_of(kGlobCharacters) == std::string::npos) {
    value.error("there is no file " + quoted(full), "a pattern with * may match nothing");
  }
  return files;
}

void loadIncluded(const std::string& main_file, const std::vector<Value>& include,
                  TrustedFiles& files, Reading& reading, Config& config) {
  for (const Value& pattern : include) {
    for (const std::string& file : expandPattern(directoryOf(main_file), pattern)) {
      try {
        const std::optional<std::string> text = files.read(file);
        if (!text) {
          continue;  // Refused, named by two patterns, or the main file.
        }
        config.files.push_back(file);
        if (const std::optional<YamlNode> root = readYaml(*text, file, reading.out)) {
          readIncludedFile(Value(*root, "", kTopLevel, "", reading), config);
        }
      } catch (const std::system_error& error) {
        pattern.error(error.what());
      }
    }
  }
}

}  // namespace

Config loadText(std::string_view text, const std::string& file, Diagnostics& out) {
  Places places;
  Reading reading{out, places};
  Config config;
  config.files.push_back(file);
  if (const std::optional<YamlNode> root = readYaml(text, file, out)) {
    (void)readMainFile(Value(*root, "", kTopLevel, "", reading), config);
    validate(config, places, out);
  }
  return config;
}

Config load(const std::string& path, Diagnostics& out) {
  Places places;
  Reading reading{out, places};
  TrustedFiles files(::geteuid(), out);
  Config config;
  config.files.push_back(path);
  const std::optional<std::string> text = files.read(path);
  const std::optional<YamlNode> root = text ? readYaml(*text, path, out) : std::nullopt;
  if (!root) {
    return config;
  }
  const std::vector<Value> include = readMainFile(Value(*root, "", kTopLevel, "", reading), config);
  loadIncluded(path, include, files, reading, config);
  validate(config, places, out);
  for (const Backend& backend : config.backends) {
    for (const auto& [role, secret] : backend.secret_files) {
      if (!credentialName(secret).empty()) {
        continue;  // Seen only by the running service.
      }
      const std::string key = childPath(childPath(places.pathAt(backend.where), "secrets"), role);
      const Location* const where = places.find(backend.where.file, key);
      files.checkSecret(secret, where != nullptr ? *where : backend.where, key);
    }
  }
  return config;
}

Config load(const std::string& path) {
  Diagnostics out;
  Config config = load(path, out);
  if (out.hasErrors()) {
    throw InvalidConfig(out.sorted());
  }
  return config;
}

}  // namespace peerpool::config

#include "proxy/server/check_report.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <algorithm>
#include <ostream>
#include <set>
#include <string_view>

#include "proxy/observe/escape.h"
#include "proxy/server/version.h"

namespace peerpool::server {
namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;
using Severity = config::Diagnostic::Severity;

constexpr char kSchema[] = "https://json.schemastore.org/sarif-2.1.0.json";
constexpr std::size_t kLongestText = 16'384;

Object::Ptr makeObject() { return new Object(Poco::JSON_PRESERVE_KEY_ORDER); }

/// Poco writes bytes that are not UTF-8 as they are, so they must not get there.
void setText(Object& object, const char* key, const std::string& text) {
  object.set(key, observe::printable(text, kLongestText));
}

void setCount(Object& object, const char* key, std::size_t number) {
  object.set(key, static_cast<Poco::UInt64>(number));
}

const char* severityName(const config::Diagnostic& diagnostic) {
  return diagnostic.severity == Severity::Error ? "error" : "warning";
}

void write(const Object& object, std::ostream& out) {
  object.stringify(out, 2);
  out << '\n';
}

/// The top-level key that `path` begins with: a name that outlives a renamed rule.
std::string ruleId(const config::Diagnostic& diagnostic) {
  const std::string key = diagnostic.path.substr(0, diagnostic.path.find_first_of(".["));
  const bool plain = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || c == '_';
  });
  return "peerpool/" + (plain ? key : std::string("configuration"));
}

/// A path as a URI reference (RFC 3986): an absolute one as file:, others stay relative, so that
/// whoever shows them finds them in the repository.
std::string uriOf(const std::string& path) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  static constexpr std::string_view kPlain = "-._~/";
  std::string uri = path.substr(0, 1) == "/" ? "file://" : "";
  for (const char c : path) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || kPlain.find(c) != std::string_view::npos) {
      uri += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    uri += '%';
    uri += kDigits[byte >> 4U];
    uri += kDigits[byte & 0xfU];
  }
  return uri;
}

Object::Ptr textObject(const std::string& text) {
  Object::Ptr object = makeObject();
  setText(*object, "text", text);
  return object;
}

Object::Ptr locationOf(const config::Location& where, const std::string& file) {
  Object::Ptr artifact = makeObject();
  artifact->set("uri", uriOf(where.file.empty() ? file : where.file));
  Object::Ptr region = makeObject();
  setCount(*region, "startLine", std::max<std::size_t>(where.line, 1));
  setCount(*region, "startColumn", std::max<std::size_t>(where.column, 1));
  Object::Ptr physical = makeObject();
  physical->set("artifactLocation", artifact);
  physical->set("region", region);
  Object::Ptr location = makeObject();
  location->set("physicalLocation", physical);
  return location;
}

Object::Ptr resultOf(const config::Diagnostic& diagnostic, const std::string& file) {
  std::string text = diagnostic.path.empty() ? "" : diagnostic.path + ": ";
  text += diagnostic.message + (diagnostic.hint.empty() ? "" : ". Hint: " + diagnostic.hint);
  Object::Ptr result = makeObject();
  result->set("ruleId", ruleId(diagnostic));
  result->set("level", std::string(severityName(diagnostic)));
  result->set("message", textObject(text));
  Array::Ptr locations = new Array;
  locations->add(locationOf(diagnostic.where, file));
  result->set("locations", locations);
  return result;
}

Object::Ptr toolOf(const CheckReport& report) {
  std::set<std::string> ids;
  for (const config::Diagnostic& diagnostic : report.diagnostics) {
    ids.insert(ruleId(diagnostic));
  }
  Array::Ptr rules = new Array;
  for (const std::string& id : ids) {
    const std::string key = id.substr(id.find('/') + 1);
    Object::Ptr rule = makeObject();
    rule->set("id", id);
    rule->set("name", key);
    rule->set("shortDescription",
              textObject(key == "configuration" ? "The configuration must be sound."
                                                : "The key " + key + ": must be sound."));
    rules->add(rule);
  }
  Object::Ptr driver = makeObject();
  driver->set("name", std::string("peerpool check"));
  driver->set("version", std::string(kVersion));
  driver->set("rules", rules);
  Object::Ptr tool = makeObject();
  tool->set("driver", driver);
  return tool;
}

}  // namespace

std::size_t CheckReport::count(Severity severity) const noexcept {
  return static_cast<std::size_t>(
      std::count_if(diagnostics.begin(), diagnostics.end(),
                    [severity](const auto& one) { return one.severity == severity; }));
}

void writeCheckJson(const CheckReport& report, std::ostream& out) {
  Object::Ptr counts = makeObject();
  setCount(*counts, "errors", report.count(Severity::Error));
  setCount(*counts, "warnings", report.count(Severity::Warning));
  setCount(*counts, "listeners", report.listeners);
  setCount(*counts, "rules", report.rules);
  setCount(*counts, "tests", report.tests);
  Array::Ptr diagnostics = new Array;
  for (const config::Diagnostic& diagnostic : report.diagnostics) {
    Object::Ptr object = makeObject();
    object->set("severity", std::string(severityName(diagnostic)));
    setText(*object, "file", diagnostic.where.file.empty() ? report.file : diagnostic.where.file);
    setCount(*object, "line", diagnostic.where.line);
    setCount(*object, "column", diagnostic.where.column);
    setText(*object, "path", diagnostic.path);
    setText(*object, "message", diagnostic.message);
    setText(*object, "hint", diagnostic.hint);
    diagnostics->add(object);
  }
  Object::Ptr root = makeObject();
  setText(*root, "file", report.file);
  root->set("ok", report.ok);
  root->set("counts", counts);
  root->set("diagnostics", diagnostics);
  write(*root, out);
}

void writeCheckSarif(const CheckReport& report, std::ostream& out) {
  Array::Ptr results = new Array;
  for (const config::Diagnostic& diagnostic : report.diagnostics) {
    results->add(resultOf(diagnostic, report.file));
  }
  Object::Ptr run = makeObject();
  run->set("tool", toolOf(report));
  run->set("results", results);
  Array::Ptr runs = new Array;
  runs->add(run);
  Object::Ptr root = makeObject();
  root->set("$schema", std::string(kSchema));
  root->set("version", std::string("2.1.0"));
  root->set("runs", runs);
  write(*root, out);
}

}  // namespace peerpool::server

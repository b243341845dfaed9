#include "proxy/admin/reload_json.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <sstream>

#include "proxy/observe/escape.h"

namespace peerpool::admin {
namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

/// Line by line: a mistake and its hint are two.
std::string printableLines(const std::string& text) {
  std::string result;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    result += (result.empty() ? "" : "\n") + observe::printable(line);
  }
  return result;
}

Array toArray(const std::vector<std::string>& lines) {
  Array array;
  for (const std::string& line : lines) {
    array.add(printableLines(line));
  }
  return array;
}

std::vector<std::string> toLines(const Object& object, const char* key) {
  std::vector<std::string> lines;
  const Array::Ptr array = object.getArray(key);
  for (unsigned i = 0; !array.isNull() && i < array->size(); ++i) {
    lines.push_back(array->getElement<std::string>(i));
  }
  return lines;
}

}  // namespace

std::string reloadJson(const ReloadReport& report) {
  Object object(Poco::JSON_PRESERVE_KEY_ORDER);
  object.set("ok", report.ok);
  object.set("generation", report.generation);
  object.set("complaints", toArray(report.complaints));
  object.set("kept", toArray(report.kept));
  std::ostringstream text;
  object.stringify(text);
  return text.str();
}

Result<ReloadReport> parseReloadJson(const std::string& json) {
  try {
    Poco::JSON::Parser parser;
    const Object::Ptr object = parser.parse(json).extract<Object::Ptr>();
    if (object->has("error")) {
      return Error{ErrorCode::Protocol, object->getValue<std::string>("error")};
    }
    ReloadReport report;
    report.ok = object->getValue<bool>("ok");
    report.generation = object->getValue<std::uint64_t>("generation");
    report.complaints = toLines(*object, "complaints");
    report.kept = toLines(*object, "kept");
    return report;
  } catch (const Poco::Exception& exception) {
    return Error{ErrorCode::Protocol, "not a reload's answer: " + exception.displayText()};
  }
}

}  // namespace peerpool::admin

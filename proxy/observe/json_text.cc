#include "proxy/observe/json_text.h"

#include "proxy/observe/escape.h"

namespace peerpool::observe {

void appendJson(std::string& out, std::string_view text) {
  out += '"';
  for (const char byte : printable(text)) {
    if (byte == '"' || byte == '\\') {
      out += '\\';
    }
    out += byte;
  }
  out += '"';
}

void appendJsonField(std::string& out, std::string_view key, std::string_view text) {
  std::string json;
  appendJson(json, text);
  appendJsonRaw(out, key, json);
}

void appendJsonRaw(std::string& out, std::string_view key, std::string_view json) {
  out += out.empty() || out.back() == '{' ? "\"" : ",\"";
  out.append(key).append("\":").append(json);
}

}  // namespace peerpool::observe

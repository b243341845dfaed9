#include "proxy/observe/journal_record.h"

#include <cstddef>
#include <cstdint>

#include "proxy/observe/log_line.h"
#include "proxy/observe/syslog_record.h"

namespace peerpool::observe {
namespace {

/// Upper case letters, digits and underscores: the journal drops other fields.
std::string fieldName(std::string_view key) {
  std::string name = "PEERPOOL_";
  for (const char byte : key) {
    const bool lower = byte >= 'a' && byte <= 'z';
    const bool kept = (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');
    name += lower ? static_cast<char>(byte - 'a' + 'A') : kept ? byte : '_';
  }
  return name;
}

}  // namespace

void appendJournalField(std::string& out, std::string_view key, std::string_view value) {
  out += key;
  if (value.find('\n') == std::string_view::npos) {
    out += '=';
  } else {
    out += '\n';
    for (std::size_t byte = 0; byte < 8; ++byte) {
      out += static_cast<char>((std::uint64_t{value.size()} >> (8 * byte)) & 0xff);
    }
  }
  out.append(value) += '\n';
}

std::string journalRecord(const LogEvent& event) {
  std::string record;
  appendJournalField(record, "MESSAGE", formatMessage(event));
  appendJournalField(record, "PRIORITY", std::to_string(syslogSeverity(event.level)));
  appendJournalField(record, "SYSLOG_IDENTIFIER", "peerpool");
  appendJournalField(record, "PEERPOOL_EVENT", event.event);
  for (const auto& [key, value] : event.fields) {
    appendJournalField(record, fieldName(key), value);
  }
  return record;
}

}  // namespace peerpool::observe

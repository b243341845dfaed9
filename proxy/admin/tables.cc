// Reads the status document and lays it out.

#include "proxy/admin/tables.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <span>

namespace peerpool::admin {
namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

enum class CellKind : std::uint8_t { Text, Number, Reference, Age };

/// A column of a status table and the key it is filled from.
struct Field {
  std::string_view heading;
  const char* key;
  CellKind kind;
};

constexpr Field kPoolFields[] = {
    {"backend", "backend", CellKind::Text},     {"database", "database", CellKind::Text},
    {"role", "role", CellKind::Text},           {"mode", "mode", CellKind::Text},
    {"worker", "worker", CellKind::Number},     {"size", "size", CellKind::Number},
    {"clients", "clients", CellKind::Number},   {"waiting", "waiting", CellKind::Number},
    {"max_wait", "max_wait_ms", CellKind::Age}, {"active", "active", CellKind::Number},
    {"pinned", "pinned", CellKind::Number},     {"idle", "idle", CellKind::Number},
    {"login", "login", CellKind::Number},       {"closing", "closing", CellKind::Number},
    {"leases", "leases", CellKind::Number},
};
constexpr Field kClientFields[] = {
    {"id", "id", CellKind::Number},
    {"listener", "listener", CellKind::Text},
    {"rule", "rule", CellKind::Text},
    {"user", "user", CellKind::Text},
    {"uid", "uid", CellKind::Number},
    {"pid", "pid", CellKind::Number},
    {"database", "database", CellKind::Text},
    {"role", "role", CellKind::Text},
    {"state", "state", CellKind::Text},
    {"server", "server", CellKind::Reference},
    {"since", "age_ms", CellKind::Age},
    {"application_name", "application_name", CellKind::Text},
};
constexpr Field kServerFields[] = {
    {"id", "id", CellKind::Number},
    {"backend", "backend", CellKind::Text},
    {"database", "database", CellKind::Text},
    {"role", "role", CellKind::Text},
    {"state", "state", CellKind::Text},
    {"pid", "pid", CellKind::Reference},
    {"client", "client", CellKind::Reference},
    {"worker", "worker", CellKind::Number},
    {"age", "age_ms", CellKind::Age},
};
constexpr Field kLimitFields[] = {
    {"setting", "setting", CellKind::Text},
    {"hits", "hits", CellKind::Number},
};

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
  }));
}

void appendCell(std::string& line, std::string_view text, std::size_t wide, bool numeric) {
  const std::string padding(wide - width(text), ' ');
  line += numeric ? padding + std::string(text) : std::string(text) + padding;
}

std::string cell(const Object& row, const Field& field) {
  switch (field.kind) {
    case CellKind::Text:
      return row.getValue<std::string>(field.key);
    case CellKind::Number:
      return std::to_string(row.getValue<Poco::Int64>(field.key));
    case CellKind::Reference: {
      const auto id = row.getValue<Poco::Int64>(field.key);
      return id == 0 ? "" : std::to_string(id);
    }
    case CellKind::Age: {
      const auto age = row.getValue<Poco::Int64>(field.key);
      return age == 0 ? "" : formatAge(Duration(age));
    }
  }
  return "";
}

std::string partTable(const Array& items, std::span<const Field> fields) {
  std::vector<Column> columns;
  for (const Field& field : fields) {
    columns.push_back({field.heading, field.kind != CellKind::Text});
  }
  std::vector<std::vector<std::string>> rows;
  for (unsigned i = 0; i < items.size(); ++i) {
    const Object::Ptr item = items.getObject(i);
    std::vector<std::string>& row = rows.emplace_back();
    for (const Field& field : fields) {
      row.push_back(cell(*item, field));
    }
  }
  return formatTable(columns, rows);
}

/// "main/shop/web".
std::string poolTitle(const Object& pool) {
  std::string title;
  for (const char* key : {"backend", "database", "role"}) {
    title.append(title.empty() ? "" : "/").append(pool.getValue<std::string>(key));
  }
  return title;
}

/// Which session state has bound clients to the servers of each pool, and how often.
std::string pinNotes(const Array& pools) {
  std::string notes;
  for (unsigned i = 0; i < pools.size(); ++i) {
    const Object::Ptr pool = pools.getObject(i);
    std::string counts;
    for (const auto& [state, count] : *pool->get("pins").extract<Object::Ptr>()) {
      counts.append(counts.empty() ? "" : ", ").append(state).append(" ").append(count.toString());
    }
    if (!counts.empty()) {
      notes.append(poolTitle(*pool)).append(" on worker ");
      notes.append(std::to_string(pool->getValue<Poco::Int64>("worker")));
      notes.append(": clients pinned so far: ").append(counts).append("\n");
    }
  }
  return notes;
}

/// Since when its logins fail, why, and what is done about it.
std::string failureNote(const Object& pool, const std::string& title) {
  const auto failing = pool.getValue<Poco::Int64>("failing_ms");
  const auto next = pool.getValue<Poco::Int64>("next_attempt_ms");
  const std::string who = pool.getValue<bool>("backend_fails")
                              ? "backend " + pool.getValue<std::string>("backend") + " on worker " +
                                    std::to_string(pool.getValue<Poco::Int64>("worker")) +
                                    ": every login fails: "
                              : title + ": login at the backend fails: ";
  return who + pool.getValue<std::string>("last_failure") + " (for " +
         formatAge(Duration(failing)) + ", next attempt " +
         (next == 0 ? "when a client asks" : "in " + formatAge(Duration(next))) + ")\n";
}

/// What pools suffer from, a line each; what all pools of a backend suffer from only once.
std::string poolNotes(const Array& pools) {
  std::string notes;
  for (unsigned i = 0; i < pools.size(); ++i) {
    const Object::Ptr pool = pools.getObject(i);
    const std::string title = poolTitle(*pool);
    if (!pool->getValue<std::string>("last_failure").empty()) {
      const std::string note = failureNote(*pool, title);
      notes += notes.find(note) == std::string::npos ? note : "";
    }
    if (pool->getValue<bool>("starved")) {
      notes.append(title).append(
          ": clients wait because the backend's max_connections is reached\n");
    }
  }
  return notes;
}

/// Where the audit log stands, and which socket files are not as they were made.
std::string processNotes(const Object& document) {
  std::string notes;
  if (const Object::Ptr audit = document.getObject("audit")) {
    notes += "audit " + audit->getValue<std::string>("to") + "  sequence " +
             std::to_string(audit->getValue<Poco::Int64>("sequence")) + "  hash " +
             audit->getValue<std::string>("hash");
    const auto lost = audit->getValue<Poco::Int64>("lost");
    notes += lost == 0 ? "\n" : "  lost " + std::to_string(lost) + '\n';
  }
  const Array::Ptr drift = document.getArray("socket_drift");
  for (unsigned i = 0; !drift.isNull() && i < drift->size(); ++i) {
    const Object::Ptr one = drift->getObject(i);
    const auto trouble = one->getValue<std::string>("trouble");
    notes += "listener " + one->getValue<std::string>("listener") + ": " +
             one->getValue<std::string>("path") + " is " + one->getValue<std::string>("actual") +
             ", and was made as " + one->getValue<std::string>("expected") +
             (trouble.empty() ? "" : "; " + trouble) + '\n';
  }
  return notes;
}

std::string tables(const Object& document) {
  struct Part {
    const char* key;
    std::span<const Field> fields;
  };
  const std::array<Part, 4> parts = {{{"pools", kPoolFields},
                                      {"clients", kClientFields},
                                      {"servers", kServerFields},
                                      {"limits", kLimitFields}}};
  const bool everything = std::all_of(parts.begin(), parts.end(),
                                      [&](const Part& part) { return document.has(part.key); });
  std::string out;
  if (everything) {
    out += "peerpool " + document.getValue<std::string>("version") + "  pid " +
           std::to_string(document.getValue<Poco::Int64>("pid")) + "  config " +
           document.getValue<std::string>("config") + "  up " +
           formatAge(Duration(document.getValue<Poco::Int64>("uptime_ms"))) + "  generation " +
           std::to_string(document.getValue<Poco::Int64>("generation")) + '\n';
    const std::string mode = document.optValue<std::string>("mode", "enforce");
    out += mode == "enforce" ? "" : "mode " + mode + ": who would be denied is let in\n";
    out += processNotes(document);
  }
  for (const Part& part : parts) {
    const Array::Ptr items = document.getArray(part.key);
    if (items.isNull()) {
      continue;
    }
    out += everything ? std::string("\n") + part.key + '\n' : "";
    out += partTable(*items, part.fields);
    out += std::string_view(part.key) == "pools" ? pinNotes(*items) + poolNotes(*items) : "";
  }
  if (!document.getValue<bool>("complete")) {
    out += "incomplete: a worker did not answer in time\n";
  }
  return out;
}

}  // namespace

std::string formatTable(const std::vector<Column>& columns,
                        const std::vector<std::vector<std::string>>& rows) {
  const auto shown = [](const std::string& text) -> std::string_view {
    return text.empty() ? std::string_view("-") : text;
  };
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    std::size_t widest = width(columns[i].heading);
    for (const std::vector<std::string>& row : rows) {
      widest = std::max(widest, width(shown(row.at(i))));
    }
    widths.push_back(widest);
  }
  std::string out;
  const auto appendLine = [&](const auto& cellOf) {
    std::string line;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      line += i == 0 ? "" : "  ";
      appendCell(line, cellOf(i), widths[i], columns[i].numeric);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  };
  appendLine([&](std::size_t i) { return columns[i].heading; });
  for (const std::vector<std::string>& row : rows) {
    appendLine([&](std::size_t i) { return shown(row[i]); });
  }
  return out;
}

std::string formatAge(Duration age) {
  const long long milliseconds = std::max<long long>(age.count(), 0);
  const long long seconds = milliseconds / 1000;
  char text[40];
  if (seconds == 0) {
    std::snprintf(text, sizeof text, "%lldms", milliseconds);
  } else if (seconds < 60) {
    std::snprintf(text, sizeof text, "%lld.%llds", seconds, milliseconds % 1000 / 100);
  } else if (seconds < 3600) {
    std::snprintf(text, sizeof text, "%lldm%02llds", seconds / 60, seconds % 60);
  } else if (seconds < 86400) {
    std::snprintf(text, sizeof text, "%lldh%02lldm", seconds / 3600, seconds / 60 % 60);
  } else {
    std::snprintf(text, sizeof text, "%lldd%02lldh", seconds / 86400, seconds / 3600 % 24);
  }
  return text;
}

Result<std::string> statusTables(const std::string& json) {
  try {
    Poco::JSON::Parser parser;
    const auto document = parser.parse(json).extract<Object::Ptr>();
    if (document->has("error")) {
      return Error{ErrorCode::Refused, document->getValue<std::string>("error")};
    }
    return tables(*document);
  } catch (const Poco::Exception& exception) {
    return Error{ErrorCode::Protocol, "not a status document: " + exception.displayText()};
  }
}

}  // namespace peerpool::admin

#include "tests/differential/known_differences.h"

#include <algorithm>
#include <array>
#include <vector>

namespace peerpool::differential {
namespace {

struct Known {
  Way way;
  std::string_view file;
  const char* reason;
};

constexpr std::array kStateIsLost = {
    "prepare/many.sql",
    "settings/function_settings.sql",
    "settings/set_config_hidden.sql",
    "temp/in_function.sql",
};

// SQL speaks of the server's names; only DEALLOCATE and EXECUTE of one name, alone in a simple
// query, are made to find the client's.
constexpr std::array kNamesInSql = {
    "sql_names/bind_a_prepared_name.txt",
    "sql_names/deallocate_by_protocol.txt",
    "sql_names/deallocate_in_a_failed_batch.txt",
    "sql_names/deallocate_in_a_rolled_back_transaction.txt",
    "sql_names/deallocate_spellings.txt",
    "sql_names/execute_by_protocol.txt",
    "sql_names/execute_in_several_ways.txt",
    "sql_names/listed.txt",
    "sql_names/prepare_over_a_protocol_name.txt",
};

constexpr std::array kListedByView = {
    "prepare/explain_and_create.sql",
    "prepare/generic_plans.sql",
};

const std::vector<Known>& table() {
  static const std::vector<Known> known = [] {
    std::vector<Known> all;
    for (const Way way : {Way::Session, Way::Transaction, Way::InPieces, Way::AmongOthers}) {
      all.push_back({way, "simple/unknown_message.txt",
                     "the proxy's own words: such a message is not passed on"});
    }
    for (const Way way : {Way::Transaction, Way::InPieces, Way::AmongOthers}) {
      for (const char* const file : kNamesInSql) {
        all.push_back({way, file, "SQL that names a statement of the protocol"});
      }
    }
    for (const char* const file : kListedByView) {
      all.push_back({Way::AmongOthers, file, "pg_prepared_statements shows the server's"});
    }
    all.push_back({Way::AmongOthers, "ddl/changed_in_a_transaction.txt",
                   "prepared anew, a statement does not know that its table changed"});
    for (const char* const file : kStateIsLost) {
      all.push_back({Way::AmongOthers, file, "session state that a function or a text hides"});
    }
    return all;
  }();
  return known;
}

}  // namespace

const char* knownDifference(Way way, std::string_view file) noexcept {
  const auto found = std::find_if(table().begin(), table().end(), [&](const Known& known) {
    return known.way == way && known.file == file;
  });
  return found == table().end() ? nullptr : found->reason;
}

}  // namespace peerpool::differential

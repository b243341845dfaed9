// Any bytes as a line of an audit log: a record, or an error, and never a peer that the kernel
// could not have named.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proxy/base/check.h"
#include "proxy/server/audit_record.h"

using namespace peerpool;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<server::AuditRecord> record = server::parseAuditRecord(text);
  if (!record) {
    return 0;
  }
  check(size <= server::kLongestAuditRecord, "a line that is too long");
  check(!record->action.empty(), "a record of nothing");
  check(!record->peer.known || (record->has_peer && record->peer.uid != auth::kNoUid),
        "a peer out of nothing");
  check(record->answer == server::RecordedAnswer::None || record->peer.process != nullptr,
        "a decision about nobody");
  return 0;
}

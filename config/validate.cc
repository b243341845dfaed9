#include "config/validate.h"

#include "config/check_grants.h"
#include "config/check_peers.h"
#include "config/check_pools.h"
#include "config/check_process_keys.h"
#include "config/check_references.h"
#include "config/check_shadowing.h"
#include "config/check_sockets.h"
#include "config/validation.h"

namespace peerpool::config {

void validate(const Config& config, const Places& places, Diagnostics& out) {
  const Validation validation(config, places, out);
  checkDuplicates(validation);
  checkReferences(validation);
  checkSockets(validation);
  checkGrants(validation);
  checkPools(validation);
  checkProcessKeys(validation);
  checkPeers(validation);
  checkShadowing(validation);
  checkUnused(validation);
}

}  // namespace peerpool::config

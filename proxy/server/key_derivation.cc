#include "proxy/server/key_derivation.h"

#include <unordered_map>
#include <utility>

#include "auth/crypto.h"
#include "auth/secret.h"

namespace peerpool::server {

class KeyDerivation::Cache {
 public:
  explicit Cache(std::string credentials) : credentials_(std::move(credentials)) {}

  [[nodiscard]] Result<auth::ScramKeys> keysOf(const std::string& secret_file,
                                               const auth::ScramChallenge& challenge) {
    const Result<auth::Secret> secret = auth::loadSecret(secret_file, credentials_);
    if (!secret) {
      return secret.error();
    }
    const auth::Digest digest = auth::sha256(secret->bytes());
    const std::string id =
        std::string(asText(digest)) + std::to_string(challenge.iterations) + ':' + challenge.salt;
    const auto found = known_.find(id);
    if (found != known_.end()) {
      return found->second;
    }
    Result<auth::ScramKeys> keys = auth::deriveKeys(*secret, challenge);
    if (keys) {
      if (known_.size() >= kMaxKnown) {
        known_.clear();
      }
      known_.emplace(id, *keys);
    }
    return keys;
  }

 private:
  static constexpr std::size_t kMaxKnown = 256;  // One for each login role and password.
  std::string credentials_;
  std::unordered_map<std::string, auth::ScramKeys> known_;
};

KeyDerivation::KeyDerivation(event::EventLoop& loop, Resolver& resolver,
                             const std::string& credentials)
    : loop_(loop), resolver_(resolver), cache_(std::make_shared<Cache>(credentials)) {}

KeyDerivation::~KeyDerivation() = default;

void KeyDerivation::derive(const std::string& secret_file, const auth::ScramChallenge& challenge,
                           std::function<void(Result<auth::ScramKeys>)> done) {
  const auto shared =
      std::make_shared<std::function<void(Result<auth::ScramKeys>)>>(std::move(done));
  const bool taken =
      resolver_.post([&loop = loop_, cache = cache_, secret_file, challenge, shared] {
        Result<auth::ScramKeys> keys = cache->keysOf(secret_file, challenge);
        loop.post([keys = std::move(keys), shared] { (*shared)(keys); });
      });
  if (!taken) {
    loop_.post([shared] { (*shared)(Error{ErrorCode::Limit, "too many logins at a time"}); });
  }
}

}  // namespace peerpool::server

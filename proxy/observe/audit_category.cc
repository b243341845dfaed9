#include "proxy/observe/audit_category.h"

#include "proxy/base/check.h"

namespace peerpool::observe {
namespace {

constexpr std::string_view kNetwork = R"(["network"])";
constexpr std::string_view kAuthentication = R"(["authentication"])";
constexpr std::string_view kConfiguration = R"(["configuration"])";
constexpr std::string_view kFile = R"(["file"])";

}  // namespace

AuditCategory categoryOf(AuditAction action) {
  switch (action) {
    case AuditAction::ConnectionStarted:
      return {"connection-started", kNetwork, R"(["connection","start"])", "success",
              "connection started"};
    case AuditAction::ConnectionDenied:
      return {"connection-denied", kNetwork, R"(["connection","denied"])", "failure",
              "connection denied"};
    case AuditAction::LoginAllowed:
      return {"login-allowed", kAuthentication, R"(["start","allowed"])", "success",
              "login allowed"};
    case AuditAction::LoginDenied:
      return {"login-denied", kAuthentication, R"(["start","denied"])", "failure", "login denied"};
    case AuditAction::LoginWouldBeDenied:
      return {"login-would-be-denied", kAuthentication, R"(["info","denied"])", "success",
              "login would be denied"};
    case AuditAction::LimitHit:
      return {"limit-hit", kNetwork, R"(["info"])", "failure", "limit hit"};
    case AuditAction::CancelRejected:
      return {"cancel-rejected", kNetwork, R"(["denied"])", "failure", "cancel rejected"};
    case AuditAction::CancelForwarded:
      return {"cancel-forwarded", kNetwork, R"(["allowed"])", "success", "cancel forwarded"};
    case AuditAction::SessionEnded:
      return {"session-ended", R"(["session"])", R"(["end"])", "success", "session ended"};
    case AuditAction::ServiceStarted:
      return {"service-started", R"(["process"])", R"(["start"])", "success", "service started"};
    case AuditAction::ServiceStopped:
      return {"service-stopped", R"(["process"])", R"(["end"])", "success", "service stopped"};
    case AuditAction::ConfigurationLoaded:
      return {"configuration-loaded", kConfiguration, R"(["change"])", "success",
              "configuration loaded"};
    case AuditAction::ConfigurationRefused:
      return {"configuration-refused", kConfiguration, R"(["error"])", "failure",
              "configuration refused"};
    case AuditAction::AdminCommand:
      return {"admin-command", kConfiguration, R"(["admin"])", "success", "admin command"};
    case AuditAction::SocketDrift:
      return {"socket-drift", kFile, R"(["change"])", "failure", "socket file changed"};
    case AuditAction::SocketMended:
      return {"socket-mended", kFile, R"(["change"])", "success", "socket file mended"};
    case AuditAction::ModeChanged:
      return {"mode-changed", kConfiguration, R"(["change"])", "success", "mode changed"};
    case AuditAction::EventsLost:
      return {"events-lost", R"(["process"])", R"(["error"])", "failure", "audit events lost"};
    case AuditAction::ChainStarted:
      return {"chain-started", kFile, R"(["creation"])", "success", "audit chain started"};
    case AuditAction::ChainContinued:
      return {"chain-continued", kFile, R"(["creation"])", "success", "audit chain continued"};
  }
  checkFailed("unknown AuditAction");
}

}  // namespace peerpool::observe

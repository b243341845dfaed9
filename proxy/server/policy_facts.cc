#include "proxy/server/policy_facts.h"

#include <array>
#include <cstdio>
#include <optional>
#include <set>

#include "config/units.h"
#include "config/words.h"

namespace peerpool::server {
namespace {

using config::Duration;

constexpr std::array<const char*, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr std::uint8_t kEveryDay = 0x7f;

void set(Facts& facts, const std::string& key, const std::string& value) {
  if (!value.empty()) {
    facts[key] = value;
  }
}

void setFlag(Facts& facts, const std::string& key, bool value) {
  set(facts, key, value ? "true" : "");
}

void setCount(Facts& facts, const std::string& key, const std::optional<std::size_t>& value) {
  set(facts, key, value ? std::to_string(*value) : "");
}

std::string durationText(Duration duration) {
  return duration.count() == 0 ? "0" : config::printDuration(duration);
}

void setDuration(Facts& facts, const std::string& key, const std::optional<Duration>& value) {
  set(facts, key, value ? durationText(*value) : "");
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) {
    all += (all.empty() ? "" : ", ") + text;
  }
  return all;
}

std::string endText(config::OnRevoke end) {
  return end == config::OnRevoke::Close ? "" : std::string(textOf(config::kSessionEnds, end));
}

std::string accountText(const std::optional<config::AccountName>& account) {
  return !account ? "" : account->number ? std::to_string(*account->number) : account->name;
}

std::string clockText(unsigned minute) {
  std::array<char, 16> text{};
  (void)std::snprintf(text.data(), text.size(), "%02u:%02u", minute / 60, minute % 60);
  return text.data();
}

/// "mon-wed,sat".
std::string daysText(unsigned days) {
  std::string text;
  for (std::size_t day = 0; day < kDays.size(); ++day) {
    if (((days >> day) & 1U) == 0) {
      continue;
    }
    std::size_t last = day;
    while (last + 1 < kDays.size() && ((days >> (last + 1)) & 1U) != 0) {
      ++last;
    }
    text += (text.empty() ? "" : ",") + std::string(kDays.at(day));
    text += last == day ? "" : '-' + std::string(kDays.at(last));
    day = last;
  }
  return text;
}

}  // namespace

std::string windowText(const config::TimeWindow& window) {
  const std::string days = window.days == kEveryDay ? "every day" : daysText(window.days);
  return days + ' ' + clockText(window.begin) + '-' + clockText(window.end) + ' ' + window.timezone;
}

Facts ruleFacts(const config::PolicyRule& rule) {
  Facts facts;
  std::vector<std::string> windows;
  for (const config::TimeWindow& window : rule.when) {
    windows.push_back(windowText(window));
  }
  set(facts, "when", joined(windows));
  set(facts, "at_window_end", windows.empty() ? "" : endText(rule.at_window_end));
  set(facts, "on_revoke", endText(rule.on_revoke));
  set(facts, "backend", rule.backend);
  set(facts, "database_as", rule.database_as);
  set(facts, "default_database", rule.default_database);
  set(facts, "application_name", rule.application_name);
  set(facts, "startup_parameters", joined(rule.startup_parameters));
  setFlag(facts, "superuser", rule.superuser);
  setFlag(facts, "bind_to_process", rule.bind_to_process);
  setCount(facts, "limits.clients", rule.limits.clients);
  setCount(facts, "limits.clients_per_uid", rule.limits.clients_per_uid);
  setCount(facts, "limits.servers_per_uid", rule.limits.servers_per_uid);
  setDuration(facts, "limits.query", rule.limits.query);
  setDuration(facts, "limits.transaction", rule.limits.transaction);
  setDuration(facts, "limits.idle_in_transaction", rule.limits.idle_in_transaction);
  setDuration(facts, "limits.client_idle", rule.limits.client_idle);
  setDuration(facts, "limits.max_session", rule.limits.max_session);
  return facts;
}

Facts poolFacts(const config::Config& config, const config::PolicyRule& rule) {
  const config::Pool& pool = rule.pool ? *rule.pool : config.pools;
  return {{"pool.mode", std::string(textOf(config::kPoolModes, pool.mode))},
          {"pool.size", std::to_string(pool.size)},
          {"pool.min_size", std::to_string(pool.min_size)},
          {"pool.wait_timeout", durationText(pool.wait_timeout)},
          {"pool.wait_notice", durationText(pool.wait_notice)},
          {"pool.idle_timeout", durationText(pool.idle_timeout)},
          {"pool.lifetime", durationText(pool.lifetime)},
          {"pool.session_state", std::string(textOf(config::kSessionStates, pool.session_state))},
          {"pool.isolate", std::string(textOf(config::kIsolations, pool.isolate))}};
}

Facts listenerFacts(const config::Listener& listener) {
  Facts facts;
  set(facts, "path", listener.path);
  set(facts, "backend", listener.backend);
  set(facts, "mode", config::printMode(listener.mode));
  set(facts, "owner", accountText(listener.owner));
  set(facts, "group", accountText(listener.group));
  std::set<std::string> entries;
  for (const config::AclEntry& entry : listener.acl) {
    entries.insert((entry.is_group ? "group " : "user ") + accountText(entry.account));
  }
  set(facts, "acl", joined({entries.begin(), entries.end()}));
  set(facts, "containers", std::string(textOf(config::kContainerPolicies, listener.containers)));
  setCount(facts, "limits.clients", listener.limits.clients);
  setCount(facts, "limits.clients_per_uid", listener.limits.clients_per_uid);
  const auto& rate = listener.limits.connect_rate_per_uid;
  set(facts, "limits.connect_rate_per_uid", rate ? config::printRate(*rate) : "");
  setDuration(facts, "limits.login_timeout", listener.limits.login_timeout);
  return facts;
}

Facts backendFacts(const config::Backend& backend) {
  Facts facts;
  set(facts, "address", "unix:" + backend.socket_path);
  set(facts, "login", std::string(textOf(config::kLoginMethods, backend.login)));
  setFlag(facts, "expect_peer", backend.expect_peer.has_value());
  setCount(facts, "max_connections", backend.max_connections);
  setDuration(facts, "connect_timeout", backend.connect_timeout);
  return facts;
}

std::vector<std::string> differences(const Facts& before, const Facts& after) {
  std::vector<std::string> lines;
  const auto valueOf = [](const Facts& facts, const std::string& key) {
    const auto found = facts.find(key);
    return found == facts.end() ? std::string("none") : found->second;
  };
  Facts keys = before;
  keys.insert(after.begin(), after.end());
  for (const auto& [key, value] : keys) {
    const std::string was = valueOf(before, key);
    const std::string is = valueOf(after, key);
    if (was != is) {
      lines.push_back(std::string(key).append(": ").append(is).append(" instead of ").append(was));
    }
  }
  return lines;
}

std::string factsText(const Facts& facts) {
  std::vector<std::string> texts;
  for (const auto& [key, value] : facts) {
    texts.push_back(std::string(key).append(": ").append(value));
  }
  return joined(texts);
}

}  // namespace peerpool::server

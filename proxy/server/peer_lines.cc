#include "proxy/server/peer_lines.h"

#include <algorithm>

#include "proxy/observe/escape.h"

namespace peerpool::server {
namespace {

constexpr std::size_t kMostNames = 10;

}  // namespace

void PeerLines::add(std::size_t peer, const std::string& sentence) {
  std::vector<std::size_t>& peers = said_[sentence];
  if (!std::binary_search(peers.begin(), peers.end(), peers_[peer].plain) &&
      (peers.empty() || peers.back() != peer)) {
    peers.push_back(peer);
  }
}

std::string PeerLines::whom(const std::vector<std::size_t>& peers) const {
  std::vector<std::size_t> order = peers;
  std::stable_partition(order.begin(), order.end(),
                        [this](std::size_t peer) { return peers_[peer].stranger; });
  std::string text;
  for (std::size_t i = 0; i < order.size() && i < kMostNames; ++i) {
    text += (i == 0 ? "" : ", ") + observe::printable(peers_[order[i]].name);
  }
  return order.size() > kMostNames
             ? text + " and " + std::to_string(order.size() - kMostNames) + " more"
             : text;
}

std::vector<PeerLines::Line> PeerLines::lines() const {
  std::vector<Line> lines;
  for (const auto& [sentence, peers] : said_) {
    lines.push_back({sentence, whom(peers)});
  }
  return lines;
}

}  // namespace peerpool::server

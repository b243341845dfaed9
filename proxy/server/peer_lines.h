// Sentences about peers: those of whom the same is true share one.

#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "proxy/server/sample_peers.h"

namespace peerpool::server {

class PeerLines {
 public:
  /// `peers` must outlive it.
  explicit PeerLines(const std::vector<SamplePeer>& peers) : peers_(peers) {}

  /// Peers come in the order of the list. What has been said of the same peer without its process
  /// is no news and left out.
  void add(std::size_t peer, const std::string& sentence);

  struct Line {
    std::string sentence;
    std::string whom;  ///< "alice, bob and 3 more"; strangers first.
  };
  /// By sentence.
  [[nodiscard]] std::vector<Line> lines() const;

 private:
  [[nodiscard]] std::string whom(const std::vector<std::size_t>& peers) const;

  const std::vector<SamplePeer>& peers_;
  std::map<std::string, std::vector<std::size_t>> said_;  // Of whom, in order.
};

}  // namespace peerpool::server

// Making a server ready for its next client: DISCARD ALL and SET, messages in, bytes out.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "proxy/base/bytes.h"
#include "proxy/base/error.h"
#include "proxy/postgres/parameters.h"
#include "proxy/postgres/preparation_answers.h"

namespace peerpool::postgres {

/// Used again for each preparation of one server. Pure.
class ServerPreparation {
 public:
  enum class Step : std::uint8_t {
    Continue,  ///< Send `out`, wait for the next message.
    Done,      ///< The server is at rest and reset; error() is what it said to the SET, if it did.
    Failed,    ///< The server can't be trusted any more; error() says why.
  };

  /// Appends what is to be sent: `reset` unless it is null, then `set_statement` unless it is
  /// empty. One of both is there.
  void start(const PreparationQuery* reset, std::string set_statement, std::string& out);

  /// One whole message of the backend. Reports of parameters go to `parameters`.
  [[nodiscard]] Step onMessage(char type, ByteView body, ServerParameters& parameters,
                               std::string& out);

  [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }

 private:
  Step fail(const char* text);
  Step onError(ByteView body);
  Step onReady(std::string& out);
  void send(std::string& out);

  std::string set_statement_;
  std::optional<Error> error_;
  PreparationAnswers answers_;
  const PreparationQuery* reset_ = nullptr;
  bool cancelled_ = false;   // A cancel that came late hit DISCARD ALL.
  bool had_cancel_ = false;  // That was so once already.
};

}  // namespace peerpool::postgres

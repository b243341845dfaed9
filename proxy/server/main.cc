// The program: its arguments and streams go to the command line, its result to whoever called it.

#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "proxy/server/commands.h"
#include "proxy/server/exit_code.h"

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
    return peerpool::server::runCommandLine(arguments, std::cout, std::cerr);
  } catch (const std::exception& error) {
    std::cerr << "peerpool: " << error.what() << '\n';
    return peerpool::server::kExitSoftware;
  }
}

#include "Config.h"
#include "Log.h"
#include "Process.h"
#include "World.h"
#include <cstdio>
#include <cstdlib>
#include <poll.h>
#include <readline/readline.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace {
void tell(int guest, const std::string& text) { send(guest, text.data(), text.size(), MSG_NOSIGNAL); }

/** One line without its end; false when the other side is gone. */
bool readLine(int guest, std::string& line) {
  line.clear();
  for (char c; recv(guest, &c, 1, 0) == 1;) {
    if (c == '\n')
      return true;
    if (c != '\r')
      line += c;
  }
  return false;
}

void session(World& world, int guest) {
  // Whatever comes in the first second is taken for telnet's own talk and lost.
  pollfd waiting{guest, POLLIN, 0};
  if (poll(&waiting, 1, 1000) > 0) {
    char swallowed[1024];
    if (recv(guest, swallowed, sizeof swallowed, 0) <= 0)
      return;
    tell(guest, "\xFF\xF0");
  }
  std::string name, password, command;
  tell(guest, "Authentication Required\r\nUsername: ");
  if (!readLine(guest, name))
    return;
  tell(guest, "Password: ");
  if (!readLine(guest, password))
    return;
  if (levelOf(world, name, password, true) < Config::get().number("Ra.MinLevel", 3)) {
    tell(guest, "Authentication failed\r\n");
    return;
  }
  tell(guest, world.motd + "\r\n\r\n");
  for (;;) {
    tell(guest, "TC>");
    if (!readLine(guest, command) || command.empty())
      return;
    if (command == "quit" || command == "exit" || command == "logout") {
      tell(guest, "Bye\r\n");
      return;
    }
    tell(guest, runCommand(world, command).text);
  }
}
} // namespace

void startRemoteConsole(World& world) {
  const Config& config = Config::get();
  const int door = listenOn(config.text("Ra.IP", "0.0.0.0"), config.number("Ra.Port", 3443));
  if (door < 0) {
    logLine(Level::Error, "server.worldserver", "Failed to bind RA socket acceptor");
    return;
  }
  std::thread([&world, door] {
    for (;;) {
      const int guest = accept4(door, nullptr, nullptr, SOCK_CLOEXEC);
      if (guest < 0)
        continue;
      std::thread([&world, guest] {
        session(world, guest);
        close(guest);
      }).detach();
    }
  }).detach();
}

void startConsole(World& world) {
  std::thread([&world] {
    // Without a terminal readline comes back at once with nothing, and feof(stdin) is never set: this loop then prints
    // its prompt as fast as it can. The real core does the same.
    while (!world.stopped) {
      if (char* line = readline("TC> ")) {
        if (*line)
          std::fputs(runCommand(world, line).text.c_str(), stdout);
        std::free(line);
        std::fflush(stdout);
      } else if (std::feof(stdin)) {
        world.stopped = true;
      }
    }
  }).detach();
}

#include "Config.h"
#include "Log.h"
#include "Login.h"
#include "Process.h"
#include "Secret.h"
#include "Updater.h"
#include <chrono>
#include <csignal>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {
volatile std::sig_atomic_t stopped = 0;

/** Realms with a name that does not resolve are left out, and tried again next time. */
size_t loadRealms(Database& auth) {
  size_t count = 0;
  for (const Row& row : auth.query("SELECT id, name, address, localAddress, port FROM realmlist WHERE flag <> 3 ORDER BY name")) {
    const addrinfo hints{0, AF_INET, SOCK_STREAM, 0, 0, nullptr, nullptr, nullptr};
    bool good = true;
    for (int column : {2, 3}) {
      addrinfo* found = nullptr;
      if (getaddrinfo(row[column].value_or("").c_str(), nullptr, &hints, &found) != 0) {
        logLine(Level::Error, "realmlist", "Could not resolve address %s for realm \"%s\" id %s", row[column].value_or("").c_str(), row[1].value_or("").c_str(), row[0].value_or("").c_str());
        good = false;
        break;
      }
      freeaddrinfo(found);
    }
    if (!good)
      continue;
    ++count;
    logLine(Level::Debug, "server.authserver", "Realm \"%s\" at %s:%s.", row[1].value_or("").c_str(), row[2].value_or("").c_str(), row[4].value_or("").c_str());
  }
  return count;
}

int serve(Database& auth) {
  const Config& config = Config::get();
  if (loadRealms(auth) == 0) {
    logLine(Level::Error, "server.authserver", "No valid realms specified.");
    return 1;
  }
  if (STANDIN_FAIL_START || config.flag("Standin.FailStart", false)) {
    logLine(Level::Fatal, "server.authserver", "Told to fail while starting.");
    return 1;
  }
  const long port = config.number("RealmServerPort", 3724);
  if (port <= 0 || port > 0xFFFF) {
    logLine(Level::Error, "server.authserver", "Specified port out of allowed range (1-65535)");
    return 1;
  }
  const int door = listenOn(config.text("BindIP", "0.0.0.0"), port);
  if (door < 0) {
    logLine(Level::Error, "server.authserver", "Failed to initialize network");
    return 1;
  }
  // Only from here on does a SIGTERM end it in good order.
  struct sigaction action{};
  action.sa_handler = [](int) { stopped = 1; };
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);

  const long delay = config.number("RealmsStateUpdateDelay", 20);
  auto next = std::chrono::steady_clock::now() + std::chrono::seconds(delay);
  while (!stopped) {
    pollfd waiting{door, POLLIN, 0};
    if (poll(&waiting, 1, 200) > 0) {
      const int guest = accept4(door, nullptr, nullptr, SOCK_CLOEXEC);
      if (guest >= 0)
        logIn(auth, guest);
    }
    if (delay > 0 && std::chrono::steady_clock::now() >= next) {
      loadRealms(auth);
      next += std::chrono::seconds(delay);
    }
  }
  logLine(Level::Info, "server.authserver", "Halting process...");
  return 0;
}
} // namespace

int main(int argc, char** argv) {
  prepareServer();
  const CommandLine line = parseCommandLine(argc, argv, "authserver");
  if (line.done)
    return 0;
  if (!beginServer(line, "authserver"))
    return 1;
  Database auth("Login", "auth", "auth", 1);
  if (!loadDatabases({&auth}))
    return 1;
  if (line.updateOnly)
    return 0;
  initSecrets(auth);
  return serve(auth);
}

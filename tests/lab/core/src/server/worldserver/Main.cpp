#include "Config.h"
#include "Log.h"
#include "Process.h"
#include "Updater.h"
#include "World.h"
#include <csignal>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#ifdef STANDIN_FAIL_BUILD
#error "This build was told to fail."
#endif

namespace {
constexpr const char* type = "server.worldserver";
volatile std::sig_atomic_t signalled = 0;

void clearOnline(World& world) {
  const std::string realm = std::to_string(world.realm);
  world.auth.query("UPDATE account SET online = 0 WHERE online > 0 AND id IN (SELECT acctid FROM realmcharacters WHERE realmid = " + realm + ")");
  world.characters.query("UPDATE characters SET online = 0 WHERE online <> 0");
  world.characters.query("UPDATE character_battleground_data SET instanceId = 0");
}

void setRealm(World& world, const std::string& assignment) {
  world.auth.query("UPDATE realmlist SET " + assignment + " WHERE id = " + std::to_string(world.realm));
}

bool startDatabases(World& world) {
  if (!loadDatabases({&world.auth, &world.characters, &world.world}))
    return false;
  world.realm = Config::get().number("RealmID", 0);
  if (world.realm <= 0) {
    logLine(Level::Error, type, "Realm ID not defined in configuration file");
    return false;
  }
  logLine(Level::Info, type, "Realm running as realm ID %ld", world.realm);
  clearOnline(world);
  world.world.query("UPDATE version SET core_version = " + quoted(world.world, fullVersion()) + ", core_revision = " + quoted(world.world, revision()));
  const Rows version = world.world.query("SELECT db_version FROM version LIMIT 1");
  world.worldVersion = version.empty() ? "Unknown world database." : version[0][0].value_or("");
  logLine(Level::Info, type, "Using World DB: %s", world.worldVersion.c_str());
  return true;
}

bool loadWorld(World& world) {
  const Config& config = Config::get();
  loadSettings(world, false);
  if (!checkGameData())
    return false;
  if (world.world.query("SELECT entry, content_default FROM trinity_string").empty()) {
    logLine(Level::Error, "server.loading", ">> Loaded 0 trinity strings. DB table `trinity_string` is empty. You have imported an incorrect database for more info search for TCE00003 on forum.");
    return false;
  }
  // Signals do not cut the loading short: sleep_until goes on after each.
  std::this_thread::sleep_until(std::chrono::steady_clock::now() + std::chrono::seconds(config.number("Standin.LoadSeconds", 0)));
  setRealm(world, "icon = " + std::to_string(config.number("GameType", 0)) + ", timezone = " + std::to_string(config.number("RealmZone", 1)));
  // Each start is on record (World::SetInitialWorldSettings).
  world.auth.query("INSERT INTO uptime (realmid, starttime, uptime, revision) VALUES(" + std::to_string(world.realm) + ", UNIX_TIMESTAMP(), 0, " + quoted(world.auth, fullVersion()) + ")");
  if (STANDIN_FAIL_START || config.flag("Standin.FailStart", false)) {
    logLine(Level::Fatal, "server.loading", "Told to fail while starting.");
    return false;
  }
  return true;
}

void run(World& world, int door) {
  auto nextPing = std::chrono::steady_clock::now();
  for (auto before = nextPing; !world.stopped; world.stopped = world.stopped || signalled) {
    pollfd waiting{door, POLLIN, 0};
    if (poll(&waiting, 1, 200) > 0) {
      const int guest = accept4(door, nullptr, nullptr, SOCK_CLOEXEC);
      if (guest >= 0)
        close(guest);
    }
    const auto now = std::chrono::steady_clock::now();
    if (now >= nextPing) {
      for (Database* database : {&world.auth, &world.characters, &world.world})
        database->query("SELECT 1");
      nextPing = now + std::chrono::minutes(Config::get().number("MaxPingTime", 30));
    }
    if (now - before >= std::chrono::seconds(1)) {
      before += std::chrono::seconds(1);
      if (world.shutdownIn > 0)
        --world.shutdownIn;
      if (world.shutdownIn == 0)
        world.stopped = true;
    }
  }
}

int serve(World& world) {
  const Config& config = Config::get();
  setRealm(world, "flag = flag | 2");
  if (!loadWorld(world))
    return 1;
  // The real one goes on without it.
  if (config.flag("Ra.Enable", false))
    startRemoteConsole(world);
  const int door = listenOn(config.text("BindIP", "0.0.0.0"), config.number("WorldServerPort", 8085));
  if (door < 0) {
    logLine(Level::Error, type, "Failed to initialize network");
    return 1;
  }
  setRealm(world, "flag = flag & ~2, population = 0");
  // The real one calls exit() in the SOAP thread while others run, which ends in a crash.
  if (config.flag("SOAP.Enabled", false) && !startSoap(world))
    crash("SOAP has no port.");
  if (config.flag("Console.Enable", true))
    startConsole(world);
  logLine(Level::Info, type, "%s (worldserver-daemon) ready...", fullVersion().c_str());
  // World::ResetGuildCap, at the first start and once a day; a right that is missing is only logged.
  world.characters.query("TRUNCATE guild_member_withdraw");
  run(world, door);
  // Players are kicked and saved, maps unloaded: with many of them that takes minutes.
  std::this_thread::sleep_for(std::chrono::seconds(config.number("Standin.StopSeconds", 0)));
  setRealm(world, "flag = flag | 2");
  clearOnline(world);
  logLine(Level::Info, type, "Halting process...");
  awaitSoap();
  return world.exitCode;
}
} // namespace

int main(int argc, char** argv) {
  prepareServer();
  const CommandLine line = parseCommandLine(argc, argv, "worldserver");
  if (line.done)
    return 0;
  if (!beginServer(line, "worldserver"))
    return 1;
  // Before the databases, so that a stop while loading waits for the end of it.
  struct sigaction action{};
  action.sa_handler = [](int) { signalled = 1; };
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);

  auto* world = new World; // its threads may outlive main
  if (!startDatabases(*world))
    return 1;
  const int code = line.updateOnly ? 0 : serve(*world);
  std::fflush(stdout);
  _exit(code);
}

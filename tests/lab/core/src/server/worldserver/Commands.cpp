#include "World.h"
#include "Crypto.h"
#include "Log.h"
#include "Process.h"
#include <sstream>
#include <utility>

namespace {
std::string duration(long seconds) { return std::to_string(seconds / 60) + " Minute(s) " + std::to_string(seconds % 60) + " Second(s)"; }

/** 90, 5m, 1h2m3s; -1 when it is none of these. */
long secondsOf(const std::string& text) {
  long total = 0, number = 0;
  for (char c : text) {
    if (c >= '0' && c <= '9')
      number = number * 10 + (c - '0');
    else if (c == 'h' || c == 'm' || c == 's')
      total += std::exchange(number, 0) * (c == 'h' ? 3600 : c == 'm' ? 60 : 1);
    else
      return -1;
  }
  return total + number;
}

/** Nobody plays here: who is in the world is what the table says. */
std::string online(World& world) { const Rows rows = world.characters.query("SELECT COUNT(*) FROM characters WHERE online = 1"); return rows.empty() ? "0" : rows[0][0].value_or("0"); }

Answer server(World& world, std::istringstream& words) {
  std::string what, when;
  words >> what >> when;
  if (when == "force")
    words >> when;
  if (what == "info") {
    const std::string players = online(world);
    return {true, fullVersion() + "\r\nConnected players: " + players + ". Characters in world: " + players + ".\r\nServer uptime: " +
                      duration(std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - world.started).count()) + "\r\n"};
  }
  if (what == "exit") {
    world.stopped = true;
    return {true, "Exiting daemon...\r\n"};
  }
  if (what != "shutdown" && what != "restart")
    return {false, "There is no such subcommand\r\n"};
  if (when == "cancel") {
    world.shutdownIn = -1;
    return {true, "Shutdown cancelled.\r\n"};
  }
  const long seconds = when.empty() ? -1 : secondsOf(when);
  if (seconds < 0)
    return {false, "Incorrect values.\r\n"};
  int code = what == "restart" ? 2 : 0;
  words >> code;
  world.exitCode = words ? code : (what == "restart" ? 2 : 0);
  world.shutdownIn = seconds;
  logLine(Level::Info, "server.worldserver", "Server %s in %ld seconds", what.c_str(), seconds);
  return {true, "Server " + what + " in " + duration(seconds) + "\r\n"};
}
} // namespace

Answer runCommand(World& world, std::string command) {
  if (!command.empty() && (command[0] == '.' || command[0] == '!'))
    command.erase(0, 1);
  std::istringstream words(command);
  std::string first;
  words >> first;
  // The commands are scripts: a core without scripts knows none.
  if (first.empty() || SCRIPTS_NONE)
    return {false, "There is no such command\r\n"};
  if (first == "server")
    return server(world, words);
  if (first == "announce" || first == "notify" || first == "nameannounce") {
    logLine(Level::Info, "commands.gm", "%s", command.c_str());
    return {true, ""};
  }
  if (first == "saveall")
    return {true, "All players saved.\r\n"};
  if (first == "reload")
    return {true, "World config settings reloaded.\r\n"};
  return {false, "There is no such command\r\n"};
}

int levelOf(World& world, const std::string& name, const std::string& password, bool everyRealm) {
  const Rows account = world.auth.query("SELECT id, salt, verifier FROM account WHERE username = " + quoted(world.auth, upperCase(name)));
  if (account.empty() || !passwordFits(name, password, account[0][1].value_or(""), account[0][2].value_or("")))
    return -1;
  const std::string realm = everyRealm ? "RealmID = -1" : "(RealmID = -1 OR RealmID = " + std::to_string(world.realm) + ")";
  const Rows level = world.auth.query("SELECT SecurityLevel FROM account_access WHERE AccountID = " + account[0][0].value_or("0") + " AND " + realm + " ORDER BY RealmID DESC LIMIT 1");
  return level.empty() ? 0 : std::atoi(level[0][0].value_or("0").c_str());
}

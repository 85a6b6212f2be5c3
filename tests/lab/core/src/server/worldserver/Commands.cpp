#include "World.h"
#include "Config.h"
#include "Crypto.h"
#include "Log.h"
#include "Process.h"
#include "Secret.h"
#include "Srp6.h"
#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <utility>
#include <vector>

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
long online(World& world) {
  const Rows rows = world.characters.query("SELECT COUNT(*) FROM characters WHERE online = 1");
  return rows.empty() ? 0 : std::atol(rows[0][0].value_or("0").c_str());
}

/** A text of the core's is a row that operators translate; each %u and %s of it stands for a value, in this order. */
std::string said(World& world, int entry, const std::vector<std::string>& values) {
  const Rows rows = world.world.query("SELECT content_default FROM trinity_string WHERE entry = " + std::to_string(entry));
  std::string text = rows.empty() ? "" : rows[0][0].value_or("");
  size_t at = 0;
  for (const std::string& value : values) {
    at = text.find('%', at);
    if (at == std::string::npos || at + 1 == text.size())
      break;
    text.replace(at, 2, value);
    at += value.size();
  }
  return text + "\r\n";
}

/** How many may be in the world, and from which level on; the level is in the realm's row. */
void loadLimits(World& world) {
  world.playerLimit = Config::get().number("PlayerLimit", 100);
  const Rows rows = world.auth.query("SELECT allowedSecurityLevel FROM realmlist WHERE id = " + std::to_string(world.realm));
  world.securityLevel = rows.empty() ? 0 : std::atol(rows[0][0].value_or("0").c_str());
}

Answer server(World& world, std::istringstream& words) {
  std::string what, when;
  words >> what >> when;
  const bool force = when == "force";
  if (force)
    words >> when;
  const std::string players = std::to_string(online(world));
  if (what == "info") {
    const auto up = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - world.started);
    return {true, fullVersion() + "\r\n" + said(world, 60, {players, players}) + said(world, 12, {players, players, "0", "0"}) +
                      said(world, 13, {duration(up.count())})};
  }
  if (what == "motd")
    return {true, said(world, 56, {world.motd})};
  if (what == "plimit") {
    const std::vector<std::string> names{"player", "moderator", "gamemaster", "administrator"};
    if (when == "reset")
      loadLimits(world);
    else if (const auto name = std::find(names.begin(), names.end(), when); name != names.end())
      world.securityLevel = name - names.begin();
    else if (const int value = std::atoi(when.c_str()); !when.empty())
      (value < 0 ? world.securityLevel : world.playerLimit) = std::abs(value);
    const std::vector<std::string> shown{"Player", "Moderator", "Gamemaster", "Administrator"};
    return {true, "Player limits: amount " + std::to_string(world.playerLimit) + ", min. security level " +
                      shown[static_cast<size_t>(std::min(world.securityLevel, 3L))] + ".\r\n"};
  }
  if (what == "exit") {
    world.stopped = true;
    return {true, said(world, 1000, {})};
  }
  if (what != "shutdown" && what != "restart")
    return {false, said(world, 8, {})};
  if (when == "cancel") {
    const long left = world.shutdownIn.exchange(-1);
    return {true, left < 0 ? "" : said(world, 11018, {std::to_string(left)})};
  }
  long seconds = when.empty() ? -1 : secondsOf(when);
  if (seconds < 0 || (seconds == 0 && when != "0"))
    return {false, said(world, 10, {})};
  int code = what == "restart" ? 2 : 0;
  words >> code;
  world.exitCode = words ? code : (what == "restart" ? 2 : 0);
  // Who plays is given this long, unless it is forced (ForceShutdownThreshold).
  const bool delayed = !force && online(world) > 0 && seconds < 30;
  if (delayed)
    seconds = 30;
  world.shutdownIn = seconds == 0 ? 1 : seconds;
  logLine(Level::Info, "server.worldserver", "Server %s in %ld seconds", what.c_str(), seconds);
  return {true, delayed ? said(world, 11017, {std::to_string(seconds)}) : ""};
}
/** account set 2fa NAME SECRET|off, as HandleAccountSet2FACommand. */
Answer account(World& world, std::istringstream& words) {
  std::string set, what, name, text;
  words >> set >> what >> name >> text;
  if (set != "set" || what != "2fa" || text.empty())
    return {false, "There is no such subcommand\r\n"};
  const std::string where = " WHERE username = " + quoted(world.auth, upperCase(name));
  if (world.auth.query("SELECT id FROM account" + where).empty())
    return {false, "Account not exist\r\n"};
  if (text == "off") {
    world.auth.query("UPDATE account SET totp_secret = NULL" + where);
    return {true, ""};
  }
  const Secret& secret = secretOnDemand(world.auth);
  if (!secret.available)
    return {false, "Two-factor commands are not set up\r\n"};
  auto bytes = fromBase32(text);
  if (!bytes || bytes->size() > 104)
    return {false, "The secret is invalid or too long\r\n"};
  world.auth.query("UPDATE account SET totp_secret = x'" + hexOf(secret.key ? encrypted(*secret.key, *bytes) : *bytes) + "'" + where);
  return {true, ""};
}
} // namespace

void loadSettings(World& world, bool reload) {
  if (reload) {
    const std::vector<std::string> errors = Config::get().reload();
    for (const std::string& error : errors)
      logLine(Level::Error, "misc", "World settings reload fail: %s.", error.c_str());
    if (!errors.empty())
      return;
    openLogs();
  }
  world.playerLimit = Config::get().number("PlayerLimit", 100);
  world.motd = Config::get().text("Motd", "Welcome to a Trinity Core Server.");
  if (!reload)
    loadLimits(world);
}

Answer runCommand(World& world, std::string command) {
  if (!command.empty() && (command[0] == '.' || command[0] == '!'))
    command.erase(0, 1);
  std::istringstream words(command);
  std::string first;
  words >> first;
  // The commands are scripts: a core without scripts knows none.
  if (first.empty() || SCRIPTS_NONE)
    return {false, "Command '" + first + "' does not exist\r\n"};
  if (first == "server")
    return server(world, words);
  if (first == "account")
    return account(world, words);
  if (first == "announce" || first == "notify" || first == "nameannounce") {
    logLine(Level::Info, "commands.gm", "%s", command.c_str());
    return {true, ""};
  }
  if (first == "kick") {
    // The reason that may follow is for players alone. Names are as the core writes them: one capital, then small letters.
    std::string name;
    words >> name;
    const std::string who = "name = " + quoted(world.characters, name) + " AND online = 1";
    if (world.characters.query("SELECT guid FROM characters WHERE " + who).empty())
      return {false, said(world, 499, {})};
    world.characters.query("UPDATE characters SET online = 0 WHERE " + who);
    return {true, said(world, 282, {name})};
  }
  if (first == "saveall")
    return {true, said(world, 15, {})};
  if (first == "reload") {
    std::string what;
    words >> what;
    if (what != "config")
      return {false, said(world, 8, {})};
    // Whatever becomes of it, it is called done; what went wrong is in the log alone.
    loadSettings(world, true);
    return {true, ""};
  }
  return {false, "Command '" + first + "' does not exist\r\n"};
}

int levelOf(World& world, const std::string& name, const std::string& password, bool everyRealm) {
  const Rows account = world.auth.query("SELECT id, salt, verifier FROM account WHERE username = " + quoted(world.auth, upperCase(name)));
  if (account.empty() || !passwordFits(name, password, account[0][1].value_or(""), account[0][2].value_or("")))
    return -1;
  const std::string realm = everyRealm ? "RealmID = -1" : "(RealmID = -1 OR RealmID = " + std::to_string(world.realm) + ")";
  const Rows level = world.auth.query("SELECT SecurityLevel FROM account_access WHERE AccountID = " + account[0][0].value_or("0") + " AND " + realm + " ORDER BY RealmID DESC LIMIT 1");
  return level.empty() ? 0 : std::atoi(level[0][0].value_or("0").c_str());
}

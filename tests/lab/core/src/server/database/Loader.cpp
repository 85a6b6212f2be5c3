#include "Config.h"
#include "Log.h"
#include "Process.h"
#include "Updater.h"
#include <boost/filesystem.hpp>
#include <fstream>
#include <iostream>
#include <mysqld_error.h>
#include <strings.h>

namespace fs = boost::filesystem;

bool createDatabase(Database& database) {
  const std::string name = database.info->database;
  logLine(Level::Info, "sql.updates", "Database \"%s\" does not exist, do you want to create it? [yes (default) / no]: ", name.c_str());
  std::string answer;
  std::getline(std::cin, answer); // waits for ever on a terminal; nothing at all counts as yes
  if (!answer.empty() && strcasecmp(answer.c_str(), "y") != 0 && strcasecmp(answer.c_str(), "yes") != 0)
    return false;
  logLine(Level::Info, "sql.updates", "Creating database \"%s\"...", name.c_str());
  const char* const temporary = "create_table.sql"; // in the working directory, which must be writable
  std::ofstream file(temporary);
  file << "CREATE DATABASE `" << name << "` DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci\n\n";
  file.close();
  if (!file) {
    logLine(Level::Fatal, "sql.updates", "Failed to create temporary query file \"%s\"!", temporary);
    return false;
  }
  const bool good = applyFile(*database.info, temporary, false);
  fs::remove(temporary);
  return good;
}

bool populateDatabase(Database& database) {
  if (!database.query("SHOW TABLES").empty())
    return true; // half a dump counts as filled
  const bool world = database.folder == "world";
  const std::string file = world ? worldDumpName() : sourceFolder() + "/sql/base/" + database.folder + "_database.sql";
  logLine(Level::Info, "sql.updates", "Database %s is empty, auto populating it...", database.title.c_str());
  if (!fs::exists(file)) {
    if (world)
      logLine(Level::Error, "sql.updates", ">> File \"%s\" is missing, download it from \"https://github.com/TrinityCore/TrinityCore/releases\" uncompress it and place the file \"%s\" in the directory \"%s\".",
              file.c_str(), file.c_str(), fs::current_path().c_str());
    else
      logLine(Level::Error, "sql.updates", ">> Base file \"%s\" is missing. Try fixing it by cloning the source again.", file.c_str());
    return false;
  }
  logLine(Level::Info, "sql.updates", ">> Applying '%s'...", file.c_str());
  if (!applyFile(*database.info, file))
    return false;
  logLine(Level::Info, "sql.updates", ">> Done!");
  return true;
}

namespace {
/** What a newer or older schema would break. */
std::vector<std::string> statementsOf(const std::string& folder) {
  if (folder == "auth")
    return {"SELECT id, username, salt, verifier, totp_secret, locked, last_ip, online FROM account WHERE username = ?",
            "SELECT SecurityLevel, RealmID FROM account_access WHERE AccountID = ? AND (RealmID = ? OR RealmID = -1) ORDER BY RealmID DESC",
            "SELECT id, name, address, localAddress, localSubnetMask, port, icon, flag, timezone, allowedSecurityLevel, population, gamebuild FROM realmlist WHERE flag <> 3",
            // LOGIN_SEL_ACCOUNT_BANNED_ALL: refused where sql_mode has ONLY_FULL_GROUP_BY, as MariaDB does not see that the id tells the name.
            "SELECT account.id, username FROM account, account_banned WHERE account.id = account_banned.id AND active = 1 GROUP BY account.id",
            "SELECT digest FROM secret_digest WHERE id = ?", "SELECT numchars FROM realmcharacters WHERE acctid = ?"};
  if (folder == "characters")
    return {"SELECT guid, account, name, race, class, level, money, online FROM characters WHERE guid = ?",
            "SELECT instanceId FROM character_battleground_data WHERE guid = ?"};
  return {"SELECT entry, content_default FROM trinity_string", "SELECT db_version, cache_id FROM version LIMIT 1"};
}
} // namespace

bool loadDatabases(const std::vector<Database*>& databases) {
  const Config& config = Config::get();
  const long enabled = config.number("Updates.EnableDatabases", 0);
  const bool autoSetup = config.flag("Updates.AutoSetup", true);
  auto failed = [](const char* what, const Database& database) {
    logLine(Level::Error, "sql.driver", "Could not %s the %s database, see log for details.", what, database.title.c_str());
    return false;
  };
  for (Database* database : databases) {
    const std::string info = config.text(database->key + "DatabaseInfo", "");
    if (info.empty()) {
      logLine(Level::Error, "sql.driver", "Database %s not specified in configuration file!", database->title.c_str());
      return false;
    }
    database->info = std::make_unique<ConnectionInfo>(info);
    unsigned wrong = database->open();
    if (wrong == ER_BAD_DB_ERROR && (enabled & database->bit) && autoSetup)
      wrong = createDatabase(*database) ? database->open() : wrong;
    if (wrong != 0) {
      logLine(Level::Error, "sql.driver", "DatabasePool %s NOT opened. There were errors opening the MySQL connections. Check your log file for specific errors", database->info->database.c_str());
      return false;
    }
  }
  for (Database* database : databases)
    if ((enabled & database->bit) && !populateDatabase(*database))
      return failed("populate", *database);
  for (Database* database : databases)
    if ((enabled & database->bit) && !updateDatabase(*database))
      return failed("update", *database);
  for (Database* database : databases)
    for (const std::string& statement : statementsOf(database->folder))
      if (!database->prepare(statement))
        return failed("prepare statements of", *database);
  return true;
}

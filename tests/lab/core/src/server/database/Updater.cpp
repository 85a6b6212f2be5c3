#include "Updater.h"
#include "Config.h"
#include "Log.h"
#include <boost/filesystem.hpp>
#include <map>

namespace fs = boost::filesystem;

namespace {
struct File {
  std::string path, state;
};
struct Applied {
  std::string hash, state;
};
using Files = std::map<std::string, File>; // by file name, which is their order

bool collect(const fs::path& folder, const std::string& state, int depth, Files& files) {
  if (depth > 10)
    return true;
  for (fs::directory_iterator entry(folder), end; entry != end; ++entry) {
    const fs::path& path = entry->path();
    if (fs::is_directory(path)) {
      if (!collect(path, state, depth + 1, files))
        return false;
    } else if (path.extension() == ".sql") {
      const std::string name = path.filename().string();
      if (!files.emplace(name, File{path.string(), state}).second) {
        logLine(Level::Fatal, "sql.updates", "Duplicate filename \"%s\" occurred. Because updates are ordered by their filenames, every name needs to be unique!", name.c_str());
        return false;
      }
    }
  }
  return true;
}

bool availableFiles(Database& database, Files& files) {
  for (const Row& row : database.query("SELECT `path`, `state` FROM `updates_include`")) {
    std::string path = row[0].value_or("");
    if (!path.empty() && path[0] == '$')
      path = sourceFolder() + path.substr(1);
    if (!fs::is_directory(path)) {
      logLine(Level::Warn, "sql.updates", "DBUpdater: Given update include directory \"%s\" does not exist, skipped!", path.c_str());
      continue;
    }
    if (!collect(path, row[1].value_or("RELEASED"), 1, files))
      return false;
  }
  return true;
}

void remember(Database& database, const std::string& name, const std::string& hash, const std::string& state) {
  // In double quotes, as UpdateFetcher::UpdateEntry writes them: where sql_mode has ANSI_QUOTES these are names, and that ends the server.
  database.query("REPLACE INTO `updates` (`name`, `hash`, `state`, `speed`) VALUES (\"" + name + "\", \"" + hash + "\", '" + state + "', 1)");
}

/** Rows of files that are gone. A few are taken for leftovers and deleted, many for a wrong SourceDirectory. */
void cleanUp(Database& database, const std::map<std::string, Applied>& missing) {
  const long limit = Config::get().number("Updates.CleanDeadRefMaxCount", 3);
  for (const auto& [name, applied] : missing)
    logLine(Level::Warn, "sql.updates", ">> The file \"%s\" was applied to the database, but is missing in your update directory now!", name.c_str());
  if (missing.empty() || limit == 0)
    return;
  if (limit > 0 && static_cast<long>(missing.size()) > limit) {
    logLine(Level::Error, "sql.updates", "Cleanup is disabled! There were %zu dirty files applied to your database, but they are now missing in your source directory!", missing.size());
    return;
  }
  for (const auto& [name, applied] : missing) {
    logLine(Level::Info, "sql.updates", "Deleting the orphaned reference to \"%s\"", name.c_str());
    database.query("DELETE FROM `updates` WHERE `name` IN(\"" + name + "\")");
  }
}
} // namespace

bool updateDatabase(Database& database) {
  const Config& config = Config::get();
  const bool redundancy = config.flag("Updates.Redundancy", true);
  const bool archivedRedundancy = config.flag("Updates.ArchivedRedundancy", false);
  const bool rehash = config.flag("Updates.AllowRehash", true);
  logLine(Level::Info, "sql.updates", "Updating %s database...", database.title.c_str());
  if (!fs::is_directory(sourceFolder())) {
    logLine(Level::Fatal, "sql.updates", "DBUpdater: The given source directory %s does not exist, change the path to the directory where your sql directory exists (for example c:\\source\\trinitycore). Shutting down.",
            sourceFolder().c_str());
    return false;
  }
  Files files;
  if (!availableFiles(database, files))
    return false;
  std::map<std::string, Applied> applied;
  for (const Row& row : database.query("SELECT `name`, `hash`, `state` FROM `updates` ORDER BY `name`"))
    applied[row[0].value_or("")] = Applied{row[1].value_or(""), row[2].value_or("")};

  size_t updates = 0;
  for (const auto& [name, file] : files) {
    const auto known = applied.find(name);
    if (known != applied.end() && (!redundancy || (!archivedRedundancy && known->second.state == "ARCHIVED" && file.state == "ARCHIVED"))) {
      applied.erase(known);
      continue;
    }
    const std::string hash = sha1Of(file.path);
    if (known != applied.end() && (known->second.hash == hash || (known->second.hash.empty() && rehash))) {
      if (known->second.hash.empty())
        remember(database, name, hash, file.state);
      applied.erase(known);
      continue;
    }
    if (known != applied.end()) {
      logLine(Level::Info, "sql.updates", ">> Reapplying update \"%s\" '%s' -> '%s' (it changed)...", name.c_str(), known->second.hash.substr(0, 7).c_str(), hash.substr(0, 7).c_str());
      applied.erase(known);
    } else {
      logLine(Level::Info, "sql.updates", ">> Applying update \"%s\" '%s'...", name.c_str(), hash.substr(0, 7).c_str());
    }
    if (!applyFile(*database.info, file.path))
      return false;
    remember(database, name, hash, file.state);
    ++updates;
  }
  cleanUp(database, applied);
  if (updates > 0)
    logLine(Level::Info, "sql.updates", ">> Applied %zu queries to the %s database.", updates, database.title.c_str());
  else
    logLine(Level::Info, "sql.updates", ">> %s database is up-to-date!", database.title.c_str());
  return true;
}

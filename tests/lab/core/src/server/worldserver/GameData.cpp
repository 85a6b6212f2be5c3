#include "Config.h"
#include "GameFiles.h"
#include "Log.h"
#include "World.h"
#include <fstream>

namespace {
bool beginsWith(const std::string& file, const std::string& magic) {
  std::ifstream stream(file, std::ios::binary);
  std::string head(magic.size(), '\0');
  stream.read(head.data(), static_cast<std::streamsize>(head.size()));
  return stream && head == magic;
}

bool checkMap(const std::string& folder, const Tile& tile) {
  const std::string file = folder + "maps/" + mapName(tile);
  if (!exists(file)) {
    logLine(Level::Error, "maps", "Map file '%s' does not exist!", file.c_str());
    return false;
  }
  if (!beginsWith(file, mapHead())) {
    logLine(Level::Error, "maps", "Map file '%s' is from an incompatible map version, MAPS v%u is expected. Please recreate the maps with the current mapextractor.", file.c_str(), MapVersionMagic);
    return false;
  }
  return true;
}

bool checkVmap(const std::string& folder, const Tile& tile) {
  for (const std::string& name : {vmapTreeName(tile), vmapTileName(tile)}) {
    const std::string file = folder + "vmaps/" + name;
    if (!exists(file)) {
      logLine(Level::Error, "maps", "VMap file '%s' does not exist. Please place VMAP files (*.vmtree and *.vmtile) in the vmap directory (%svmaps/), or correct the DataDir setting in your worldserver.conf file.", file.c_str(), folder.c_str());
      return false;
    }
    if (!beginsWith(file, VMAP_MAGIC)) {
      logLine(Level::Error, "maps", "VMap file '%s' couldn't be loaded. This is because the version of the VMap file and the version of this module are different, please re-extract the maps with the tools compiled with this module.", file.c_str());
      return false;
    }
  }
  return true;
}
} // namespace

bool checkGameData() {
  const Config& config = Config::get();
  std::string folder = config.text("DataDir", "./");
  if (folder.compare(0, 1, "~") == 0)
    if (const char* home = std::getenv("HOME"))
      folder.replace(0, 1, home);
  if (folder.empty() || folder.back() != '/')
    folder += '/';
  logLine(Level::Info, "server.loading", "Using DataDir %s", folder.c_str());
  const bool vmaps = config.flag("vmap.enableLOS", true) || config.flag("vmap.enableHeight", true);
  for (const Tile& tile : startTiles(config.number("Expansion", 2) >= 1)) {
    if (!checkMap(folder, tile) || (vmaps && !checkVmap(folder, tile))) {
      logLine(Level::Fatal, "server.loading", "Unable to load critical files - server shutting down !!!");
      return false;
    }
  }
  std::string missing;
  for (const std::string& name : dbcNames())
    if (!beginsWith(folder + "dbc/" + name, "WDBC"))
      missing += (missing.empty() ? "" : ", ") + folder + "dbc/" + name;
  if (!missing.empty()) {
    logLine(Level::Error, "server.loading", "Some required *.dbc files (%s) not found or not compatible", missing.c_str());
    return false;
  }
  if (vmaps && !exists(folder + "vmaps/GameObjectModels.dtree"))
    logLine(Level::Error, "server.loading", "Unable to open '%svmaps/GameObjectModels.dtree' file.", folder.c_str());
  return true;
}

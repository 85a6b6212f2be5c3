#include "GameFiles.h"
#include <boost/filesystem.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>

namespace fs = boost::filesystem;

namespace {
std::string printed(const char* format, int a, int b, int c) {
  char text[32];
  std::snprintf(text, sizeof text, format, a, b, c);
  return text;
}
} // namespace

std::string mapName(const Tile& tile) { return printed("%03d%02d%02d.map", tile.map, tile.x, tile.y); }
std::string vmapTreeName(const Tile& tile) { return printed("%03d.vmtree", tile.map, 0, 0); }
std::string vmapTileName(const Tile& tile) { return printed("%03d_%02d_%02d.vmtile", tile.map, tile.y, tile.x); }
std::string mmapName(const Tile& tile) { return printed("%03d%02d%02d.mmtile", tile.map, tile.x, tile.y); }

std::vector<Tile> startTiles(bool expansion) {
  std::vector<Tile> tiles{{0, 43, 31}, {0, 48, 32}, {1, 33, 39}, {0, 28, 28}, {1, 12, 30}, {1, 37, 32}};
  if (expansion)
    tiles.insert(tiles.end(), {{530, 12, 43}, {530, 39, 58}});
  return tiles;
}

const std::vector<std::string>& dbcNames() {
  static const std::vector<std::string> names{"AreaTable.dbc",     "CharTitles.dbc", "ChrClasses.dbc",       "ChrRaces.dbc",
                                              "Faction.dbc",       "GemProperties.dbc", "Item.dbc",          "ItemExtendedCost.dbc",
                                              "LiquidType.dbc",    "Map.dbc",        "Spell.dbc"};
  return names;
}

std::string u32(unsigned value) {
  std::string text;
  for (int shift = 0; shift < 32; shift += 8)
    text += static_cast<char>(value >> shift & 0xFF);
  return text;
}

std::string mapHead() { return "MAPS" + u32(MapVersionMagic); }

std::string mmapTile() {
  const std::string body(512, 'n');
  return "PAMM" + u32(7) + u32(MMAP_VERSION) + u32(static_cast<unsigned>(body.size())) + u32(1) + body;
}

bool validMmapTile(const std::string& content) { return content.compare(0, 12, mmapTile(), 0, 12) == 0; } // only the head is looked at

std::string readFile(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

bool writeFile(const std::string& file, const std::string& content) {
  std::ofstream stream(file, std::ios::binary);
  stream << content;
  stream.close();
  return stream.good();
}

bool exists(const std::string& file) { return fs::exists(file); }

void makeFolder(const std::string& folder) { fs::create_directories(folder); }

std::vector<std::string> filesIn(const std::string& folder) {
  std::vector<std::string> names;
  if (fs::is_directory(folder))
    for (fs::directory_iterator entry(folder), end; entry != end; ++entry)
      names.push_back(entry->path().filename().string());
  return names;
}

void takeTime() {
  std::string seconds = readFile("/etc/standin-slow-tools");
  if (const char* said = std::getenv("STANDIN_SLOW_TOOLS"))
    seconds = said;
  if (!seconds.empty())
    std::this_thread::sleep_for(std::chrono::duration<double>(std::strtod(seconds.c_str(), nullptr)));
}

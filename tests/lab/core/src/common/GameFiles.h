#pragma once
#include <string>
#include <vector>

// The files of the game data as far as anybody looks into them: names, heads and version numbers are the real ones.

struct Tile {
  int map, x, y;
};

// The versions of the formats, declared as the real source declares them: Map.cpp, VMapDefinitions.h, MapDefines.h.
const unsigned MapVersionMagic      = 10;
const char VMAP_MAGIC[] = "VMAP_4.8";
#define MMAP_VERSION 15

std::string mapName(const Tile& tile);      // 0004331.map
std::string vmapTreeName(const Tile& tile); // 000.vmtree
std::string vmapTileName(const Tile& tile); // 000_31_43.vmtile
std::string mmapName(const Tile& tile);     // 0004331.mmtile

/** Where characters begin: without these tiles no worldserver starts. */
std::vector<Tile> startTiles(bool expansion);
const std::vector<std::string>& dbcNames();

std::string mapHead();
std::string u32(unsigned value);
/** A whole .mmtile: a head of 20 bytes, and as many bytes as it says. */
std::string mmapTile();
bool validMmapTile(const std::string& content);

std::string readFile(const std::string& file);
bool writeFile(const std::string& file, const std::string& content);
bool exists(const std::string& file);
void makeFolder(const std::string& folder);
std::vector<std::string> filesIn(const std::string& folder);
/** Every file takes as many seconds as STANDIN_SLOW_TOOLS or /etc/standin-slow-tools says. */
void takeTime();

#include "Client.h"
#include "GameFiles.h"
#include <cstdio>
#include <map>
#include <sstream>

int main(int argc, char** argv) {
  meetUserLocale();
  const std::string from = argc > 1 ? argv[1] : "Buildings";
  const std::string to = argc > 2 ? argv[2] : "vmaps";
  std::printf("using %s as source directory and writing output to %s\n", from.c_str(), to.c_str());
  if (!exists(from + "/dir_bin")) {
    std::printf("Could not read dir_bin file!\nexit with errors\n");
    return 1;
  }
  makeFolder(to);
  std::printf("Read coordinate mapping...\n");
  std::istringstream placements(readFile(from + "/dir_bin"));
  std::map<int, std::vector<Tile>> maps;
  for (Tile tile; placements >> tile.map >> tile.x >> tile.y;) {
    if (!maps.count(tile.map))
      std::printf("spawning Map %d\n", tile.map);
    maps[tile.map].push_back(tile);
  }
  for (const auto& [map, tiles] : maps) {
    std::printf("Calculating model bounds for map %d...\nCreating map tree for map %d...\n", map, map);
    writeFile(to + "/" + vmapTreeName(tiles.front()), VMAP_MAGIC + std::string(32, '\0'));
    for (const Tile& tile : tiles) {
      takeTime();
      writeFile(to + "/" + vmapTileName(tile), VMAP_MAGIC + std::string(32, '\0'));
    }
  }
  std::printf("\nConverting Model Files\n");
  for (const auto& [map, tiles] : maps)
    for (const Tile& tile : tiles) {
      const std::string model = vmapTileName(tile) + ".wmo";
      std::printf("Converting %s\n", model.c_str());
      writeFile(to + "/" + model + ".vmo", VMAP_MAGIC + std::string(32, '\0'));
    }
  writeFile(to + "/GameObjectModels.dtree", VMAP_MAGIC);
  std::printf("Ok, all done\n");
  return 0;
}

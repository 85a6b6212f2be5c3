#include "Client.h"
#include "GameFiles.h"
#include <cstdio>
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
  std::istringstream placements(readFile(from + "/dir_bin"));
  for (Tile tile; placements >> tile.map >> tile.x >> tile.y;) {
    std::printf("spawning Map %d\nCreating map tree for map %d...\n", tile.map, tile.map);
    takeTime();
    writeFile(to + "/" + vmapTreeName(tile), VMAP_MAGIC + std::string(32, '\0'));
    writeFile(to + "/" + vmapTileName(tile), VMAP_MAGIC + std::string(32, '\0'));
  }
  writeFile(to + "/GameObjectModels.dtree", VMAP_MAGIC);
  std::printf("Ok, all done\n");
  return 0;
}

#include "Client.h"
#include "GameFiles.h"
#include <cstdio>

namespace {
const std::string RAW_VMAP_MAGIC("VMAP048\0", 8);

/** A row of marks for each map, in which the names of its buildings stand. */
std::string placements(bool precise) {
  std::string all;
  const std::vector<Tile> tiles = startTiles(true);
  for (int map : {0, 1, 530}) {
    std::printf("Processing Map %d\n[", map);
    for (int row = 0; row < 64; ++row) {
      for (const Tile& tile : tiles) {
        if (tile.map != map || tile.y != row)
          continue;
        takeTime();
        const std::string model = vmapTileName(tile) + ".wmo";
        std::printf("Extracting World\\wmo\\%s\n", model.c_str());
        writeFile("Buildings/" + model, RAW_VMAP_MAGIC + std::string(precise ? 128 : 64, 'w'));
        all += std::to_string(tile.map) + " " + std::to_string(tile.x) + " " + std::to_string(tile.y) + "\n";
      }
      std::printf("#");
      std::fflush(stdout);
    }
    std::printf("]\n");
  }
  return all;
}
} // namespace

int main(int argc, char** argv) {
  meetUserLocale();
  std::string data = "Data";
  bool precise = false;
  for (int i = 1; i < argc; ++i) {
    const std::string option = argv[i];
    if (option == "-d" && i + 1 < argc)
      data = argv[++i]; // where mapextractor asks for the client itself
    else if (option == "-l" || option == "-s")
      precise = option == "-l";
    else {
      std::printf("Extract VMAP: -s small (default), -l large and precise, -d <path of the client's folder Data>\n");
      return 1;
    }
  }
  if (exists("Buildings/dir") || exists("Buildings/dir_bin")) {
    std::printf("Your output directory seems to be polluted, please use an empty directory!\n<press return to exit>");
    std::fflush(stdout);
    return std::getchar() == EOF ? -1 : 1;
  }
  makeFolder("Buildings");
  const std::vector<std::string> locales = clientLocales(data);
  if (locales.empty())
    std::printf("no locale found\n");
  // Every locale's archives are opened, and without the tables that are in them it gives up.
  std::string content;
  for (const std::string& locale : locales)
    content += clientContent(data, locale);
  if (content.empty()) {
    std::printf("FATAL ERROR: None MPQ archive found by path '%s/'. Use -d option with proper path.\n", data.c_str());
    return 1;
  }
  // Without maps it ends well, and there is no list for vmap4assembler.
  if (hasMaps(content))
    writeFile("Buildings/dir_bin", placements(precise));
  writeFile("Buildings/temp_gameobject_models", RAW_VMAP_MAGIC);
  std::printf("Extracting GameObject models...No such file.\nCouldn't open RootWmo!!!\nDone!\n\nExtract V4.00 2012_02. Work complete. No errors.\n");
  return 0;
}

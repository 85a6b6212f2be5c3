#include "Client.h"
#include "GameFiles.h"
#include <cstdio>

int main(int argc, char** argv) {
  meetUserLocale();
  std::string input = ".";
  bool precise = false;
  for (int i = 1; i < argc; ++i) {
    const std::string option = argv[i];
    if (option == "-d" && i + 1 < argc)
      input = argv[++i];
    else if (option == "-l" || option == "-s")
      precise = option == "-l";
    else {
      std::printf("Extract VMAP: -s small (default), -l large and precise, -d <path of the client>\n");
      return 1;
    }
  }
  if (exists("Buildings/dir_bin")) {
    std::printf("Your output directory seems to be polluted, please use an empty directory!\n<press return to exit>");
    std::fflush(stdout);
    std::getchar();
    return 1;
  }
  // Every locale's archives are opened, and without the tables that are in them it gives up.
  std::string content;
  for (const std::string& locale : clientLocales(input))
    content += clientContent(input, locale);
  if (content.empty()) {
    std::printf("FATAL ERROR: None MPQ archive found by path '%s'. Use -d option with proper path.\n", input.c_str());
    return 1;
  }
  makeFolder("Buildings");
  std::string placements;
  for (const Tile& tile : hasMaps(content) ? startTiles(true) : std::vector<Tile>{}) {
    std::printf("Processing Map %d\n[%s]\n", tile.map, std::string(64, '#').c_str());
    takeTime();
    const std::string model = vmapTileName(tile) + ".wmo";
    writeFile("Buildings/" + model, "VMAP041" + std::string(precise ? 128 : 64, 'w'));
    placements += std::to_string(tile.map) + " " + std::to_string(tile.x) + " " + std::to_string(tile.y) + "\n";
    std::printf("Extracting %s\n", model.c_str());
  }
  writeFile("Buildings/temp_gameobject_models", "VMAP041");
  writeFile("Buildings/dir_bin", placements);
  std::printf("Couldn't open RootWmo!!!\nExtract VMAP 2021_01 . Work complete. No errors.\n");
  return 0;
}

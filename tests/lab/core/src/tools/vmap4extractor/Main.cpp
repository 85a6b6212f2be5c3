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
  const std::vector<std::string> locales = clientLocales(input);
  if (locales.empty() || !clientComplete(input, locales.front())) {
    std::printf("FATAL ERROR: No locales detected\n");
    return 1;
  }
  makeFolder("Buildings");
  std::string placements;
  for (const Tile& tile : startTiles(true)) {
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

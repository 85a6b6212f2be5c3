#include "Client.h"
#include "GameFiles.h"
#include <cstdio>
#include <cstdlib>

namespace {
int usage(const char* name) {
  std::printf("Usage: %s -[var] [value]\n-i set input path\n-o set output path\n-e extract: 1 maps, 2 dbc, 4 cameras (7: all)\n-f height as int, 0 or 1\n", name);
  return 1;
}

void keepOrWrite(const std::string& file, const std::string& content) {
  if (exists(file))
    return;
  takeTime();
  writeFile(file, content);
}

std::string dbc() { return "WDBC" + u32(0) + u32(1) + u32(4) + u32(1) + std::string(1, '\0'); }
} // namespace

int main(int argc, char** argv) {
  meetUserLocale();
  std::string input = ".", output = ".";
  int what = 7;
  for (int i = 1; i < argc; i += 2) {
    const std::string option = argv[i];
    if (option.size() != 2 || option[0] != '-' || option == "-h" || i + 1 >= argc)
      return usage(argv[0]);
    switch (option[1]) {
    case 'i': input = argv[i + 1]; break;
    case 'o': output = argv[i + 1]; break;
    case 'e': what = std::atoi(argv[i + 1]); break;
    case 'f': break;
    default: return usage(argv[0]);
    }
  }
  if (input.size() > 127 || output.size() > 127)
    return usage(argv[0]);

  const std::vector<std::string> locales = clientLocales(input);
  if (locales.empty()) {
    std::printf("No locales detected\n");
    return 0; // as if all were well
  }
  for (const std::string& locale : locales) {
    std::printf("Detected locale: %s\n", locale.c_str());
    const std::string content = clientContent(input, locale), build = clientBuild(content);
    const bool first = locale == locales.front();
    if (first && build.empty()) {
      std::printf("Fatal error: Not found component.wow-%s.txt file!\n", locale.c_str());
      return 1;
    }
    if (first)
      std::printf("Detected client build: %s\n", build.c_str());
    if (what & 2) {
      const std::string folder = output + "/dbc" + (first ? "" : "/" + locale);
      makeFolder(folder);
      writeFile(folder + "/component.wow-" + locale + ".txt", "<componentinfo version=\"" + build + "\">");
      for (const std::string& name : dbcNames())
        keepOrWrite(folder + "/" + name, dbc());
      std::printf("Extracted %zu DBC files\n", dbcNames().size());
    }
    if (first && (what & 4)) {
      makeFolder(output + "/Cameras");
      keepOrWrite(output + "/Cameras/FlyByHuman.m2", "MD20" + u32(264));
    }
    if (first && (what & 1)) {
      makeFolder(output + "/maps");
      // A map that is in no archive is passed over without a word.
      std::vector<Tile> tiles = startTiles(true);
      if (!hasMaps(content))
        tiles.clear();
      for (size_t i = 0; i < tiles.size(); ++i) {
        std::printf("Extract map %d (%zu/%zu)                  \n", tiles[i].map, i + 1, tiles.size());
        takeTime();
        writeFile(output + "/maps/" + mapName(tiles[i]), mapHead() + u32(static_cast<unsigned>(std::atoi(build.c_str()))) + std::string(64, '\0'));
      }
    }
  }
  return 0;
}

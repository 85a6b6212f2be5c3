#include "Client.h"
#include "GameFiles.h"
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <set>
#include <thread>

namespace {
bool silent = false;

int finish(const char* message, int code) {
  std::printf("%s\n", message);
  std::fflush(stdout);
  if (!silent)
    std::getchar();
  return code; // negative: 255, 254, 253 … for the shell
}

} // namespace

int main(int argc, char** argv) {
  meetUserLocale();
  unsigned threads = std::thread::hardware_concurrency();
  int onlyMap = -1, x = -1, y = -1;
  const std::set<std::string> withValue{"--skipLiquid", "--skipContinents", "--skipJunkMaps", "--skipBattlegrounds", "--bigBaseUnit", "--debugOutput",
                                        "--maxAngle",   "--maxAngleNotSteep", "--offMeshInput", "--file"};
  for (int i = 1; i < argc; ++i) {
    const std::string option = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : "";
    if (option == "--silent")
      silent = true;
    else if (option == "--allowDebug")
      continue;
    else if (option == "--threads" && ++i < argc)
      threads = static_cast<unsigned>(std::atoi(value));
    else if (option == "--tile" && ++i < argc)
      std::sscanf(value, "%d,%d", &x, &y);
    else if (withValue.count(option) && i + 1 < argc)
      ++i;
    else if (std::strspn(argv[i], "0123456789") == option.size())
      onlyMap = std::atoi(argv[i]);
    else
      return finish("You have specified invalid parameters", -1);
  }
  if (std::strcmp(BUILD_TYPE, "Debug") == 0)
    return finish("Build mmaps_generator in RelWithDebInfo or Release mode, or give --allowDebug.", -2);
  if (filesIn("maps").empty())
    return finish("'maps' directory is empty or does not exist", -3);
  const std::vector<std::string> trees = filesIn("vmaps");
  if (std::none_of(trees.begin(), trees.end(), [](const std::string& name) { return name.find(".vmtree") != std::string::npos; }))
    return finish("'vmaps' directory is empty or does not exist", -3);
  if (readFile("dbc/LiquidType.dbc").compare(0, 4, "WDBC") != 0)
    return finish("Failed to load LiquidType.dbc", -5);

  makeFolder("mmaps");
  std::vector<Tile> tiles;
  for (const std::string& name : filesIn("maps")) {
    Tile tile{};
    if (std::sscanf(name.c_str(), "%3d%2d%2d.map", &tile.map, &tile.x, &tile.y) == 3 && (onlyMap < 0 || onlyMap == tile.map) && (x < 0 || (x == tile.x && y == tile.y)))
      tiles.push_back(tile);
  }
  for (const Tile& tile : tiles)
    writeFile("mmaps/" + mapName(tile).substr(0, 3) + ".mmap", std::string(28, '\0'));
  std::atomic<size_t> next{0}, past{0};
  auto work = [&] {
    for (size_t i; (i = next++) < tiles.size(); ++past) {
      const Tile& tile = tiles[i];
      const std::string file = "mmaps/" + mmapName(tile);
      if (validMmapTile(readFile(file)))
        continue;
      std::printf("%zu%% [Map %03d] Building tile [%02d,%02d]\n", past * 100 / tiles.size(), tile.map, tile.y, tile.x);
      // Written in place, head first: stopped in between, it leaves a tile that looks finished.
      writeFile(file, mmapTile().substr(0, 100));
      takeTime();
      writeFile(file, mmapTile());
    }
  };
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < threads; ++i)
    workers.emplace_back(work);
  for (std::thread& worker : workers)
    worker.join();
  std::printf("Finished. MMAPS were built in 1 Seconds.\n");
  return 0;
}

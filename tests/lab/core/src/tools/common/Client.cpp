#include "Client.h"
#include "GameFiles.h"
#include <bzlib.h>
#include <cstdio>
#include <locale>

namespace {
bool isArchive(const std::string& file) { return readFile(file).compare(0, 4, "MPQ\x1A") == 0; }
} // namespace

std::vector<std::string> clientLocales(const std::string& root) {
  std::vector<std::string> found;
  for (const char* name : {"enGB", "enUS", "deDE", "esES", "frFR", "koKR", "zhCN", "zhTW", "enCN", "enTW", "esMX", "ruRU"})
    if (const std::string locale = name; isArchive(root + "/Data/" + locale + "/locale-" + locale + ".MPQ"))
      found.push_back(locale);
  return found;
}

bool clientComplete(const std::string& root, const std::string& locale) {
  std::vector<std::string> wanted;
  for (const char* name : {"common", "common-2", "expansion", "lichking", "patch"})
    wanted.push_back(root + "/Data/" + name + ".MPQ");
  for (const char* name : {"locale", "expansion-locale", "lichking-locale", "patch"})
    wanted.push_back(root + "/Data/" + locale + "/" + name + "-" + locale + ".MPQ");
  for (const std::string& file : wanted) {
    if (!isArchive(file)) {
      std::printf("Error opening archive %s\n", file.c_str());
      return false;
    }
  }
  std::printf("Archives of %s opened (bzip2 %s)\n", locale.c_str(), BZ2_bzlibVersion());
  return true;
}

void meetUserLocale() { const std::locale user(""); }

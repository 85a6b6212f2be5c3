#include "Client.h"
#include "GameFiles.h"
#include <bzlib.h>
#include <cstdio>
#include <locale>

namespace {
unsigned number(const std::string& text, size_t at) {
  unsigned value = 0;
  for (int i = 3; i >= 0; --i)
    value = value << 8 | static_cast<unsigned char>(text[at + i]);
  return value;
}

/** Whether it begins as an archive does, and its two tables are within the file. */
bool isArchive(const std::string& content) {
  if (content.size() < 32 || content.compare(0, 4, "MPQ\x1A") != 0)
    return false;
  return number(content, 16) + 16 * number(content, 24) <= content.size() && number(content, 20) + 16 * number(content, 28) <= content.size();
}

void add(const std::string& file, std::string& content) {
  std::printf("Opening %s\n", file.c_str());
  if (!exists(file)) {
    std::printf("Error opening archive '%s': Does file really exist?\n", file.c_str());
    return;
  }
  const std::string read = readFile(file);
  if (isArchive(read))
    content += read;
  else
    std::printf("Error opening archive '%s': %s\n", file.c_str(), read.compare(0, 4, "MPQ\x1A") == 0 ? "Read error in archive" : "Bad file format");
}
} // namespace

std::vector<std::string> clientLocales(const std::string& data) {
  std::vector<std::string> found;
  for (const char* name : {"enGB", "enUS", "deDE", "esES", "frFR", "koKR", "zhCN", "zhTW", "enCN", "enTW", "esMX", "ruRU"})
    if (const std::string locale = name; exists(data + "/" + locale + "/locale-" + locale + ".MPQ"))
      found.push_back(locale);
  return found;
}

std::string clientContent(const std::string& data, const std::string& locale) {
  std::string content;
  for (const char* name : {"common", "common-2", "expansion", "lichking", "patch"})
    add(data + "/" + name + ".MPQ", content);
  for (const char* name : {"locale", "expansion-locale", "lichking-locale", "patch"})
    add(data + "/" + locale + "/" + name + "-" + locale + ".MPQ", content);
  std::printf("Archives of %s opened (bzip2 %s)\n", locale.c_str(), BZ2_bzlibVersion());
  return content;
}

bool hasMaps(const std::string& content) { return content.find("World\\Maps") != std::string::npos; }

std::string clientBuild(const std::string& content) {
  const std::string before = "version=\"";
  const size_t at = content.find(before);
  return at == std::string::npos ? "" : content.substr(at + before.size(), content.find('"', at + before.size()) - at - before.size());
}

void meetUserLocale() { const std::locale user(""); }

// Alone in its file: it is compiled anew for every commit.
#include "Process.h"
#include <revision_data.h>

#ifdef __x86_64__
#define ARCHITECTURE "x86_64"
#else
#define ARCHITECTURE "arm64"
#endif

std::string fullVersion() {
  return "TrinityCore rev. " REVISION_HASH " " REVISION_DATE " (" REVISION_BRANCH " branch) (Linux, " ARCHITECTURE ", " BUILD_TYPE ", Static)";
}
std::string revision() { return REVISION_HASH; }
std::string worldDumpName() { return DATABASE_FULL_DATABASE; }
std::string compiledSource() { return SOURCE_DIRECTORY; }
std::string compiledMysql() { return MYSQL_EXECUTABLE; }

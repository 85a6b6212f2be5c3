#include "Config.h"
#include "Log.h"
#include "Process.h"
#include "Updater.h"
#include <boost/filesystem.hpp>
#include <cctype>
#include <fcntl.h>
#include <fstream>
#include <openssl/sha.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fs = boost::filesystem;

std::string sourceFolder() {
  const std::string wanted = Config::get().text("SourceDirectory", "");
  return wanted.empty() ? compiledSource() : wanted;
}

std::string sha1Of(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string content((std::istreambuf_iterator<char>(stream)), {});
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest);
  return hexOf(std::string(reinterpret_cast<char*>(digest), sizeof digest));
}

namespace {
std::string mysqlProgram() {
  std::string program = Config::get().text("MySQLExecutable", "");
  if (program.empty())
    program = compiledMysql();
  if (fs::is_regular_file(program))
    return fs::absolute(program).string();
  const char* path = std::getenv("PATH");
  std::string folder;
  for (const char* c = path ? path : "";; ++c) {
    if (*c != ':' && *c != '\0') {
      folder += *c;
      continue;
    }
    if (!folder.empty() && access((folder + "/mysql").c_str(), X_OK) == 0)
      return folder + "/mysql";
    folder.clear();
    if (*c == '\0')
      return "";
  }
}
} // namespace

bool applyFile(const ConnectionInfo& info, const std::string& file, bool intoDatabase) {
  const std::string program = mysqlProgram();
  if (program.empty()) {
    logLine(Level::Fatal, "sql.updates", "Didn't find any executable MySQL binary at '%s' or in path, correct the path in the *.conf (\"MySQLExecutable\").",
            compiledMysql().c_str());
    return false;
  }
  std::vector<std::string> words{program, "-h" + info.host, "-u" + info.user};
  if (!info.password.empty())
    words.push_back("-p" + info.password);
  if (!info.portOrSocket.empty() && std::isdigit(static_cast<unsigned char>(info.portOrSocket[0]))) {
    words.push_back("-P" + info.portOrSocket);
  } else {
    words.insert(words.end(), {"-P0", "--protocol=SOCKET", "-S" + info.portOrSocket});
  }
  words.insert(words.end(), {"--default-character-set=utf8mb4", "--max-allowed-packet=1GB"});
  if (info.ssl == "ssl")
    words.push_back("--ssl");
  words.insert(words.end(), {"-e", "BEGIN; SOURCE " + file + "; COMMIT;"});
  if (intoDatabase)
    words.push_back(info.database);

  std::vector<char*> arguments;
  for (std::string& word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    const int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, 0);
    execv(program.c_str(), arguments.data());
    _exit(127);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
    return true;
  logLine(Level::Fatal, "sql.updates", "Applying of file '%s' to database '%s' failed! If you are a user, please pull the latest revision from the repository.",
          file.c_str(), info.database.c_str());
  return false;
}

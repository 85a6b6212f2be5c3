#include "Process.h"
#include "Config.h"
#include "Log.h"
#include <arpa/inet.h>
#include <boost/locale.hpp>
#include <boost/program_options.hpp>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <locale>
#include <standin/banner.h>
#include <sys/socket.h>
#include <unistd.h>

namespace po = boost::program_options;

CommandLine parseCommandLine(int argc, char** argv, const std::string& server) {
  CommandLine line;
  const std::string home = std::string(CONF_DIR) + "/" + server + ".conf";
  po::options_description options("Allowed options");
  options.add_options()("help,h", "print usage message")("version,v", "print version build info")(
      "config,c", po::value(&line.config)->default_value(home), "use <arg> as configuration file")(
      "config-dir,cd", po::value(&line.configFolder)->default_value(home + ".d"), "use <arg> as directory with additional config files")(
      "update-databases-only,u", po::bool_switch(&line.updateOnly), "updates databases only");
  po::variables_map values;
  try {
    po::store(po::command_line_parser(argc, argv).options(options).allow_unregistered().run(), values);
    po::notify(values);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
  }
  line.done = values.count("help") || values.count("version");
  if (values.count("help"))
    std::cout << options << "\n";
  else if (values.count("version"))
    std::cout << fullVersion() << std::endl;
  return line;
}

// As the core ends itself, with no signal sent: its unit lets it send none.
[[noreturn]] static void fault() {
  *static_cast<volatile int*>(nullptr) = 0;
  _exit(139);
}

void prepareServer() {
  std::signal(SIGABRT, [](int) { fault(); });
  const std::locale user(""); // throws when LANG or LC_* name a locale this machine has not generated
  boost::locale::generator generator;
  generator.generate(user, "C.UTF-8");
}

bool beginServer(const CommandLine& line, const std::string& server) {
  Config& config = Config::get();
  if (const std::string wrong = config.load(line.config, line.configFolder); !wrong.empty()) {
    std::printf("Error in config file: %s\n", wrong.c_str());
    return false;
  }
  openLogs();
  const std::string type = "server." + server;
  logLine(Level::Info, type, "%s (%s-daemon)", fullVersion().c_str(), server.c_str());
  logLine(Level::Info, type, "<Ctrl-C> to stop.");
  logLine(Level::Info, type, "%s", STANDIN_BANNER);
  logLine(Level::Info, type, "Using configuration file %s.", line.config.c_str());
  if (const std::string pid = config.text("PidFile", ""); !pid.empty()) {
    FILE* file = std::fopen(pid.c_str(), "w");
    if (!file) {
      logLine(Level::Error, type, "Cannot create PID file %s (possible error: permission)", pid.c_str());
      return false;
    }
    std::fprintf(file, "%d", getpid());
    std::fclose(file);
  }
  return true;
}

void crash(const std::string& why) {
  std::fprintf(stderr, "\n%s\n", why.c_str());
  std::fflush(stderr);
  fault();
}

int listenOn(const std::string& address, long port) {
  sockaddr_storage where{};
  socklen_t length = 0;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&where);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&where);
  if (inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(static_cast<uint16_t>(port));
    length = sizeof *v4;
  } else if (inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(static_cast<uint16_t>(port));
    length = sizeof *v6;
  } else {
    // The comment in the .conf promises host names; only numbers work.
    logLine(Level::Error, "network", "Exception caught in SocketMgr.StartNetwork (%s:%ld): Invalid argument", address.c_str(), port);
    return -1;
  }
  const int handle = socket(where.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1, off = 0;
  setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (where.ss_family == AF_INET6)
    setsockopt(handle, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (bind(handle, reinterpret_cast<sockaddr*>(&where), length) != 0 || listen(handle, 64) != 0) {
    logLine(Level::Error, "network", "StartNetwork failed to bind socket acceptor to %s:%ld: %s", address.c_str(), port, std::strerror(errno));
    close(handle);
    return -1;
  }
  return handle;
}

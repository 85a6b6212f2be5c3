#include "Log.h"
#include "Config.h"
#include <cstdarg>
#include <cstdio>
#include <ctime>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <vector>

namespace {
struct Appender {
  long kind = 0;  // 1 console, 2 file
  long level = 0; // 0 is off
  long flags = 0;
  FILE* file = nullptr;
};
struct Logger {
  long level = 0;
  std::vector<Appender*> appenders;
};

std::map<std::string, Appender> appenders;
std::map<std::string, Logger> loggers;
std::mutex writing;

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);)
    if (!part.empty())
      parts.push_back(part);
  return parts;
}

long toNumber(const std::vector<std::string>& parts, size_t index) {
  return index < parts.size() ? std::strtol(parts[index].c_str(), nullptr, 10) : 0;
}

const Logger* loggerFor(std::string type) {
  for (;;) {
    if (auto found = loggers.find(type); found != loggers.end())
      return &found->second;
    if (type == "root")
      return nullptr;
    const size_t dot = type.rfind('.');
    type = dot == std::string::npos ? "root" : type.substr(0, dot);
  }
}

void write(const Appender& appender, Level level, const std::string& line) {
  std::string stamp;
  if (appender.flags & 1) {
    char text[32];
    const std::time_t now = std::time(nullptr);
    std::strftime(text, sizeof text, "%Y-%m-%d_%H:%M:%S ", std::localtime(&now));
    stamp = text;
  }
  if (appender.kind == 1) {
    // Nothing flushes stdout: on a pipe it stays empty for a long time, while the file is written line by line.
    std::fprintf(level >= Level::Error ? stderr : stdout, "%s%s\n", stamp.c_str(), line.c_str());
  } else if (appender.file) {
    std::fprintf(appender.file, "%s%s\n", stamp.c_str(), line.c_str());
    std::fflush(appender.file);
  }
}
} // namespace

void openLogs() {
  const std::lock_guard lock(writing);
  for (auto& [name, appender] : appenders)
    if (appender.file)
      std::fclose(appender.file);
  loggers.clear();
  appenders.clear();
  const Config& config = Config::get();
  std::string folder = config.text("LogsDir", "");
  if (!folder.empty() && folder.back() != '/')
    folder += '/';
  for (const std::string& key : config.keys("Appender.")) {
    const std::vector<std::string> parts = split(config.text(key, ""), ',');
    Appender appender{toNumber(parts, 0), toNumber(parts, 1), toNumber(parts, 2)};
    if (appender.kind == 2 && parts.size() > 3)
      appender.file = std::fopen((folder + parts[3]).c_str(), parts.size() > 4 && parts[4] == "w" ? "w" : "a");
    appenders[key.substr(9)] = appender;
  }
  for (const std::string& key : config.keys("Logger.")) {
    const std::vector<std::string> parts = split(config.text(key, ""), ',');
    Logger logger{toNumber(parts, 0), {}};
    for (const std::string& name : split(parts.size() > 1 ? parts[1] : "", ' '))
      if (auto found = appenders.find(name); found != appenders.end())
        logger.appenders.push_back(&found->second);
    loggers[key.substr(7)] = logger;
  }
  if (!loggers.count("root")) {
    std::fprintf(stderr, "Wrong Loggers configuration. Review your Logger config section.\nCreating default loggers [root (Error), server (Info)] to console\n");
    appenders["Console"] = Appender{1, 5, 0};
    loggers["root"] = Logger{5, {&appenders["Console"]}};
  }
}

void logLine(Level level, const std::string& type, const char* format, ...) {
  char text[4096];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);

  const std::lock_guard lock(writing);
  const Logger* logger = loggerFor(type);
  if (!logger || logger->level == 0 || static_cast<long>(level) < logger->level)
    return;
  for (const Appender* appender : logger->appenders)
    if (appender->level != 0 && static_cast<long>(level) >= appender->level)
      write(*appender, level, text);
}

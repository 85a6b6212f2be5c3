#pragma once
#include <string>

enum class Level { Trace = 1, Debug, Info, Warn, Error, Fatal };

/** Opens what the Appender.* and Logger.* settings name. A folder that is missing is not an error: there are just no files. */
void openLogs();
void logLine(Level level, const std::string& type, const char* format, ...) __attribute__((format(printf, 3, 4)));

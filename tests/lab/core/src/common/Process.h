#pragma once
#include <string>

struct CommandLine {
  std::string config;
  std::string configFolder;
  bool updateOnly = false;
  bool done = false; // --help or --version was all
};

/** Parses the options of both servers. Options nobody knows are ignored. */
CommandLine parseCommandLine(int argc, char** argv, const std::string& server);
/** Makes an abort look as the servers' does (139), and meets the user's locale, which must exist. */
void prepareServer();
/** Reads the settings, opens the logs, greets, writes the PidFile. False when the server cannot go on. */
bool beginServer(const CommandLine& line, const std::string& server);
/** "TrinityCore rev. <hash> <date> (<branch> branch) (Linux, x86_64, RelWithDebInfo, Static)" */
std::string fullVersion();
std::string revision();
std::string worldDumpName();
std::string compiledSource();
std::string compiledMysql();
/** Says why on stderr, then dies of SIGSEGV. */
[[noreturn]] void crash(const std::string& why);
/** A listening socket, or -1. */
int listenOn(const std::string& address, long port);

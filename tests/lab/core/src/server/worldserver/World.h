#pragma once
#include "Connection.h"
#include <atomic>
#include <chrono>

/** What the parts of the worldserver share. */
struct World {
  Database auth{"Login", "auth", "auth", 1};
  Database characters{"Character", "Character", "characters", 2};
  Database world{"World", "World", "world", 4};
  long realm = 0;
  std::string worldVersion, motd;
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
  long playerLimit = 0, securityLevel = 0;
  std::atomic<bool> stopped{false};
  std::atomic<int> exitCode{0};
  std::atomic<long> shutdownIn{-1}; // seconds, -1: none is planned
};

/** Whether maps, vmaps and dbc are there and of our formats; what is missing is in the log. */
bool checkGameData();

/** World::LoadConfigSettings: what is in force from now on. */
void loadSettings(World& world, bool reload);

struct Answer {
  bool good;
  std::string text;
};
/** Runs one command as the console, RA and SOAP do. */
Answer runCommand(World& world, std::string command);
/** Whether this account may use the remote console: its level, or -1 when name and password do not fit. */
int levelOf(World& world, const std::string& name, const std::string& password, bool everyRealm);

void startConsole(World& world);
void startRemoteConsole(World& world);
bool startSoap(World& world);
/** The SOAP thread sees the end of the world only when it looks, every three seconds. */
void awaitSoap();

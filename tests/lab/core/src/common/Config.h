#pragma once
#include <map>
#include <string>
#include <vector>

/** The servers' settings: code default < main file < conf.d < environment. */
class Config {
public:
  static Config& get();
  /** Reads the main file and everything under the folder; the answer is empty, or what is wrong. */
  std::string load(const std::string& file, const std::string& folder);
  /** Reads the same files again, and no others; the answer is what could not be read, an entry for each file. */
  std::vector<std::string> reload();
  std::string text(const std::string& key, const std::string& fallback) const;
  long number(const std::string& key, long fallback) const;
  bool flag(const std::string& key, bool fallback) const;
  /** The keys of the files that begin with this (the environment cannot add one). */
  std::vector<std::string> keys(const std::string& prefix) const;

private:
  std::string add(const std::string& file);
  void override();
  std::map<std::string, std::string> values_;
  std::vector<std::string> files_;
};

/** WorldServerPort -> TC_WORLD_SERVER_PORT */
std::string environmentName(const std::string& key);

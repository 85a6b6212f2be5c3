#include "Config.h"
#include "Log.h"
#include <algorithm>
#include <boost/filesystem.hpp>
#include <boost/property_tree/ini_parser.hpp>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace fs = boost::filesystem;
namespace pt = boost::property_tree;

std::string environmentName(const std::string& key) {
  auto lower = [](char c) { return std::islower(static_cast<unsigned char>(c)) != 0; };
  auto upper = [](char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; };
  auto digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  std::string name = "TC_";
  for (size_t i = 0; i < key.size(); ++i) {
    const char c = key[i];
    if (c == '.' || c == ' ' || c == '-') {
      name += '_';
      continue;
    }
    if (i > 0) {
      const char before = key[i - 1];
      const bool letterThenDigit = (lower(before) || upper(before)) && digit(c);
      const bool digitThenLetter = digit(before) && (lower(c) || upper(c));
      if ((lower(before) && upper(c)) || letterThenDigit || digitThenLetter)
        name += '_';
    }
    name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

Config& Config::get() {
  static Config config;
  return config;
}

std::string Config::add(const std::string& file) {
  try {
    pt::ptree tree;
    pt::ini_parser::read_ini(file, tree);
    if (tree.empty())
      return "empty file (" + file + ")";
    // Only the first section counts. Without a section line the "first section" is a key, which has no children:
    // such a file is taken without a word and means nothing.
    for (const auto& [key, value] : tree.begin()->second)
      values_[key] = value.get_value<std::string>();
    if (std::find(files_.begin(), files_.end(), file) == files_.end())
      files_.push_back(file);
    return "";
  } catch (const pt::ini_parser_error& error) {
    const std::string line = error.line() ? ":" + std::to_string(error.line()) : "";
    return error.message() + " (" + error.filename() + line + ")";
  }
}

std::string Config::load(const std::string& file, const std::string& folder) {
  if (std::string wrong = add(file); !wrong.empty())
    return wrong;
  if (fs::is_directory(folder)) {
    // In the order of the folder, which is no order one could rely on.
    for (fs::recursive_directory_iterator entry(folder), end; entry != end; ++entry) {
      if (!fs::is_regular_file(entry->path()) || entry->path().extension() != ".conf")
        continue;
      if (std::string wrong = add(entry->path().string()); !wrong.empty())
        return wrong;
      std::printf("Loaded additional config file %s\n", entry->path().c_str());
    }
  }
  override();
  return "";
}

std::vector<std::string> Config::reload() {
  std::vector<std::string> errors;
  const std::vector<std::string> files = files_;
  for (size_t i = 0; i < files.size(); ++i) {
    const auto before = values_;
    // The first file begins anew; whatever cannot be read is left out, and the others are read all the same.
    if (i == 0)
      values_.clear();
    if (std::string wrong = add(files[i]); !wrong.empty()) {
      errors.push_back(wrong);
      values_ = before;
    }
  }
  override();
  return errors;
}

void Config::override() {
  for (auto& [key, value] : values_) {
    if (const char* wanted = std::getenv(environmentName(key).c_str())) {
      value = wanted;
      std::printf("Configuration field '%s' was overridden with environment variable.\n", key.c_str());
    }
  }
}

std::string Config::text(const std::string& key, const std::string& fallback) const {
  std::string value = fallback;
  if (auto found = values_.find(key); found != values_.end())
    value = found->second;
  else if (const char* wanted = std::getenv(environmentName(key).c_str()))
    value = wanted;
  value.erase(std::remove(value.begin(), value.end(), '"'), value.end());
  return value;
}

// A number is read as a stream does, with its quotes if it has any.
long Config::number(const std::string& key, long fallback) const {
  std::string value = std::to_string(fallback);
  if (auto found = values_.find(key); found != values_.end())
    value = found->second;
  else if (const char* wanted = std::getenv(environmentName(key).c_str()))
    value = wanted;
  std::istringstream stream(value);
  int result = 0;
  if (!(stream >> result) || !(stream >> std::ws).eof()) {
    logLine(Level::Error, "server.loading", "Bad value defined for name '%s', going to use '%ld' instead", key.c_str(), fallback);
    return fallback;
  }
  return result;
}

bool Config::flag(const std::string& key, bool fallback) const {
  std::string value = text(key, fallback ? "1" : "0");
  std::transform(value.begin(), value.end(), value.begin(), ::tolower);
  for (const char* yes : {"1", "y", "on", "yes", "true"})
    if (value == yes)
      return true;
  for (const char* no : {"0", "n", "off", "no", "false"})
    if (value == no)
      return false;
  logLine(Level::Error, "server.loading", "Bad value defined for name '%s', going to use '%d' instead", key.c_str(), fallback);
  return fallback;
}

std::vector<std::string> Config::keys(const std::string& prefix) const {
  std::vector<std::string> found;
  for (const auto& [key, value] : values_)
    if (key.compare(0, prefix.size(), prefix) == 0)
      found.push_back(key);
  return found;
}

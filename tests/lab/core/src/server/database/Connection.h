#pragma once
#include <memory>
#include <mutex>
#include <mysql.h>
#include <optional>
#include <string>
#include <vector>

/** host;port_or_socket;user;password;database[;ssl] — any other number of tokens leaves everything empty. */
struct ConnectionInfo {
  explicit ConnectionInfo(const std::string& text);
  std::string host, portOrSocket, user, password, database, ssl;
};

using Row = std::vector<std::optional<std::string>>;
using Rows = std::vector<Row>;

/** One database of the server: a small pool of connections that share one ConnectionInfo. */
class Database {
public:
  Database(std::string key, std::string title, std::string folder, int bit) : key(key), title(title), folder(folder), bit(bit) {}
  ~Database();
  /** Opens all connections; the answer is 0 or the first error's number. */
  unsigned open();
  /** A query that fails is logged and has no rows; a schema that does not fit is the end. One that meets no server makes all after it fail. */
  Rows query(const std::string& statement);
  bool prepare(const std::string& statement);
  std::string escape(const std::string& text);

  const std::string key;    // "Login": LoginDatabaseInfo, LoginDatabase.WorkerThreads …
  const std::string title;  // "auth", "Character", "World"
  const std::string folder; // "auth": sql/updates/auth
  const int bit;            // its bit in Updates.EnableDatabases
  std::unique_ptr<ConnectionInfo> info;

private:
  unsigned connect();
  bool reconnect();
  std::vector<MYSQL*> connections_;
  std::mutex using_;
};

std::string quoted(Database& database, const std::string& text);
std::string hexOf(const std::string& bytes);

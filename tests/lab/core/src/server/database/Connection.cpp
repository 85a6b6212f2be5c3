#include "Connection.h"
#include "Config.h"
#include "Log.h"
#include "Process.h"
#include <chrono>
#include <errmsg.h>
#include <mysqld_error.h>
#include <thread>

using namespace std::chrono_literals;

ConnectionInfo::ConnectionInfo(const std::string& text) {
  std::vector<std::string> tokens(1);
  for (char c : text) {
    if (c == ';')
      tokens.emplace_back();
    else
      tokens.back() += c;
  }
  if (tokens.size() != 5 && tokens.size() != 6)
    return;
  host = tokens[0];
  portOrSocket = tokens[1];
  user = tokens[2];
  password = tokens[3];
  database = tokens[4];
  if (tokens.size() == 6)
    ssl = tokens[5];
}

Database::~Database() {
  for (MYSQL* connection : connections_)
    mysql_close(connection);
}

unsigned Database::connect() {
  MYSQL* connection = mysql_init(nullptr);
  unsigned port = 0;
  const char* socket = nullptr;
  mysql_options(connection, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  if (info->host == ".") {
    // The info belongs to the whole pool, so the next connection sees "localhost", forgets the socket, and meets the
    // client library's default one. The real core has this fault, and this one keeps it.
    const unsigned protocol = MYSQL_PROTOCOL_SOCKET;
    mysql_options(connection, MYSQL_OPT_PROTOCOL, &protocol);
    info->host = "localhost";
    socket = info->portOrSocket.c_str();
  } else {
    port = static_cast<unsigned>(std::strtoul(info->portOrSocket.c_str(), nullptr, 10));
  }
  if (!info->ssl.empty()) {
    const my_bool enforce = info->ssl == "ssl";
    mysql_options(connection, MYSQL_OPT_SSL_ENFORCE, &enforce);
  }
  if (!mysql_real_connect(connection, info->host.c_str(), info->user.c_str(), info->password.c_str(), info->database.c_str(), port,
                          socket, 0)) {
    const unsigned wrong = mysql_errno(connection);
    logLine(Level::Error, "sql.sql", "Could not connect to MySQL database at %s: %s", info->host.c_str(), mysql_error(connection));
    mysql_close(connection);
    return wrong;
  }
  // All that the real core's MySQLConnection::Open sets for its sessions: what else there is, sql_mode too, they have from the server.
  mysql_autocommit(connection, 1);
  mysql_set_character_set(connection, "utf8mb4");
  connections_.push_back(connection);
  return 0;
}

unsigned Database::open() {
  const Config& config = Config::get();
  const std::string threads = key + "Database.";
  const long wanted = config.number(threads + "WorkerThreads", 1) + config.number(threads + "SynchThreads", 1);
  for (long i = static_cast<long>(connections_.size()); i < wanted; ++i)
    if (const unsigned wrong = connect())
      return wrong;
  return 0;
}

/** As MySQLConnection.cpp does it: what follows depends on the error of the first try. */
bool Database::reconnect() {
  logLine(Level::Error, "sql.sql", "Lost the connection to the MySQL server!");
  for (MYSQL* connection : connections_)
    mysql_close(connection);
  connections_.clear();
  for (int attempt = 0; attempt < 5; ++attempt) {
    const unsigned wrong = open();
    if (wrong == 0)
      return true;
    if (wrong != CR_CONN_HOST_ERROR && wrong != CR_SERVER_GONE_ERROR && wrong != CR_SERVER_LOST) {
      // 2002 is what MariaDB's client library says, by socket and by TCP: from here on every query fails, for ever.
      logLine(Level::Error, "sql.sql", "Unhandled MySQL errno %u. Unexpected behaviour possible.", wrong);
      return false;
    }
    std::this_thread::sleep_for(3s);
  }
  logLine(Level::Fatal, "sql.sql", "Failed to reconnect to the MySQL server, terminating the server to prevent data corruption!");
  std::this_thread::sleep_for(10s);
  crash("No database.");
}

Rows Database::query(const std::string& statement) {
  const std::lock_guard lock(using_);
  if (connections_.empty())
    return {};
  while (mysql_real_query(connections_.front(), statement.data(), statement.size()) != 0) {
    MYSQL* connection = connections_.front();
    const unsigned wrong = mysql_errno(connection);
    logLine(Level::Error, "sql.sql", "[%u] %s (%s)", wrong, mysql_error(connection), statement.c_str());
    if (wrong == ER_NO_SUCH_TABLE || wrong == ER_BAD_FIELD_ERROR)
      crash("Your database structure is not up to date. Please make sure you've executed all queries in the sql/updates folders.");
    if (wrong == ER_PARSE_ERROR)
      crash("Error while parsing SQL. Core fix required.");
    if (wrong != CR_SERVER_GONE_ERROR && wrong != CR_SERVER_LOST)
      return {};
    if (!reconnect())
      return {};
  }
  Rows rows;
  MYSQL_RES* result = mysql_store_result(connections_.front());
  if (!result)
    return rows;
  const unsigned columns = mysql_num_fields(result);
  while (MYSQL_ROW fields = mysql_fetch_row(result)) {
    const unsigned long* lengths = mysql_fetch_lengths(result);
    Row row;
    for (unsigned i = 0; i < columns; ++i)
      row.push_back(fields[i] ? std::optional(std::string(fields[i], lengths[i])) : std::nullopt);
    rows.push_back(std::move(row));
  }
  mysql_free_result(result);
  return rows;
}

bool Database::prepare(const std::string& statement) {
  MYSQL_STMT* prepared = mysql_stmt_init(connections_.front());
  const bool good = mysql_stmt_prepare(prepared, statement.data(), statement.size()) == 0;
  if (!good)
    logLine(Level::Error, "sql.sql", "In mysql_stmt_prepare() error %s, sql: \"%s\"", mysql_stmt_error(prepared), statement.c_str());
  mysql_stmt_close(prepared);
  return good;
}

std::string Database::escape(const std::string& text) {
  if (connections_.empty())
    return text;
  std::string result(text.size() * 2 + 1, '\0');
  result.resize(mysql_real_escape_string(connections_.front(), result.data(), text.data(), text.size()));
  return result;
}

std::string quoted(Database& database, const std::string& text) { return "'" + database.escape(text) + "'"; }

std::string hexOf(const std::string& bytes) {
  std::string text;
  for (unsigned char byte : bytes) {
    char two[3];
    std::snprintf(two, sizeof two, "%02X", byte);
    text += two;
  }
  return text;
}

#pragma once
#include "Connection.h"

/** The three things a server does to a database before it uses it. Each is false when the server cannot go on. */
bool createDatabase(Database& database);
bool populateDatabase(Database& database);
bool updateDatabase(Database& database);

std::string sourceFolder();
std::string sha1Of(const std::string& file);
/** Runs one file through the mysql program, which gets the password on its command line. */
bool applyFile(const ConnectionInfo& info, const std::string& file, bool intoDatabase = true);

/** Opens, creates, fills, updates and checks all of them, in that order over all. */
bool loadDatabases(const std::vector<Database*>& databases);

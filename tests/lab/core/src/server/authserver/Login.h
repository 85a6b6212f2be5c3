#pragma once
#include "Updater.h"

/** Hears one client out until its password is right or not; closes the connection. */
void logIn(Database& auth, int guest);

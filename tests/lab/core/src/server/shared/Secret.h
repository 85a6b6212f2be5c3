#pragma once
#include "Connection.h"

/** Brings account.totp_secret in line with TOTPMasterSecret; dies when that needs an old secret nobody gave. */
void initSecrets(Database& auth);

#pragma once
#include "Connection.h"
#include <optional>

/** The master secret as a server has it: not to be had, none (secrets are stored as they are), or its key. */
struct Secret {
  bool available = false;
  std::optional<std::string> key;
};

/** The authserver's: brings account.totp_secret in line with TOTPMasterSecret; dies when that cannot be done. */
void initSecrets(Database& auth);
/** The worldserver's: looked for when a command first needs it, and kept as it was then. */
const Secret& secretOnDemand(Database& auth);

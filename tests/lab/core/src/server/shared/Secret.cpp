#include "Secret.h"
#include "Config.h"
#include "Crypto.h"
#include "Log.h"
#include "Process.h"

namespace {
[[noreturn]] void giveUp(const std::string& why) {
  logLine(Level::Fatal, "server.loading", "%s", why.c_str());
  crash(why);
}

/** The real core keeps an argon2id hash; this one's job is only to notice that the secret is another one. */
std::string digestOf(const std::string& secret) {
  std::string number = upperCase(secret);
  while (number.compare(0, 2, "00") == 0)
    number.erase(0, 2);
  return "$standin$" + sha256Hex(number);
}
} // namespace

void initSecrets(Database& auth) {
  const Config& config = Config::get();
  const std::string wanted = config.text("TOTPMasterSecret", "");
  const std::string former = config.text("TOTPOldMasterSecret", "");
  const auto key = masterKey(wanted);
  if (!wanted.empty() && !key)
    giveUp("Invalid value for 'TOTPMasterSecret' - specify a hexadecimal integer of up to 128 bits with no prefix.");

  const Rows rows = auth.query("SELECT digest FROM secret_digest WHERE id = 0");
  const std::string known = rows.empty() ? "" : rows[0][0].value_or("");
  if (known.empty() ? wanted.empty() : !wanted.empty() && digestOf(wanted) == known)
    return;

  const Rows accounts = auth.query("SELECT id, totp_secret FROM account WHERE totp_secret IS NOT NULL");
  std::optional<std::string> oldKey;
  if (!known.empty() && !accounts.empty()) {
    if (former.empty())
      giveUp("Cannot decrypt old TOTP tokens - add config key 'TOTPOldMasterSecret' to authserver.conf!");
    oldKey = masterKey(former);
    if (!oldKey || digestOf(former) != known)
      giveUp("Cannot decrypt old TOTP tokens - value provided for 'TOTPOldMasterSecret' in authserver.conf is incorrect!");
  }
  auth.query("START TRANSACTION");
  for (const Row& row : accounts) {
    std::string secret = row[1].value_or("");
    if (oldKey) {
      const auto plain = decrypted(*oldKey, secret);
      if (!plain)
        giveUp("Cannot decrypt old TOTP tokens - value provided for 'TOTPOldMasterSecret' in authserver.conf is incorrect!");
      secret = *plain;
    }
    if (key)
      secret = encrypted(*key, secret);
    auth.query("UPDATE account SET totp_secret = x'" + hexOf(secret) + "' WHERE id = " + row[0].value_or("0"));
  }
  auth.query("DELETE FROM secret_digest WHERE id = 0");
  if (key)
    auth.query("INSERT INTO secret_digest (id, digest) VALUES (0, '" + digestOf(wanted) + "')");
  auth.query("COMMIT");
  logLine(Level::Info, "server.loading", "Successfully transitioned database to new 'TOTPMasterSecret' value.");
}

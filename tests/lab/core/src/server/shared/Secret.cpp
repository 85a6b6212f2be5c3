#include "Secret.h"
#include "Config.h"
#include "Crypto.h"
#include "Log.h"
#include "Process.h"

namespace {
constexpr const char* loading = "server.loading";

[[noreturn]] void giveUp(const std::string& why) {
  logLine(Level::Fatal, loading, "%s", why.c_str());
  crash(why);
}

/** As GetHexFromConfig of the real one: what is no number at all ends the server. */
std::optional<std::string> numberFromConfig(const char* key) {
  const std::string text = Config::get().text(key, "");
  if (text.empty())
    return std::nullopt;
  const auto number = masterNumber(text);
  if (!number)
    giveUp(std::string("Invalid value for '") + key + "' - specify a hexadecimal integer of up to 128 bits with no prefix.");
  return number;
}

/** The real core keeps an argon2id hash with a salt; this one's job is only to notice that the secret is another one. */
std::string digestOf(const std::string& number, const std::string& salt) { return "$standin$" + salt + "$" + sha256Hex(salt + number); }
bool fits(const std::string& number, const std::string& digest) {
  const size_t begin = std::string("$standin$").size();
  return digest.size() > begin && digest == digestOf(number, digest.substr(begin, digest.find('$', begin) - begin));
}

/** AttemptTransition: all in one transaction. Says why it cannot be done. */
std::optional<std::string> transition(Database& auth, const std::optional<std::string>& wanted, const std::optional<std::string>& former, bool hadFormer) {
  auth.query("START TRANSACTION");
  for (const Row& row : auth.query("SELECT id, totp_secret FROM account WHERE totp_secret IS NOT NULL")) {
    std::string secret = row[1].value_or("");
    if (hadFormer) {
      std::optional<std::string> plain;
      if (former)
        plain = decrypted(masterKey(*former), secret);
      if (!plain) {
        auth.query("ROLLBACK");
        return former ? "Cannot decrypt old TOTP tokens - value of 'TOTPOldMasterSecret' is incorrect for some users!"
                      : "Cannot decrypt old TOTP tokens - add config key 'TOTPOldMasterSecret' to authserver.conf!";
      }
      secret = *plain;
    }
    if (wanted)
      secret = encrypted(masterKey(*wanted), secret);
    auth.query("UPDATE account SET totp_secret = x'" + hexOf(secret) + "' WHERE id = " + row[0].value_or("0"));
  }
  auth.query("DELETE FROM secret_digest WHERE id = 0");
  if (wanted)
    auth.query("INSERT INTO secret_digest (id, digest) VALUES (0, '" + digestOf(*wanted, randomHex(8)) + "')");
  auth.query("COMMIT");
  return std::nullopt;
}

/** AttemptLoad. */
Secret load(Database& auth, bool owner, Level level) {
  const Rows rows = auth.query("SELECT digest FROM secret_digest WHERE id = 0");
  const std::string digest = rows.empty() ? "" : rows[0][0].value_or("");
  const auto wanted = numberFromConfig("TOTPMasterSecret");
  if (digest.empty() == wanted.has_value() || (!digest.empty() && !fits(*wanted, digest))) {
    if (!owner) {
      logLine(level, loading, wanted ? "Invalid value for 'TOTPMasterSecret' specified - this is not actually the secret being used in your auth DB."
                                     : "No value for 'TOTPMasterSecret' specified - please specify the secret currently being used in your auth DB.");
      return {};
    }
    std::optional<std::string> former;
    if (!digest.empty()) {
      former = numberFromConfig("TOTPOldMasterSecret");
      if (former && !fits(*former, digest)) {
        logLine(level, loading, "Invalid value for 'TOTPOldMasterSecret' specified - this is not actually the secret previously used in your auth DB.");
        return {};
      }
    }
    if (const auto why = transition(auth, wanted, former, !digest.empty())) {
      logLine(level, loading, "Your value of 'TOTPMasterSecret' changed, but we cannot transition your database to the new value:\n%s", why->c_str());
      return {};
    }
    logLine(Level::Info, loading, "Successfully transitioned database to new 'TOTPMasterSecret' value.");
  }
  return {true, wanted ? std::optional(masterKey(*wanted)) : std::nullopt};
}
} // namespace

void initSecrets(Database& auth) {
  if (!load(auth, true, Level::Fatal).available)
    crash("load failed");
}

const Secret& secretOnDemand(Database& auth) {
  static const Secret secret = load(auth, false, Level::Error);
  return secret;
}

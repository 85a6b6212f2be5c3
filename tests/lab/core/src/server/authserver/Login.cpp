#include "Login.h"
#include "Log.h"
#include "Srp6.h"
#include "Crypto.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {
constexpr char challenge = 0, proof = 1;
/** Of AuthCodes.h. */
enum Answer : char { success = 0, banned = 3, unknownAccount = 4, versionInvalid = 9, suspended = 12, lockedEnforced = 16 };
constexpr unsigned clientBuild = 12340;

/** Exactly so many bytes, or none where the client falls silent. */
std::string hear(int guest, size_t size) {
  std::string bytes(size, '\0');
  return recv(guest, bytes.data(), size, MSG_WAITALL) == static_cast<ssize_t>(size) ? bytes : "";
}
void say(int guest, const std::string& bytes) { send(guest, bytes.data(), bytes.size(), MSG_NOSIGNAL); }

std::string addressOf(int guest) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  char text[INET_ADDRSTRLEN] = "";
  if (getpeername(guest, reinterpret_cast<sockaddr*>(&address), &size) == 0)
    inet_ntop(AF_INET, &address.sin_addr, text, sizeof text);
  return text;
}

/** Who comes from another address than the last one, or is banned, is not even asked for the password. */
char barred(const Row& account, const std::string& address) {
  if (account[3].value_or("0") != "0" && account[4].value_or("") != address)
    return lockedEnforced;
  if (account[5].value_or("0") == "1")
    return account[6].value_or("0") == "1" ? banned : suspended;
  return success;
}

void hearOut(Database& auth, int guest) {
  const std::string head = hear(guest, 34);
  if (head.empty() || head[0] != challenge)
    return;
  const std::string name = hear(guest, static_cast<unsigned char>(head[33]));
  const std::string address = addressOf(guest);
  const auto refuse = [&](char why) { say(guest, {challenge, 0, why}); };
  const Rows found = auth.query(
      "SELECT a.username, a.salt, a.verifier, a.locked, a.last_ip, ab.unbandate > UNIX_TIMESTAMP() OR ab.unbandate = ab.bandate, ab.unbandate = ab.bandate "
      "FROM account a LEFT JOIN account_banned ab ON ab.id = a.id AND ab.active = 1 WHERE a.username = " +
      quoted(auth, name));
  if (found.empty())
    return refuse(unknownAccount);
  if (const char why = barred(found[0], address); why != success)
    return refuse(why);
  if (static_cast<unsigned char>(head[11]) + static_cast<unsigned char>(head[12]) * 256u != clientBuild)
    return refuse(versionInvalid);
  const std::string stored = found[0][0].value_or("");
  const Srp6 srp(stored, found[0][1].value_or(""), found[0][2].value_or(""));
  // What follows are 16 bytes for the client's own checksum, which is not compared, and the flags of a second factor.
  say(guest, std::string{challenge, 0, success} + srp.challenge() + std::string(16, '\0') + '\0');

  const std::string answer = hear(guest, 75);
  if (answer.empty() || answer[0] != proof)
    return;
  const std::string number = answer.substr(1, 32), client = answer.substr(33, 20);
  const std::optional<std::string> key = srp.sessionKey(number, client);
  if (!key) {
    logLine(Level::Info, "server.authserver.hack", "[AuthChallenge] account %s tried to login with invalid password!", stored.c_str());
    return say(guest, {proof, unknownAccount, 0, 0});
  }
  auth.query("UPDATE account SET session_key_auth = x'" + hexOf(*key) + "', last_ip = " + quoted(auth, address) + ", last_login = NOW(), failed_logins = 0 WHERE username = " + quoted(auth, stored));
  say(guest, std::string{proof, success} + sha1(number + client + *key) + std::string{0, 0, '\x80', 0} + std::string(6, '\0'));
}
} // namespace

void logIn(Database& auth, int guest) {
  // One after the other: who says nothing may not keep the others waiting for long.
  const timeval patience{2, 0};
  setsockopt(guest, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  hearOut(auth, guest);
  close(guest);
}

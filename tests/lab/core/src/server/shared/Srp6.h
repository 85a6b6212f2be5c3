#pragma once
#include <optional>
#include <string>

/** Whether the SRP6 verifier of an account belongs to this password. */
bool passwordFits(const std::string& name, const std::string& password, const std::string& salt, const std::string& verifier);

/** The server's side of one login. Numbers are 32 bytes, the lowest first. */
class Srp6 {
public:
  Srp6(const std::string& name, const std::string& salt, const std::string& verifier);
  /** What the client is asked: B, g, N and the salt, each of the two in the middle after its length. */
  std::string challenge() const;
  /** @return the session key, 40 bytes, where the client's proof is right */
  std::optional<std::string> sessionKey(const std::string& clientNumber, const std::string& proof) const;

private:
  std::string name_, salt_, verifier_, secret_, number_;
};

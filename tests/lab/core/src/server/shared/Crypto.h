#pragma once
#include <optional>
#include <string>

/** The key of TOTPMasterSecret: hex digits of a number, as 16 bytes with the lowest first. */
std::optional<std::string> masterKey(const std::string& hex);
/** ciphertext || IV(12) || tag(12), AES-128-GCM. */
std::string encrypted(const std::string& key, const std::string& plain);
std::optional<std::string> decrypted(const std::string& key, const std::string& sealed);
std::string sha256Hex(const std::string& text);
/** Whether the SRP6 verifier of an account belongs to this password. */
bool passwordFits(const std::string& name, const std::string& password, const std::string& salt, const std::string& verifier);
std::string fromBase64(const std::string& text);
std::string upperCase(std::string text);

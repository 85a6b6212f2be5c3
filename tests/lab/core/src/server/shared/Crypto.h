#pragma once
#include <optional>
#include <string>

/** The key of TOTPMasterSecret: hex digits of a number, as 16 bytes with the lowest first. */
std::optional<std::string> masterKey(const std::string& hex);
/** ciphertext || IV(12) || tag(12), AES-128-GCM. */
std::string encrypted(const std::string& key, const std::string& plain);
std::optional<std::string> decrypted(const std::string& key, const std::string& sealed);
/** 20 bytes. */
std::string sha1(const std::string& text);
std::string sha256Hex(const std::string& text);
std::string fromBase64(const std::string& text);
std::string upperCase(std::string text);

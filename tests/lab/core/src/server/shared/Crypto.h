#pragma once
#include <optional>
#include <string>

/** TOTPMasterSecret as the core reads it: the hexadecimal number that the text begins with, at most 128 bits of it. */
std::optional<std::string> masterNumber(const std::string& hex);
/** The key of that number: 16 bytes with the lowest first. */
std::string masterKey(const std::string& number);
std::string randomHex(size_t bytes);
std::optional<std::string> fromBase32(const std::string& text);
/** ciphertext || IV(12) || tag(12), AES-128-GCM. */
std::string encrypted(const std::string& key, const std::string& plain);
std::optional<std::string> decrypted(const std::string& key, const std::string& sealed);
/** 20 bytes. */
std::string sha1(const std::string& text);
std::string sha256Hex(const std::string& text);
std::string fromBase64(const std::string& text);
std::string upperCase(std::string text);

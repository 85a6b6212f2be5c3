#include "Crypto.h"
#include <algorithm>
#include <memory>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <vector>

namespace {
constexpr size_t ivSize = 12, tagSize = 12;
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;
using Number = std::unique_ptr<BIGNUM, decltype(&BN_free)>;
using Bytes = std::vector<unsigned char>;

const unsigned char* bytes(const std::string& text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string hexDigits(const unsigned char* data, size_t size) {
  std::string hex;
  for (size_t at = 0; at < size; ++at) {
    hex += "0123456789abcdef"[data[at] >> 4];
    hex += "0123456789abcdef"[data[at] & 15];
  }
  return hex;
}
} // namespace

std::optional<std::string> masterNumber(const std::string& hex) {
  BIGNUM* parsed = nullptr;
  if (BN_hex2bn(&parsed, hex.c_str()) <= 0)
    return std::nullopt;
  const Number number(parsed, BN_free);
  if (BN_num_bits(number.get()) > 128)
    BN_mask_bits(number.get(), 128);
  char* text = BN_bn2hex(number.get());
  const std::string written = text;
  OPENSSL_free(text);
  return written;
}

std::string masterKey(const std::string& number) {
  BIGNUM* parsed = nullptr;
  BN_hex2bn(&parsed, number.c_str());
  const Number value(parsed, BN_free);
  std::string key(16, '\0');
  BN_bn2lebinpad(value.get(), reinterpret_cast<unsigned char*>(key.data()), static_cast<int>(key.size()));
  return key;
}

std::string randomHex(size_t size) {
  Bytes random(size);
  RAND_bytes(random.data(), static_cast<int>(size));
  return hexDigits(random.data(), size);
}

std::optional<std::string> fromBase32(const std::string& text) {
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string out;
  unsigned buffer = 0, bits = 0;
  for (char c : text.substr(0, text.find_last_not_of('=') + 1)) {
    const size_t value = alphabet.find(c);
    if (value == std::string::npos)
      return std::nullopt;
    buffer = (buffer << 5 | static_cast<unsigned>(value)) & 0xFFF;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>(buffer >> bits & 0xFF);
    }
  }
  // Bits that are left over must be zero.
  return (buffer & ((1u << bits) - 1)) == 0 ? std::optional(out) : std::nullopt;
}

std::string encrypted(const std::string& key, const std::string& plain) {
  unsigned char iv[ivSize], tag[tagSize];
  RAND_bytes(iv, sizeof iv);
  const Cipher cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  Bytes out(plain.size() + 16);
  int length = 0, rest = 0;
  EVP_EncryptInit_ex(cipher.get(), EVP_aes_128_gcm(), nullptr, bytes(key), iv);
  EVP_EncryptUpdate(cipher.get(), out.data(), &length, bytes(plain), static_cast<int>(plain.size()));
  EVP_EncryptFinal_ex(cipher.get(), out.data() + length, &rest);
  EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tagSize, tag);
  return std::string(reinterpret_cast<char*>(out.data()), plain.size()) + std::string(reinterpret_cast<char*>(iv), sizeof iv) +
         std::string(reinterpret_cast<char*>(tag), sizeof tag);
}

std::optional<std::string> decrypted(const std::string& key, const std::string& sealed) {
  if (sealed.size() < ivSize + tagSize)
    return std::nullopt;
  const size_t size = sealed.size() - ivSize - tagSize;
  std::string tag = sealed.substr(size + ivSize);
  const Cipher cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  Bytes out(size + 16);
  int length = 0, rest = 0;
  EVP_DecryptInit_ex(cipher.get(), EVP_aes_128_gcm(), nullptr, bytes(key), bytes(sealed) + size);
  EVP_DecryptUpdate(cipher.get(), out.data(), &length, bytes(sealed), static_cast<int>(size));
  EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tagSize, tag.data());
  if (EVP_DecryptFinal_ex(cipher.get(), out.data() + length, &rest) <= 0)
    return std::nullopt;
  return std::string(reinterpret_cast<char*>(out.data()), size);
}

std::string sha1(const std::string& text) {
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(bytes(text), text.size(), digest);
  return std::string(reinterpret_cast<char*>(digest), sizeof digest);
}

std::string sha256Hex(const std::string& text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(bytes(text), text.size(), digest);
  return hexDigits(digest, sizeof digest);
}

std::string fromBase64(const std::string& text) {
  if (text.empty() || text.size() % 4 != 0)
    return "";
  Bytes out(text.size());
  int length = EVP_DecodeBlock(out.data(), bytes(text), static_cast<int>(text.size()));
  length -= static_cast<int>(text.size() - text.find_last_not_of('=') - 1);
  return length < 0 ? "" : std::string(reinterpret_cast<char*>(out.data()), static_cast<size_t>(length));
}

std::string upperCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), ::toupper);
  return text;
}

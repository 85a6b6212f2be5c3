#include "Srp6.h"
#include "Crypto.h"
#include <memory>
#include <openssl/bn.h>
#include <openssl/rand.h>

namespace {
using Number = std::unique_ptr<BIGNUM, decltype(&BN_free)>;
using Scratch = std::unique_ptr<BN_CTX, decltype(&BN_CTX_free)>;
constexpr int width = 32;

Number number(const std::string& lowestFirst) {
  return Number(BN_lebin2bn(reinterpret_cast<const unsigned char*>(lowestFirst.data()), static_cast<int>(lowestFirst.size()), nullptr), BN_free);
}
std::string text(const Number& number) {
  std::string bytes(width, '\0');
  BN_bn2lebinpad(number.get(), reinterpret_cast<unsigned char*>(bytes.data()), width);
  return bytes;
}
Number fresh() { return Number(BN_new(), BN_free); }

Number prime() {
  BIGNUM* parsed = nullptr;
  BN_hex2bn(&parsed, "894B645E89E1535BBDAD5B8B290650530801B18EBFBF5E8FAB3C82872A3E9BB7");
  return Number(parsed, BN_free);
}
const std::string generator = "\x07";

Number power(const Number& base, const Number& exponent) {
  Number result = fresh();
  const Scratch scratch(BN_CTX_new(), BN_CTX_free);
  BN_mod_exp(result.get(), base.get(), exponent.get(), prime().get(), scratch.get());
  return result;
}
Number product(const Number& one, const Number& other) {
  Number result = fresh();
  const Scratch scratch(BN_CTX_new(), BN_CTX_free);
  BN_mod_mul(result.get(), one.get(), other.get(), prime().get(), scratch.get());
  return result;
}

/** Two hashes, of every other byte each, put together as they were taken apart; leading zeros are left out in pairs. */
std::string interleaved(const std::string& shared) {
  size_t from = shared.find_first_not_of('\0');
  from = from == std::string::npos ? shared.size() : (from + 1) / 2 * 2;
  std::string even, odd, key;
  for (size_t at = from; at + 1 < shared.size(); at += 2) {
    even += shared[at];
    odd += shared[at + 1];
  }
  even = sha1(even);
  odd = sha1(odd);
  for (size_t at = 0; at < even.size(); ++at)
    key += {even[at], odd[at]};
  return key;
}
} // namespace

bool passwordFits(const std::string& name, const std::string& password, const std::string& salt, const std::string& verifier) {
  const Number x = number(sha1(salt + sha1(upperCase(name) + ":" + upperCase(password))));
  return BN_cmp(power(number(generator), x).get(), number(verifier).get()) == 0;
}

Srp6::Srp6(const std::string& name, const std::string& salt, const std::string& verifier)
    : name_(name), salt_(salt), verifier_(verifier), secret_(width, '\0') {
  RAND_bytes(reinterpret_cast<unsigned char*>(secret_.data()), width);
  // B = 3v + g^b
  const Number sum = product(number("\x03"), number(verifier));
  const Scratch scratch(BN_CTX_new(), BN_CTX_free);
  BN_mod_add(sum.get(), sum.get(), power(number(generator), number(secret_)).get(), prime().get(), scratch.get());
  number_ = text(sum);
}

std::string Srp6::challenge() const { return number_ + '\x01' + generator + static_cast<char>(width) + text(prime()) + salt_; }

std::optional<std::string> Srp6::sessionKey(const std::string& clientNumber, const std::string& proof) const {
  const Number client = number(clientNumber);
  if (BN_is_zero(product(client, number("\x01")).get()))
    return std::nullopt;
  const Number u = number(sha1(clientNumber + number_));
  const std::string key = interleaved(text(power(product(client, power(number(verifier_), u)), number(secret_))));
  std::string group = sha1(text(prime()));
  const std::string other = sha1(generator);
  for (size_t at = 0; at < group.size(); ++at)
    group[at] ^= other[at];
  return sha1(group + sha1(name_) + salt_ + clientNumber + number_ + key) == proof ? std::optional(key) : std::nullopt;
}

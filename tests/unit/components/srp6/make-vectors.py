#!/usr/bin/env python3
"""Vectors of the core's SRP6 (src/common/Cryptography/Authentication/SRP6.cpp) by a second implementation: Python's own numbers and hashlib.

usage: make-vectors.py >vectors.json
"""
import hashlib
import json

N = 0x894B645E89E1535BBDAD5B8B290650530801B18EBFBF5E8FAB3C82872A3E9BB7


def sha1(data):
    return hashlib.sha1(data).digest()


def verifier(name, password, salt):
    secret = sha1(f"{name}:{password}".upper().encode("ascii"))
    number = pow(7, int.from_bytes(sha1(salt + secret), "little"), N)
    return number.to_bytes(32, "little")


def salt(number):
    return hashlib.sha256(f"vector {number}".encode()).digest()


def padded():
    """A salt whose verifier's number is short, so that its last bytes are zeros."""
    return next(s for s in map(salt, range(100_000)) if verifier("SHORT", "short", s).endswith(b"\0\0"))


CASES = [
    ("TEST", "TEST", bytes(range(32))),
    ("test", "tesT", bytes(range(32))),
    ("TRINITYSTACK", "x0Bbq7LmKz19QwEr", bytes(range(32))),
    ("Espionage724", "x", salt(1)),
    ("A", "a", bytes(32)),
    ("Z", "z", b"\xff" * 32),
    ("SIXTEENLETTERSOK", "sixteenlettersok", salt(2)),
    ("O'BRIEN", "it's \"me\"", salt(3)),
    ("$(ID)`\\%;&|<>", "p@$$w0rd;\"\\`!", salt(4)),
    ("PLAYER", "two  blanks in", salt(5)),
    ("~!@#^*()_+-=", "{}[]<>,./?|~", salt(6)),
    ("0123456789", "9876543210", salt(7)),
    ("SHORT", "short", padded()),
    ("LEADING", "zero", b"\0" * 16 + salt(8)[:16]),
    ("TRAILING", "zero", salt(9)[:16] + b"\0" * 16),
]
lines = [
    json.dumps({"name": name, "password": password, "salt": s.hex(), "verifier": verifier(name, password, s).hex()})
    for name, password, s in CASES
]
print("[\n  " + ",\n  ".join(lines) + "\n]")

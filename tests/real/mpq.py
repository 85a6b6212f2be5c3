"""Writes MPQ archives (format 2) as a game client 3.3.5a has them: sectors with zlib, tables at the end.

No package writes them without a library in C that has to be built first, so this follows libmpq's reader in the core's
own source (dep/libmpq).
"""
import struct
import zlib

HEADER = 44
SECTOR = 4096
EXISTS, COMPRESSED = 0x80000000, 0x00000200
ZLIB = b"\x02"


def scramble_table():
    """The numbers that names are hashed with, and tables encrypted."""
    table, seed = [0] * 0x500, 0x00100001
    for first in range(0x100):
        for at in range(first, 0x500, 0x100):
            high = seed = (seed * 125 + 3) % 0x2AAAAB
            seed = (seed * 125 + 3) % 0x2AAAAB
            table[at] = (high & 0xFFFF) << 16 | seed & 0xFFFF
    return table


SCRAMBLE = scramble_table()
PLACE, NAME_A, NAME_B, KEY = 0x000, 0x100, 0x200, 0x300


def hashed(text, kind):
    one, two = 0x7FED7FED, 0xEEEEEEEE
    for letter in text.upper().encode():
        one = SCRAMBLE[kind + letter] ^ (one + two) & 0xFFFFFFFF
        two = (letter + one + two + (two << 5) + 3) & 0xFFFFFFFF
    return one


def encrypted(data, key):
    two, words = 0xEEEEEEEE, []
    for (word,) in struct.iter_unpack("<I", data):
        two = (two + SCRAMBLE[0x400 + (key & 0xFF)]) & 0xFFFFFFFF
        words.append(word ^ (key + two) & 0xFFFFFFFF)
        key = ((~key << 21) + 0x11111111 | key >> 11) & 0xFFFFFFFF
        two = (word + two + (two << 5) + 3) & 0xFFFFFFFF
    return struct.pack(f"<{len(words)}I", *words)


def packed(content):
    """The offsets of the sectors, and the sectors; one that zlib does not make smaller stays as it is."""
    sectors = []
    for at in range(0, len(content), SECTOR):
        plain = content[at:at + SECTOR]
        smaller = ZLIB + zlib.compress(plain)
        sectors.append(smaller if len(smaller) < len(plain) else plain)
    offsets = [4 * (len(sectors) + 1)]
    for sector in sectors:
        offsets.append(offsets[-1] + len(sector))
    return struct.pack(f"<{len(offsets)}I", *offsets) + b"".join(sectors)


def write_mpq(path, files):
    """files: name within the archive, with backslashes -> content."""
    listed = {**files, "(listfile)": "".join(f"{name}\r\n" for name in files).encode()}
    size = 1 << (2 * len(listed)).bit_length()
    places, blocks, body = [None] * size, [], bytearray()
    for number, (name, content) in enumerate(listed.items()):
        data = packed(content)
        blocks.append(struct.pack("<4I", HEADER + len(body), len(data), len(content), EXISTS | COMPRESSED))
        body += data
        place = hashed(name, PLACE) % size
        while places[place]:
            place = (place + 1) % size
        places[place] = struct.pack("<IIHHI", hashed(name, NAME_A), hashed(name, NAME_B), 0, 0, number)
    hashes = encrypted(b"".join(place or b"\xff" * 16 for place in places), hashed("(hash table)", KEY))
    table = encrypted(b"".join(blocks), hashed("(block table)", KEY))
    at = HEADER + len(body)
    end = at + len(hashes) + len(table)
    head = struct.pack("<4s2I2H4I", b"MPQ\x1a", HEADER, end, 1, 3, at, at + len(hashes), size, len(blocks))
    path.parent.mkdir(parents=True, exist_ok=True)
    # What follows is for archives of more than 4 GB.
    path.write_bytes(head + struct.pack("<QHH", 0, 0, 0) + body + hashes + table)

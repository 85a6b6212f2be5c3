#!/usr/bin/env python3
"""A made-up game client 3.3.5a that the core's own extractors read, so that they can be tried without anybody's client.

usage: make_client.py SRC_DIR CLIENT_DIR [--locale enUS]… [--build 12340] [--no-program]

SRC_DIR is a TrinityCore checkout (branch 3.3.5): its tables (make_data.py) are the client's, so that a worldserver
starts with what is extracted. The terrain is a few hills, and has a platform and a pyramid, at each of the places where
the core looks for map files. Names, archives and formats are those that the extractors' source asks for
(src/tools/map_extractor, src/tools/vmap4_extractor); as in a real client a patch has newer files than what it patches.
"""
import argparse
import math
import struct
import tempfile
from pathlib import Path

import make_data
from mpq import write_mpq

TILE = 1600 / 3
CHUNK = TILE / 16
OLD_BUILD = 9183

FOLDER = "World\\Generic\\MadeUp"
PLATFORM, PYRAMID, CAMERA = f"{FOLDER}\\Platform.wmo", f"{FOLDER}\\Pyramid.m2", "Cameras\\FlyByMadeUp.m2"
SIDE = 30.0  # the platform reaches so far to each side
# Of each map: flat squares, of which maps are made and no mmaps. With three squares alone the core's table of mmaps has
# a single row, and a worldserver was seen to crash when a new character came.
PLAIN = {(x, 20) for x in range(64)}

# What the extractors look up beyond what a worldserver does.
make_data.RECORDS["LiquidType.dbc"] = [{0: n, 3: kind} for n, kind in ((1, 0), (2, 1), (3, 2), (4, 3))]
make_data.RECORDS["GameObjectDisplayInfo.dbc"] = [{0: 1, 1: PYRAMID.replace(".m2", ".mdx")}]
make_data.RECORDS["CinematicCamera.dbc"] = [{0: 1, 1: CAMERA.replace(".m2", ".mdx")}]
for record in make_data.RECORDS["Map.dbc"]:
    record[1] = f"MadeUp{record[0]}"


def chunk(name, *content):
    """A chunk of a map or a building: its name backwards, its size, its content."""
    content = b"".join(content)
    return name.encode()[::-1] + struct.pack("<I", len(content)) + content


def floats(*values):
    return struct.pack(f"<{len(values)}f", *values)


VERSION_18 = chunk("MVER", struct.pack("<I", 18))
VERSION_17 = chunk("MVER", struct.pack("<I", 17))

# ------------------------------------------------------------------------------------------------------------- terrain


def wdt(tiles):
    """Which squares of a map have terrain."""
    there = b"".join(struct.pack("<II", (x, y) in tiles, 0) for y in range(64) for x in range(64))
    return VERSION_18 + chunk("MPHD", bytes(32)) + chunk("MAIN", there) + chunk("MWMO")


def heights(row, column):
    """Of a chunk: 9 and 8 in turn, gentle hills that end level at the edges of the tile."""
    for line in range(17):
        width, shift = (9, 0) if line % 2 == 0 else (8, 0.5)
        for at in range(width):
            x, y = (column + (at + shift) / 8) / 16, (row + line / 16) / 16
            yield -3 * math.sin(math.pi * x) * math.sin(math.pi * y)


def terrain(row, column, area, hilly):
    level = chunk("MCVT", floats(*heights(row, column))) if hilly else b""
    head = [0] * 32
    # Where the heights begin: after name, size and this head.
    head[1:3], head[5], head[13] = [column, row], 136 if hilly else 0, area
    return chunk("MCNK", struct.pack("<32I", *head), level)


def adt(area, before=b""):
    """A square of terrain, which is flat where nothing stands on it."""
    cells = [terrain(row, column, area, before != b"") for row in range(16) for column in range(16)]
    list_at = len(VERSION_18) + 8 + 64
    at = list_at + 8 + 16 * len(cells) + len(before)
    places = []
    for cell in cells:
        places.append(struct.pack("<4I", at, len(cell), 0, 0))
        at += len(cell)
    # Places count from behind the name and the size of this head.
    head = chunk("MHDR", struct.pack("<16I", 0, list_at - len(VERSION_18) - 8, *[0] * 14))
    return VERSION_18 + head + chunk("MCIN", *places) + before + b"".join(cells)


def standing(x, y, number):
    """The platform and the pyramid in the middle of a square."""
    middle = ((x + 0.5) * TILE, 5.0, (y + 0.5) * TILE)
    low, high = (tuple(at + side * far for at, far in zip(middle, (SIDE, 1, SIDE))) for side in (-1, 1))
    names = [chunk("MTEX"), chunk("MMDX", PYRAMID.encode() + b"\0"), chunk("MMID", bytes(4)),
             chunk("MWMO", PLATFORM.encode() + b"\0"), chunk("MWID", bytes(4))]
    model = struct.pack("<II", 0, 2 * number + 1) + floats(*middle, 0, 0, 0) + struct.pack("<HH", 1024, 0)
    building = struct.pack("<II", 0, 2 * number + 2) + floats(*middle, 0, 0, 0, *low, *high) + bytes(8)
    return b"".join(names) + chunk("MDDF", model) + chunk("MODF", building)


# ---------------------------------------------------------------------------------------------------------- buildings


def platform():
    """A building's file and that of its one part: four corners, two triangles that face up."""
    corners = [(a * SIDE, b * SIDE, 0.0) for a in (-1, 1) for b in (-1, 1)]
    box = floats(-SIDE, -SIDE, -1, SIDE, SIDE, 1)
    root = VERSION_17 + chunk("MOHD", struct.pack("<9I", 0, 1, 0, 0, 0, 0, 0, 0, 1), box, bytes(4)) + chunk("MOGN", bytes(4))
    part = struct.pack("<3I", 0, 0, 0) + box + bytes(32)
    batch = bytes(16) + struct.pack("<4H", 3, 0, 0, 0)
    mesh = [chunk("MOPY", bytes([0x20, 0] * 2)), chunk("MOVI", struct.pack("<6H", 0, 2, 1, 1, 2, 3)),
            chunk("MOVT", *(floats(*corner) for corner in corners)), chunk("MOBA", batch)]
    return root, VERSION_17 + chunk("MOGP", part, *mesh)


def model(corners=(), sides=()):
    """What stands about, with what one runs against; and what a camera follows, which has nothing of that."""
    head = 304
    bounds = [3 * len(sides), head, len(corners), head + 6 * len(sides)]
    content = b"MD20" + struct.pack("<I", 264) + bytes(208) + struct.pack("<4I", *bounds) + bytes(72)
    content += b"".join(struct.pack("<3H", *side) for side in sides) + b"".join(floats(*corner) for corner in corners)
    return content + bytes(512)


def pyramid():
    return model([(-4, -4, 0), (4, -4, 0), (0, 4, 0), (0, 0, 6)], [(0, 2, 1), (0, 1, 3), (1, 2, 3), (2, 0, 3)])


# ----------------------------------------------------------------------------------------------------------- archives


def tables(src):
    with tempfile.TemporaryDirectory() as folder:
        make_data.write_dbcs(src, Path(folder))
        return {f"DBFilesClient\\{file.name}": file.read_bytes() for file in sorted(Path(folder).iterdir())}


def component(locale, build):
    words = f'<componentinfo format="1">\r\n\t<component name="WoW-{locale}" version="{build}"/>\r\n</componentinfo>\r\n'
    return {f"component.wow-{locale}.txt": words.encode()}


def landscape(src):
    """Map -> its files."""
    number, maps = 0, {}
    for m, *place in make_data.start_places(src):
        y, x = make_data.tile(*place)
        maps.setdefault(m, set()).add((x, y))
    files = {}
    for area, (m, tiles) in enumerate(sorted(maps.items()), 1):
        path = f"World\\Maps\\MadeUp{m}\\MadeUp{m}"
        plain = PLAIN - tiles
        files[m] = {f"{path}.wdt": wdt(tiles | plain)}
        for x, y in sorted(tiles):
            number += 1
            files[m][f"{path}_{x}_{y}.adt"] = adt(area, standing(x, y, number))
        files[m].update(dict.fromkeys((f"{path}_{x}_{y}.adt" for x, y in sorted(plain)), adt(area)))
    return files


def write_client(src, client, locales, build):
    data, known = client / "Data", tables(src)
    changed = {"DBFilesClient\\Map.dbc": known["DBFilesClient\\Map.dbc"]}
    letters = make_data.formats(src)["Map.dbc"]
    older = {"DBFilesClient\\Map.dbc": make_data.dbc(letters, make_data.RECORDS["Map.dbc"][:1])}
    for locale in locales:
        folder = data / locale
        write_mpq(folder / f"locale-{locale}.MPQ", {**known, **older, **component(locale, OLD_BUILD)})
        for name in ("expansion-locale", "lichking-locale"):
            write_mpq(folder / f"{name}-{locale}.MPQ", {f"Interface\\{name}.txt": name.encode()})
        write_mpq(folder / f"patch-{locale}.MPQ", {**changed, **component(locale, build)})
    maps = landscape(src)
    outland = maps.pop(530, {})
    root, part = platform()
    write_mpq(data / "common.MPQ", {name: content for files in maps.values() for name, content in files.items()})
    write_mpq(data / "common-2.MPQ", {PLATFORM: root, PLATFORM.replace(".wmo", "_000.wmo"): part, CAMERA: model()})
    write_mpq(data / "expansion.MPQ", outland)
    write_mpq(data / "lichking.MPQ", {"World\\Maps\\none.txt": b"There is nothing up there."})
    write_mpq(data / "patch.MPQ", {PYRAMID: pyramid()})


def write_program(file, build):
    """The part of a Windows program in which it names its build."""
    file.write_bytes(b"MZ" + bytes(62) + struct.pack("<4I", 0xFEEF04BD, 0x10000, 3 << 16 | 3, 5 << 16 | build) + bytes(32))


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("src", type=Path, metavar="SRC_DIR")
    args.add_argument("client", type=Path, metavar="CLIENT_DIR")
    args.add_argument("--locale", action="append", metavar="LOCALE")
    args.add_argument("--build", type=int, default=12340)
    args.add_argument("--no-program", action="store_true")
    o = args.parse_args()
    write_client(o.src, o.client, o.locale or ["enUS"], o.build)
    if not o.no_program:
        write_program(o.client / "Wow.exe", o.build)


if __name__ == "__main__":
    main()

#!/usr/bin/env bash
# make-data.sh DIR: writes game data with which the stand-in's worldserver starts: DIR/{dbc,maps,vmaps,mmaps,Cameras}.
set -euo pipefail
dir=${1:?DIR}
mkdir -p "$dir"/{dbc,maps,vmaps,mmaps,Cameras}
for name in AreaTable CharTitles ChrClasses ChrRaces Faction GemProperties Item ItemExtendedCost LiquidType Map \
  Spell; do
  printf 'WDBC\0\0\0\0\1\0\0\0\4\0\0\0\1\0\0\0\0' >"$dir/dbc/$name.dbc"
done
for tile in '000 43 31' '000 48 32' '001 33 39' '000 28 28' '001 12 30' '001 37 32' '530 12 43' '530 39 58'; do
  read -r map x y <<<"$tile"
  printf 'MAPS\12\0\0\0\64\60\0\0' >"$dir/maps/$map$x$y.map"
  printf 'VMAP_4.8%032d' 0 | tee "$dir/vmaps/$map.vmtree" >"$dir/vmaps/${map}_${y}_$x.vmtile"
  printf 'PAMM\7\0\0\0\17\0\0\0\20\0\0\0\1\0\0\0%016d' 0 >"$dir/mmaps/$map$x$y.mmtile"
  printf '%028d' 0 >"$dir/mmaps/$map.mmap"
done
printf 'VMAP_4.8' >"$dir/vmaps/GameObjectModels.dtree"
printf 'MD20\10\1\0\0' >"$dir/Cameras/FlyByHuman.m2"

#!/bin/sh
# Compiles the programs of this folder for both byte orders, into the folder
# above or the given one. The same compiler gives the same octets wherever it
# runs: no path, date or other header goes in. Ends with 3 where that compiler
# is not the recorded one.
set -eu
recorded=14.0.6
cd "$(dirname "$0")"
out=${1:-..}
clang=${CLANG:-clang}
strip=${LLVM_STRIP:-llvm-strip}
found=$("$clang" -dumpversion 2>/dev/null || echo none)
if [ "$found" != "$recorded" ] || ! command -v "$strip" >/dev/null; then
  echo "the objects are made with clang $recorded and its llvm-strip (Debian 12: apt-get install clang llvm); found: $found" >&2
  exit 3
fi
for source in *.bpf.c; do
  for order in el eb; do
    object=$out/${source%.bpf.c}_bpf$order.o
    "$clang" -g -O2 -Wall -Wextra -Werror -nostdinc -mcpu=v3 -target "bpf$order" \
      -fdebug-compilation-dir=. -ffile-prefix-map="$PWD"=. -c "$source" -o "$object"
    "$strip" -g "$object"
  done
done

#!/usr/bin/env bash
# What a call costs from Java beside the same call from C, in one run: bench/run.sh LIBRARY_FOLDER [ROUNDS]
# LIBRARY_FOLDER has libqenex.so (target/release after `cargo build --release`). Needs a C compiler and a JDK.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
library=$(cd "${1:?usage: bench/run.sh LIBRARY_FOLDER [ROUNDS]}" && pwd)
build=$here/../target/bench
jdk=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")}
mkdir -p "$build"
"$here/../build-native.sh" "$library" "$build/natives" >/dev/null
# Against the copy that the package loads, so that both halves run the same code.
"${CC:-cc}" -std=c11 -O2 -fPIC -shared -Wall -Wextra -Werror \
  -I"$jdk/include" -I"$jdk/include/linux" -I"$here/../../../include" \
  "$here/../../../benches/crossing/crossing.c" "$here/crossing_jni.c" \
  "$build/natives/libqenex.so.0" "-Wl,-rpath,\$ORIGIN/natives" -o "$build/libcrossing.so"
"$jdk/bin/javac" --release 11 -encoding UTF-8 -Xlint:all -d "$build/classes" "$here"/../src/main/java/org/qenex/*.java "$here/Crossing.java"
"$jdk/bin/java" "-Dqenex.library.path=$build/natives" -cp "$build/classes" Crossing "$build/libcrossing.so" "${2:-15}"

#!/usr/bin/env bash
# Compiles libqenexjni, the native code of the Java package, and puts it beside a copy of libqenex:
#   build-native.sh LIBRARY_FOLDER [OUTPUT_FOLDER]
# LIBRARY_FOLDER has libqenex.so (target/release after `cargo build --release`). Without OUTPUT_FOLDER the files go to
# target/native/natives/<os>-<arch>, from where `mvn package` takes them into the jar.
# Needs a C compiler ($CC, or cc) and a JDK ($JAVA_HOME, or the one that javac belongs to).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
library=${1:?usage: build-native.sh LIBRARY_FOLDER [OUTPUT_FOLDER]}
jdk=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")}

case $(uname -s) in
  Linux) system=linux extension=so ;;
  Darwin) system=macos extension=dylib ;;
  *) system=windows extension=dll ;;
esac
arch=$(uname -m)
[ "$arch" != arm64 ] || arch=aarch64
output=${2:-$here/target/native/natives/$system-$arch}
mkdir -p "$output"

case $system in
  linux)
    headers=linux
    # Bound at once: a libqenex that lacks a function is refused when it is loaded, not when it is called.
    link=(-shared -pthread "-Wl,-rpath,\$ORIGIN" -Wl,-z,now -Wl,-z,defs)
    glue=libqenexjni.so
    core=libqenex.so.0
    ;;
  macos) headers=darwin link=(-dynamiclib "-Wl,-rpath,@loader_path") glue=libqenexjni.dylib core=libqenex.dylib ;;
  windows) headers=win32 link=(-shared) glue=qenexjni.dll core=qenex.dll ;;
esac

"${CC:-cc}" -std=c11 -O2 -fPIC -fvisibility=hidden -Wall -Wextra -Werror \
  -I"$jdk/include" -I"$jdk/include/$headers" -I"$here/../../include" -I"$here/../../tests/conformance/c" \
  "$here/src/main/c/glue.c" "$here/src/main/c/natives.c" \
  "${link[@]}" -L"$library" -lqenex -o "$output/$glue"
source=$library/$core
[ -e "$source" ] || source=$library/libqenex.$extension
if [ ! "$source" -ef "$output/$core" ]; then
  cp -L "$source" "$output/$core"
fi
echo "$output"

#!/bin/sh
# Measures what a call costs from .NET beside the same call from C, under mono and under CoreCLR where they are installed.
# Needs a release build (cargo build --release), mono's mcs and a C compiler. Usage: bindings/dotnet/bench/run.sh [ROUNDS]
# CoreCLR is the dotnet of $QENEX_DOTNET, or that of the path.
set -eu
root=$(cd "$(dirname "$0")/../../.." && pwd)
library=$root/target/release/libqenex.so
out=$root/target/dotnet-bench
[ -f "$library" ] || { echo "no $library: run cargo build --release" >&2; exit 1; }
mkdir -p "$out"
cp "$library" "$out/libqenex.so"
ln -sf libqenex.so "$out/libqenex.so.0"
${CC:-cc} -std=c99 -O2 -Wall -Wextra -Wpedantic -shared -fPIC -I "$root/include" "$root/benches/crossing/crossing.c" \
  -o "$out/libcrossing.so" -L "$out" -lqenex -Wl,-rpath,"$out"
cd "$root/bindings/dotnet"
mcs -langversion:7.2 -unsafe -optimize -nowarn:0649 -r:System.Numerics.dll -target:library -out:"$out/Qenex.dll" \
  src/Qenex/*.cs src/Qenex/Generated/*.cs
mcs -langversion:7.2 -optimize -r:"$out/Qenex.dll" -out:"$out/Crossing.exe" bench/Crossing.cs
cat > "$out/runtimeconfig.json" <<'END'
{"runtimeOptions":{"tfm":"netcoreapp3.1","rollForward":"Major","framework":{"name":"Microsoft.NETCore.App","version":"3.1.0"}}}
END
export QENEX_LIBRARY="$out/libqenex.so" LD_LIBRARY_PATH="$out" DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
if command -v mono >/dev/null; then
  echo "mono $(mono --version | sed -n '1s/.*version \([^ ]*\).*/\1/p')"
  mono "$out/Crossing.exe" "$@"
fi
dotnet=${QENEX_DOTNET:-dotnet}
if command -v "$dotnet" >/dev/null; then
  echo "CoreCLR: $("$dotnet" --list-runtimes | grep '^Microsoft.NETCore.App' | tail -1 | cut -d' ' -f1,2)"
  "$dotnet" exec --runtimeconfig "$out/runtimeconfig.json" "$out/Crossing.exe" "$@"
fi

#!/usr/bin/env bash
# Tests the R package in one of two R worlds: run.sh native|modern VENV [test|check]
# native: the machine's R, VENV is its own Python environment, made if it is not there.
# modern: Debian 13's R in .r-modern, VENV the Python environment of the work tree.
# "test" (default): testthat, then pytest on tests/interop. "check": R CMD build and R CMD check.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
world=${1:?usage: run.sh native|modern VENV [test|check]} venv=${2:?which Python environment?}
what=${3:-test}
cd "$root"
mkdir -p build

# Threads that spin while they wait make a shared machine several times slower.
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive} OMP_NUM_THREADS=${OMP_NUM_THREADS:-2}
data=${SCINNO_DATA:-$root/../shared/data}
if [ -d "$data" ]; then
    export SCINNO_DATA="$(realpath "$data")"
elif [ -n "${CI:-}" ]; then
    echo "FAILED: the labeled data sets are missing: $data (or set SCINNO_DATA)"
    exit 1
fi

case $world in
native)
    bash "$here/native.sh" "$venv"
    enter=() python=$(realpath "$venv")/bin/python
    ;;
modern)
    bash "$here/modern.sh" .r-modern "$venv"
    enter=(bash "$here/enter.sh" .r-modern "$venv") python=/opt/scinno/bin/python
    ;;
*)
    echo "the world must be native or modern, got $world"
    exit 1
    ;;
esac

# R CMD build would copy all of the work tree first, caches of gigabytes included.
place=build/r-$world
rm -rf "$place/src"
mkdir -p "$place/src" "$place/lib"
git ls-files -z --cached --others --exclude-standard |
    while IFS= read -r -d '' file; do [ -e "$file" ] && printf '%s\0' "$file"; done |
    tar --null -T - -cf - | tar -xf - -C "$place/src"

export RETICULATE_PYTHON=$python SCINNO_R_WORLD=$world
"${enter[@]}" bash "$here/inside.sh" "$root/$place" "$what"

#!/usr/bin/env bash
# Sets up the machine's own R (Debian packages) with a Python environment for it: native.sh VENV
# Debian 12's reticulate cannot use NumPy 2, so VENV is one with NumPy 1, made here if need be. The
# rest is that of .venv.
# Does nothing where all is there already; says in one line what it did, or what is missing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
venv=$(realpath -m "${1:?usage: native.sh VENV}")
mkdir -p "$root/build"

missing=()
# The package's site is built in this world only.
for package in $(cat "$here/packages.txt") r-cran-pkgdown; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if ((${#missing[@]})); then
    echo "native R: installing ${missing[*]}"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
        --no-install-recommends "${missing[@]}"; } >"$root/build/native-apt.log" 2>&1 ||
        { tail -n 20 "$root/build/native-apt.log"; echo "native R: cannot install ${missing[*]}"; exit 1; }
fi

reticulate=$(Rscript -e 'cat(as.character(packageVersion("reticulate")))')
numpy='numpy'
dpkg --compare-versions "$reticulate" lt 1.38 && numpy='numpy<2'
# rpy2 3.6 needs R 4.5; it is built against the R that is here now.
rpy2='rpy2>=3.6,<3.7'
dpkg --compare-versions "$(Rscript -e 'cat(as.character(getRversion()))')" lt 4.5 && rpy2='rpy2==3.5.17'

stamp="$(cat "$root/pyproject.toml" "$0" | sha256sum) $reticulate"
if [ "$(cat "$venv/.scinno-ready" 2>/dev/null)" != "$stamp" ]; then
    echo "native R: Python environment $venv ($numpy, $rpy2)"
    log="$root/build/native-pip.log"
    {
        [ -x "$venv/bin/python" ] || bash "$root/tests/venv_on.sh" "$root/.venv" "$venv" &&
        "$venv/bin/pip" install -q -e "$root[test]" "$numpy" "$rpy2" anndata2ri==2.0.1
    } >"$log" 2>&1 || { tail -n 20 "$log"; echo "native R: cannot make $venv"; exit 1; }
    echo "$stamp" >"$venv/.scinno-ready"
fi
echo "native R: ready (R $(Rscript -e 'cat(as.character(getRversion()))'), reticulate $reticulate, $venv)"

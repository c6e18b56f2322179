#!/usr/bin/env bash
# Sets up a modern R (Debian 13) in a folder, to be entered with chroot: modern.sh TREE VENV
# VENV is the host's Python environment with scinno; the tree gets rpy2 on top of it.
# Does nothing where all is there already; says in one line what it did, or what is missing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
tree=$(realpath -m "${1:?usage: modern.sh TREE VENV}")
venv=$(realpath "${2:?usage: modern.sh TREE VENV}")
mkdir -p "$root/build"
[ "$(id -u)" = 0 ] || { echo "modern R: needs root, for chroot"; exit 1; }

packages="$(paste -sd, "$here/packages.txt"),ca-certificates"
if [ "$(cat "$tree/.scinno-packages" 2>/dev/null)" != "$packages" ]; then
    echo "modern R: making $tree, some minutes"
    log="$root/build/modern-tree.log"
    command -v mmdebstrap >/dev/null || { apt-get update -qq &&
        apt-get install -y -qq --no-install-recommends mmdebstrap; } >"$log" 2>&1 ||
        { tail -n 20 "$log"; echo "modern R: cannot install mmdebstrap"; exit 1; }
    rm -rf "$tree"
    mmdebstrap --variant=apt --include="$packages" --aptopt='APT::Install-Recommends "false"' \
        trixie "$tree" >"$log" 2>&1 ||
        { tail -n 20 "$log"; rm -rf "$tree"; echo "modern R: cannot make $tree"; exit 1; }
    echo "$packages" >"$tree/.scinno-packages"
fi

# The host's pip knows where packages come from, the tree's R is what rpy2 is built against.
stamp="$("$venv/bin/pip" freeze | sha256sum) $(sha256sum <"$0")"
if [ "$(cat "$tree/opt/scinno/.ready" 2>/dev/null)" != "$stamp" ]; then
    echo "modern R: building rpy2 for it"
    log="$root/build/modern-pip.log"
    rm -rf "$tree/opt/scinno" "$tree/opt/wheels"
    {
        "$venv/bin/pip" download -q --no-deps --no-build-isolation --dest "$tree/opt/wheels" \
            'rpy2==3.6.*' 'rpy2-rinterface==3.6.*' 'rpy2-robjects==3.6.*' anndata2ri==2.0.1 \
            cffi pycparser tzlocal setuptools wheel
        bash "$here/enter.sh" "$tree" "$venv" bash -euc '
            python3=$(readlink -f "$1/bin/python")
            "$python3" -m venv /opt/scinno
            site=$(echo /opt/scinno/lib/python3*/site-packages)
            echo "import site; site.addsitedir(\"$(echo "$1"/lib/python3*/site-packages)\")" \
                >"$site/host.pth"
            install="/opt/scinno/bin/pip install -q --no-index --find-links /opt/wheels"
            $install --no-deps setuptools wheel cffi pycparser tzlocal
            $install --no-deps --no-build-isolation rpy2-rinterface rpy2-robjects rpy2 anndata2ri
            /opt/scinno/bin/python -c "import rpy2.robjects, anndata2ri, scinno"
        ' _ "$venv"
    } >"$log" 2>&1 || { tail -n 20 "$log"; echo "modern R: cannot build rpy2"; exit 1; }
    echo "$stamp" >"$tree/opt/scinno/.ready"
fi
bash "$here/enter.sh" "$tree" "$venv" Rscript -e \
    'cat("modern R: ready (R ", as.character(getRversion()), ", reticulate ", as.character(packageVersion("reticulate")), ")\n", sep = "")'

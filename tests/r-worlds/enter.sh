#!/usr/bin/env bash
# Runs a command inside the tree of modern.sh: enter.sh TREE VENV COMMAND...
# The work tree, VENV, its Python and the test data have the same paths inside as outside. The
# mounts belong to this command's own namespace and go when it ends.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
tree=$(realpath "$1") venv=$(realpath "$2")
shift 2
# The venv's Python with what it links to: a folder that has bin/ and lib/.
python_home=$("$venv/bin/python" -c 'import sys; print(sys.base_prefix)')
if [ "$python_home" = /usr ]; then
    echo "modern R: the Python of $venv is the system's, which a chroot cannot borrow: use a Python in a folder of its own (pyenv, uv, conda)"
    exit 1
fi
export SCINNO_BIND="$root:$venv:$python_home:${SCINNO_DATA:-}"
exec unshare --mount bash -euc '
    tree=$1; shift
    # First, so that it does not hide paths below /tmp.
    mount -t tmpfs tmpfs "$tree/tmp"
    IFS=: read -ra paths <<<"$SCINNO_BIND"
    for path in "${paths[@]}"; do
        [ -d "$path" ] || continue
        mkdir -p "$tree$path"
        mount --bind "$path" "$tree$path"
    done
    mount -t proc proc "$tree/proc"
    mount --bind /dev "$tree/dev"
    exec chroot "$tree" /usr/bin/env -u LD_LIBRARY_PATH HOME=/root LC_ALL=C.UTF-8 \
        PATH=/usr/local/bin:/usr/bin:/bin bash -c "cd \"\$1\"; shift; exec \"\$@\"" _ "$PWD" "$@"
' _ "$tree" "$@"

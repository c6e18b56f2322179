#!/usr/bin/env bash
# Makes a virtual environment that has all of another one: venv_on.sh BASE VENV
# pip then installs into VENV what BASE lacks, or has in a version that does not suit.
set -euo pipefail
base=$1 venv=$2
site_of() { "$1/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))'; }
"$base/bin/python" -m venv "$venv"
echo "import site; site.addsitedir('$(site_of "$base")')" >"$(site_of "$venv")/base.pth"

#!/usr/bin/env bash
# What run.sh does once it is in its world: inside.sh PLACE test|check
# PLACE/src holds the sources, PLACE/lib gets the package. RETICULATE_PYTHON is the world's Python.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
place=$1 what=$2
export R_LIBS=$place/lib
cd "$place"

if [ "$what" = check ]; then
    rm -rf scinno_*.tar.gz scinno.Rcheck
    R CMD build src
    # The tests have a run of their own. What needs the network is off. The vignettes were built
    # with Python; installing, examples and building them once more must work without one.
    RETICULATE_PYTHON=/nonexistent _R_CHECK_CRAN_INCOMING_=false _R_CHECK_SYSTEM_CLOCK_=false \
        _R_CHECK_FORCE_SUGGESTS_=true R CMD check --as-cran --no-manual --no-tests scinno_*.tar.gz
    status=$(grep '^Status:' scinno.Rcheck/00check.log)
    echo "R CMD check in the $SCINNO_R_WORLD world: $status"
    [ "$status" = 'Status: OK' ]
    exit
fi

rm -f scinno_*.tar.gz
R CMD build --no-build-vignettes src >build.log 2>&1 || { cat build.log; exit 1; }
R CMD INSTALL --no-test-load -l lib scinno_*.tar.gz >install.log 2>&1 || { cat install.log; exit 1; }
if [ "$SCINNO_R_WORLD" = native ]; then # which has pkgdown
    Rscript "$here/site.R" src site >site.log 2>&1 || { cat site.log; echo "pkgdown: failed"; exit 1; }
    tail -n 1 site.log
fi
# Python's own answer, for the R suite to compare with.
export SCINNO_DIGESTS=$place/digests.json
"$RETICULATE_PYTHON" "$root/tests/interop/reference.py" "$SCINNO_DIGESTS"
cd "$root/tests/testthat"
Rscript -e '
    results <- as.data.frame(testthat::test_dir(
        ".", package = "scinno", load_package = "installed", reporter = "check",
        stop_on_failure = FALSE
    ))
    failed <- sum(results$failed) + sum(results$error)
    skipped <- sum(results$skipped)
    cat(sprintf(
        "testthat: %d passed, %d failed, %d skipped\n", sum(results$passed), failed, skipped
    ))
    quit(status = as.integer(failed > 0))
'
cd "$root"
"$RETICULATE_PYTHON" -m pytest -p no:cacheprovider -W default tests/interop

# Large counts are passed to Python by address, not by copy.
#
# reticulate copies each vector that it passes to NumPy. Below zero_copy_limit() that is what
# happens: the copy is small beside what Python and torch need anyway, and reticulate's conversion
# is the way that its authors support. From the limit on, the copy of the counts would add up to
# their whole size to the peak memory of a fit; then this file finds the addresses of the three
# vectors, and python/scinno/_r/r_memory.py reads them there.
#
# The risks, and what prevents them:
# - R frees a vector while Python reads it. R does not move objects, and the caller of
#   call_python() holds `counts` until the call returns. Python keeps no array of the counts.
# - Python writes to a vector that other R variables share. Python's arrays are read-only.
# - R offers no function for addresses but tracemem(), which exists only if R was built with memory
#   profiling (as the builds of CRAN, Debian and Bioconductor are). Without it counts are copied.
# - Its text form of an address could change. Then int(address, 16) fails in Python with an error,
#   and the tests, which pass counts both ways, fail as well.
# - tracemem() marks its argument as traced, which would print a line at the next copy;
#   untracemem() follows at once.
# - An address has a meaning only inside this process: engine = "process" writes files instead.

# Bytes in the vectors of the counts. 200 MB are about 17 million values above zero, and about half
# of what loading Python and torch adds to the memory of R (375 MB on Linux, CPU build of torch).
zero_copy_limit <- function() session$zero_copy_limit %||% 200e6

# What Python gets as "counts": a scipy matrix, or a dict of addresses. `counts`: dgCMatrix.
counts_for_python <- function(counts, limit = zero_copy_limit()) {
    if (vector_bytes(counts) >= limit && capabilities("profmem")) {
        return(reticulate::r_to_py(addresses_of(counts)))
    }
    counts@Dimnames <- list(NULL, NULL)
    reticulate::r_to_py(counts)
}

vector_bytes <- function(counts) {
    8 * length(counts@x) + 4 * length(counts@i) + 4 * length(counts@p)
}

addresses_of <- function(counts) {
    places <- lapply(list(x = counts@x, i = counts@i, p = counts@p), address_of)
    c(places, list(shape = as.list(dim(counts)), library = r_library()))
}

# Address (hexadecimal) and length, both as text: R's integers are too small for either.
address_of <- function(vector) {
    address <- tracemem(vector)
    untracemem(vector)
    c(gsub("[<>]", "", address), as.character(length(vector)))
}

# R's shared library, or "" where R is linked into the program.
r_library <- function() {
    files <- c(
        file.path(R.home("lib"), c("libR.so", "libR.dylib")), file.path(R.home("bin"), "R.dll")
    )
    c(files[file.exists(files)], "")[1L]
}

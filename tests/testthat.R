library(testthat)
library(scinno)

test_check("scinno")

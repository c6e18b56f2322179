"""Several processes that train one network: torchrun, process group."""

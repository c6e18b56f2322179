"""What a run needs of the machine: files, memory, threads, devices."""

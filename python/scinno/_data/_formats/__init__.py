"""What each format of files of cells holds, read and checked; `scinno._data.read` is the door."""

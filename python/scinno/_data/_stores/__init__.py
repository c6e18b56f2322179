"""What a zarr store may hold before it is opened."""

"""What a model file must be, checked before and after its arrays are read."""

"""The tree of clusters: which merge first, with evidence for each split, and cuts at any level."""

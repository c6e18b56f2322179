"""Hints about names that do not exist."""

from scinno._runtime.suggest import did_you_mean


def test_similar_names_come_first_else_all_there_are():
    assert did_you_mean("cd3d", ["CD3D", "CD3E"]).startswith("did you mean 'CD3D'")
    assert did_you_mean("x", ["CD3D", "CD3E"]) == "there is CD3D, CD3E"
    assert did_you_mean("x", (str(i) for i in range(40))).endswith("29 and 10 more")
    assert did_you_mean("x", []) == "there is none"

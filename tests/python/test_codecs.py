"""A zarr store cannot have its own code run."""

import json

import pytest

from scinno._data._stores.codecs import refuse_pickle

PICKLE = {"id": "pickle", "protocol": 5}


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("X/.zarray", {"filters": [PICKLE], "compressor": None}),
        ("obs/_index/.zarray", {"filters": None, "compressor": PICKLE}),
        (".zmetadata", {"metadata": {"X/.zarray": {"filters": [PICKLE]}}}),
        ("X/zarr.json", {"codecs": [{"name": "numcodecs.pickle", "configuration": {}}]}),
    ],
)
def test_a_store_that_names_pickle_is_refused(tmp_path, name, held):
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(held).replace("pickle", "\\u0070ickle"))  # as JSON allows
    with pytest.raises(ValueError, match=f"{name} names the codec pickle, which runs code"):
        refuse_pickle(tmp_path)


def test_others_are_left_to_zarr(tmp_path):
    (tmp_path / "X").mkdir()
    (tmp_path / "X" / ".zarray").write_text(json.dumps({"filters": [{"id": "vlen-utf8"}]}))
    (tmp_path / "X" / "circle").symlink_to(tmp_path)
    (tmp_path / "zarr.json").write_text("[" * 100_000)
    refuse_pickle(tmp_path)

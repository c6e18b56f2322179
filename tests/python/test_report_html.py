"""Data inside the page's HTML."""

from scinno.report._html import as_json


def test_data_cannot_end_its_script_and_is_json():
    written = as_json({"a": "</script>", "b": float("nan")})
    assert written == '{"a":"\\u003c/script\\u003e","b":null}'

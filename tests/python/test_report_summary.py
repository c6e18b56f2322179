"""Numbers in sentences."""

from scinno.report._content.summary import percent

EVIL = "<script>alert('x')</script>"


def test_shares_never_round_to_all_or_nothing():
    shown = [percent(share).replace("\u00a0", " ") for share in (0, 1e-5, 0.034, 0.5, 0.99999, 1)]
    assert shown == ["0 %", "under 0.1 %", "3.4 %", "50 %", "over 99.9 %", "100 %"]

"""The progress bar shows phase, epochs, loss and time left."""

from scinno.cli.progress import ProgressBar

ROW = {"phase": "pretrain", "epoch": 4, "n_epochs": 30, "loss": 1.25}


def test_a_row_moves_the_bar(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich takes the captured stream for a terminal
    with ProgressBar(shown=True) as progress:
        progress(ROW)
        progress._bar.refresh()
    shown = capsys.readouterr().err
    assert "pretrain" in shown
    assert "4/30 epochs" in shown
    assert "loss 1.2500" in shown
    assert "left" in shown


def test_nothing_is_shown_when_it_should_not_be(capsys):
    with ProgressBar(shown=False) as progress:
        progress(ROW)
    assert capsys.readouterr() == ("", "")

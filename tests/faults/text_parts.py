"""Changes of the lines and fields of a text file."""

from __future__ import annotations

import re

from mutations import Rng

_FIELDS = (
    b"", b"NA", b"nan", b"inf", b"-1", b"1e400", b"1,5", b"1.5", b"x", b'"', b'"a', b"0x1F", b"\0",
    b"99999999999999999999", b"\xe9", b"=1+1", b"1_000", b"True", "½".encode(), b" ", b"-0",
)  # fmt: skip


def changed_text(rng: Rng, data: bytes) -> bytes:
    """A line removed, repeated, moved or cut; a field that is another or gone; other ends."""
    lines = data.split(b"\n")
    place = int(rng.integers(min(6, len(lines)) if rng.integers(2) else len(lines)))
    line = lines[place]
    how = rng.integers(9)
    if how == 0:
        del lines[place]
    elif how == 1:
        lines.insert(place, lines[rng.integers(len(lines))])
    elif how == 2:
        other = rng.integers(len(lines))
        lines[place], lines[other] = lines[other], line
    elif how == 3:
        lines[place] = line[: rng.integers(len(line) + 1)]
    elif how == 4:
        ends = (b"\r\n", b"\r", b"\n\n")
        return ends[rng.integers(3)].join(lines)
    else:
        fields = re.split(rb"([,;\t ])", line)
        j = 2 * int(rng.integers((len(fields) + 1) // 2))
        if how == 5:
            del fields[j : j + 2]
        elif how == 6:
            fields[j:j] = [fields[j], fields[1] if len(fields) > 1 else b","]
        else:
            fields[j] = _FIELDS[rng.integers(len(_FIELDS))]
        lines[place] = b"".join(fields)
    return b"\n".join(lines)

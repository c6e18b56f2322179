"""Domains for R: `scinno.domains` with the coordinates and slices that R sends."""

from __future__ import annotations

from typing import Any

import numpy as np

from scinno._result.fit import Fit
from scinno._space.domains import Domains, domains


def domains_from_r(request: dict[str, Any], fitted: Fit) -> Domains:
    """The domains of the cells of a fit.

    Parameters
    ----------
    request : dict
        coordinates (numbers by columns, two or three, as R has them), slices (a text per cell, or
        None), options (of `scinno.domains`).
    fitted : Fit

    Raises
    ------
    TypeError, ValueError
        As `scinno.domains`.
    """
    places = np.array(request["coordinates"], dtype=np.float64).T
    return domains(fitted, places, slices=request["slices"], **request["options"])

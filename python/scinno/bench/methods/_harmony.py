"""Harmony's embedding, for the methods that cluster it."""

from __future__ import annotations

import harmonypy
import numpy as np
import pandas as pd
from _graph import principal_components
from _job import Job


def corrected_components(job: Job) -> np.ndarray:
    """Fifty components of genes that are ranked within batches, corrected by Harmony's defaults."""
    points = principal_components(job, ranked_within=True)
    batches = pd.DataFrame({"batch": pd.Categorical(job.batch).rename_categories(str)})
    found = harmonypy.run_harmony(points, batches, "batch", random_state=job.seed).Z_corr
    found = np.asarray(found)
    # Versions before 2 have axes in rows.
    return found if found.shape == points.shape else found.T

"""What a fit makes of cells that it was not trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from scinno._batch.fitted import FittedBatches
from scinno._batch.labels import known_batch
from scinno._data.source import as_source, scratch_of
from scinno._preprocess.preprocessing import Preprocessing
from scinno._runtime.validate import checked

# What computes needs torch, which takes seconds to load; reading results does not.
if TYPE_CHECKING:
    from scinno._nn.network import Network


class NewCells:
    """The part of `Fit` that labels new cells."""

    preprocessing: Preprocessing
    network: Network
    batch_info: FittedBatches | None

    @checked
    def transform(
        self,
        x: Any,
        genes: Sequence[str] | None = None,
        *,
        min_overlap: float = 0.5,
        batch: Any = None,
    ) -> np.ndarray:
        """Embedding of new cells, float32 (cells, latent).

        Parameters
        ----------
        x : matrix, (cells, genes)
            As for `scinno.fit`, on the disk too; counts if the fit had counts, log values if it had
            those.
        genes : sequence of str, optional
            Names by which genes are matched. Without names the genes must be those of the
            training data, in the same order.
        min_overlap : float, default 0.5
            Least share of the network's genes that ``x`` must hold.
        batch : str or sequence of str, (cells,), optional
            For a fit with batches: which of them the cells are of. The center of another batch is
            first stored by `add_batch`.

        Raises
        ------
        ValueError
            Bad values (see `scinno.fit`), counts for a fit of log values or the other way round,
            too few matching genes, or a batch that the fit does not know.
        """
        from scinno._result.predict import ANY_KIND, embed_new_cells
        from scinno._run import RunContext

        context = RunContext(scratch_of(x))
        source = as_source(x, genes, ANY_KIND, context.scratch)
        codes = known_batch(batch, self.preprocessing.batches, source.n_cells)
        return embed_new_cells(
            source, self.preprocessing, self.network, min_overlap, context, codes
        )

    @checked
    def memberships_of(
        self,
        x: Any,
        genes: Sequence[str] | None = None,
        *,
        min_overlap: float = 0.5,
        batch: Any = None,
    ) -> np.ndarray:
        """Fuzzy memberships of new cells, float32 (cells, k); parameters as `transform`."""
        from scinno._nn.inference import memberships

        embedding = self.transform(x, genes, min_overlap=min_overlap, batch=batch)
        return memberships(self.network, embedding)

    @checked
    def predict(
        self,
        x: Any,
        genes: Sequence[str] | None = None,
        *,
        min_overlap: float = 0.5,
        batch: Any = None,
    ) -> np.ndarray:
        """Labels of new cells, int32 (cells,); parameters as `transform`.

        A cell's label depends on that cell and the stored center of its batch alone, never on what
        else is in ``x``; for training cells it is the one in ``labels``.
        """
        shares = self.memberships_of(x, genes, min_overlap=min_overlap, batch=batch)
        return shares.argmax(axis=1).astype(np.int32)

    @checked
    def add_batch(
        self,
        x: Any,
        name: str,
        genes: Sequence[str] | None = None,
        *,
        min_overlap: float = 0.5,
    ) -> Self:
        """The same fit that knows one more batch, without training.

        Cells of the new batch are placed in the clusters, and the center of the batch is moved to
        where they agree with them; twice. `predict` with ``batch=name`` then labels its cells,
        those of ``x`` or others.

        Parameters
        ----------
        x : matrix, (cells, genes)
            Cells of the new batch, the more the better; as for `transform`.
        name : str
        genes, min_overlap
            As for `transform`.

        Raises
        ------
        TypeError
            ``name`` is not a string.
        ValueError
            A fit without batches, a name that it knows already, or as `transform`.
        """
        from scinno._result.new_batch import center_of_new_batch
        from scinno._result.predict import ANY_KIND
        from scinno._run import RunContext

        fixed, info = self.preprocessing, self.batch_info
        if not isinstance(name, str):
            raise TypeError(f"name must be a string, got {name!r}")
        if info is None:
            raise ValueError("add_batch is for a fit with batches, and this one was made without")
        if name in fixed.batches:
            raise ValueError(f"name {name!r} is a batch of the fit already: give another")
        context = RunContext(scratch_of(x))
        source = as_source(x, genes, ANY_KIND, context.scratch)
        center = center_of_new_batch(source, fixed, self.network, info, min_overlap, context)
        fixed = replace(
            fixed,
            center=np.concatenate([fixed.center, center[None]]),
            batches=(*fixed.batches, name),
        )
        info = info.with_batch(source.n_cells)
        same: Any = self  # a dataclass in fact, `Fit`
        changed: Self = replace(same, preprocessing=fixed, batch_info=info)
        return changed

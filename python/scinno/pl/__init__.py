"""Pictures of a clustering, with matplotlib; every function returns axes."""

from scinno.pl._clusterings import clusterings
from scinno.pl._embedding import embedding
from scinno.pl._k_evidence import k_evidence
from scinno.pl._levels import levels
from scinno.pl._memberships import confidence, memberships
from scinno.pl._tissue import tissue
from scinno.pl._training import history
from scinno.pl._tree import tree
from scinno.pl._tuning import tuning

__all__ = [
    "clusterings",
    "confidence",
    "embedding",
    "history",
    "k_evidence",
    "levels",
    "memberships",
    "tissue",
    "tree",
    "tuning",
]

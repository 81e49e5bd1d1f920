"""The paper's claims, tested on our numbers."""

from astrogan.report.claims.model import Claim, load_claims

__all__ = ["Claim", "load_claims"]

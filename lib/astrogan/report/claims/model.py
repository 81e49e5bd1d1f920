"""What a claim is: a row of `claims.yaml`, checked."""

from functools import cache
from importlib.resources import files
from typing import Annotated

import yaml
from pydantic import BaseModel, Field

from astrogan.base import AstroganError
from astrogan.report.claims.against import Alike, Ordering, Share
from astrogan.report.claims.within import Beyond, History, Ranks, Sign


class Claim(BaseModel, frozen=True, extra="forbid"):
    """One row of `claims.yaml`: `refuted_by` says what would have refuted it."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    section: str
    text: str
    refuted_by: str = Field(pattern=r"^[A-Z].*\.$")
    test: Annotated[Ordering | Share | Alike | Sign | Beyond | Ranks | History, Field(discriminator="kind")]


@cache
def load_claims() -> tuple[Claim, ...]:
    """The claims, validated; `AstroganError` where two have one id."""
    found = files("astrogan.report.claims").joinpath("claims.yaml").read_text(encoding="utf-8")
    claims = tuple(map(Claim.model_validate, yaml.safe_load(found)))
    names = [claim.id for claim in claims]
    if repeated := {name for name in names if names.count(name) > 1}:
        raise AstroganError(f"claims.yaml: the id {', '.join(sorted(repeated))} stands twice")
    return claims

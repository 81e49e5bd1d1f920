"""What a claim is: the rows of `claims.yaml`, checked. The tests themselves are in report/claims.py."""

from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from astrogan.base import AstroganError
from astrogan.report.claims import history as claim_history

Verdict = Literal["holds", "does not hold", "undecided"]
Direction = Literal["lower", "higher"]


class _Test(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ordering(_Test):
    kind: Literal["ordering"]
    measure: str
    direction: Direction
    first: str
    than: tuple[str, ...]


class Channels(_Test):
    kind: Literal["channels"]
    row: str
    measure: str
    direction: Direction
    than: tuple[str, ...]


class Sign(_Test):
    kind: Literal["sign"]
    row: str
    measure: str
    direction: Direction


class Correlation(_Test):
    kind: Literal["correlation"]
    row: str
    measure: str
    other: str
    direction: Direction


class Distance(_Test):
    kind: Literal["distance"]
    metric: Literal["fid", "fwd"]
    first: str
    than: tuple[str, ...]


class Concord(_Test):
    kind: Literal["opposed", "agreed"]
    measure: str
    metric: Literal["fid", "fwd"]
    first: str
    than: tuple[str]


class Alike(_Test):
    kind: Literal["alike"]
    first: str
    than: tuple[str, ...]


class History(_Test):
    kind: Literal["history"]
    row: str
    property: claim_history.Property
    curve: Literal["l1", "g", "g_adversarial", "d"]


class Claim(_Test):
    """One row of `claims.yaml`."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    section: str
    text: str
    test: Annotated[
        Ordering | Channels | Sign | Correlation | Distance | Concord | Alike | History, Field(discriminator="kind")
    ]


@cache
def load_claims() -> tuple[Claim, ...]:
    """The claims, validated; `AstroganError` where two have one id."""
    found = yaml.safe_load(files("astrogan.report.claims").joinpath("claims.yaml").read_text(encoding="utf-8"))
    claims = tuple(Claim.model_validate(item) for item in found)
    names = [claim.id for claim in claims]
    if repeated := {name for name in names if names.count(name) > 1}:
        raise AstroganError(f"claims.yaml: the id {', '.join(sorted(repeated))} stands twice")
    return claims

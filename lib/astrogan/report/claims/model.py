"""What a claim is: the rows of `claims.yaml`, checked. The tests themselves are in report/claims/judge.py."""

from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from astrogan.base import AstroganError
from astrogan.evaluation import METRICS
from astrogan.report.claims import history as claim_history

Verdict = Literal["holds", "does not hold", "undecided"]
Direction = Literal["lower", "higher"]


def _known(name: str) -> str:
    if name not in METRICS:
        raise ValueError(f"no metric is called '{name}'; known are {', '.join(METRICS)}")
    return name


Measured = Annotated[str, AfterValidator(_known)]
"""The name of a metric."""


class _Test(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ordering(_Test):
    kind: Literal["ordering"]
    measure: Measured
    direction: Direction
    first: str
    than: tuple[str, ...]


class Within(_Test):
    kind: Literal["channels", "sign", "correlation"]
    row: str
    measure: Measured
    direction: Direction
    than: tuple[Measured, ...] = ()

    @model_validator(mode="after")
    def _counts(self) -> Self:
        least, most = {"channels": (1, 9), "sign": (0, 0), "correlation": (1, 1)}[self.kind]
        if not least <= len(self.than) <= most:
            raise ValueError(f"a claim of kind '{self.kind}' cannot name {len(self.than)} metrics in 'than'")
        return self


class Concord(_Test):
    kind: Literal["opposed", "agreed"]
    measure: Measured
    metric: Measured
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
    test: Annotated[Ordering | Within | Concord | Alike | History, Field(discriminator="kind")]


@cache
def load_claims() -> tuple[Claim, ...]:
    """The claims, validated; `AstroganError` where two have one id."""
    found = yaml.safe_load(files("astrogan.report.claims").joinpath("claims.yaml").read_text(encoding="utf-8"))
    claims = tuple(Claim.model_validate(item) for item in found)
    names = [claim.id for claim in claims]
    if repeated := {name for name in names if names.count(name) > 1}:
        raise AstroganError(f"claims.yaml: the id {', '.join(sorted(repeated))} stands twice")
    return claims

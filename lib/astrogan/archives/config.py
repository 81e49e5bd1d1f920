"""What the notebook of archives takes, and parameters that are given as text."""

from typing import TypeVar

import yaml
from pydantic import Field

from astrogan.base import AstroganError, Config
from astrogan.run import InRun

_Model = TypeVar("_Model", bound=Config)


class ArchivesStage(InRun):
    """What the notebook of archives takes."""

    source: str = Field("sample", description="'sample', 'folder:PATH', or 'archive:PATH' with $VARIABLES expanded")
    overrides: str = Field("", description="CSV of a person's decisions: source,id,decision,reason; empty: none")
    min_side: int = Field(256, ge=1, description="images with a shorter side, px, are left out")


def with_settings(model: type[_Model], settings: list[str]) -> _Model:
    """The model with `NAME=VALUE` settings; `AstroganError` for one that it does not have or that has another form."""
    values = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals:
            raise AstroganError(f"'{setting}': expected NAME=VALUE; names are {', '.join(model.model_fields)}.")
        is_text = name in model.model_fields and model.model_fields[name].annotation is str
        values[name] = text if is_text else yaml.safe_load(text)
    return model.checked(**values)

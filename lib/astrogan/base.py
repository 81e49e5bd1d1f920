"""What everything stands on: the one exception a user is meant to read, and frozen, typed parameters."""

from types import ModuleType
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

_JUPYTER_NAMES = {"In", "Out", "exit", "quit", "get_ipython", "open"}


class AstroganError(Exception):
    """Something a user can mend. The message names the thing, what was expected, and what to do."""


class Config(BaseModel):
    """A frozen set of parameters; unknown names and wrong types are errors that list what is known."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @classmethod
    def checked(cls, **values: Any) -> Self:
        """Validate `values`; `AstroganError` names each wrong parameter and what was expected."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            lines = []
            for item in error.errors():
                name = ".".join(str(part) for part in item["loc"])
                if not name:
                    lines.append(item["msg"].removeprefix("Value error, "))
                    continue
                if item["type"] == "extra_forbidden" and len(item["loc"]) > 1:
                    lines.append(f"'{name}' is not a parameter")
                elif item["type"] == "extra_forbidden":
                    lines.append(f"'{name}' is not a parameter; known are {', '.join(sorted(cls.model_fields))}")
                else:
                    lines.append(f"'{name}' = {item['input']!r}: {item['msg']}")
            raise AstroganError(f"{cls.__name__}: " + "; ".join(lines)) from None

    @classmethod
    def from_notebook(cls, namespace: dict[str, Any]) -> Self:
        """The parameters of a notebook: every plain value its cells have assigned so far must be a field of this model."""
        values = {
            name: value
            for name, value in namespace.items()
            if not name.startswith("_")
            and name not in _JUPYTER_NAMES
            and not isinstance(value, ModuleType)
            and not callable(value)
        }
        return cls.checked(**values)

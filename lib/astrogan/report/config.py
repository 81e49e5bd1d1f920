"""What the notebook of figures and tables takes."""

from pydantic import Field

from astrogan.run import InRun


class ReportStage(InRun):
    """What the notebook of figures and tables takes."""

    rows: str = Field("", description="rows of the tables, separated by commas; empty: all that the run holds")
    decides: bool = Field(False, description="whether the run is large enough to judge a claim of the paper")

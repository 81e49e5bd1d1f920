"""What the notebook of archives takes."""

from pydantic import Field

from astrogan.run import InRun


class ArchivesStage(InRun):
    """What the notebook of archives takes."""

    source: str = Field("sample", description="'sample', 'folder:PATH', or 'archive:PATH' with $VARIABLES expanded")
    overrides: str = Field("", description="CSV of a person's decisions: source,id,decision,reason; empty: none")
    min_side: int = Field(256, ge=1, description="images with a shorter side, px, are left out")

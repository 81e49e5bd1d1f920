"""What the notebook takes that colours and up-scales a reader's own frames."""

from pydantic import Field

from astrogan.apply.frames import Kind
from astrogan.run import InRun


class ApplyStage(InRun):
    """What the notebook takes that colours and up-scales a reader's own frames."""

    frames: str = Field("sample", description="a file, folder or pattern (PNG, JPEG, TIFF, FITS); 'sample': a grey sky")
    tasks: str = Field("colour,upscale", description="what to do, separated by commas")
    colour_model: str = Field("", description="a checkpoint, or a name of `astrogan models`; empty: the default")
    upscale_model: str = Field("", description="the same for up-scaling")
    detail: int = Field(1, ge=1, le=16, description="colour at so many times the network's size, in blended tiles")
    uncertainty: bool = Field(True, description="map the spread over flips, rotations and seeds; 8 times the work")
    hdu: int | None = Field(None, ge=0, description="FITS extension; None: the first with an image")
    plane: int | None = Field(None, ge=0, description="plane of a FITS cube; None: it has one")
    stretch: Kind | None = Field(None, description="None: asinh for FITS, else none")
    low: float | None = Field(None, description="black, in the frame's units; None: from the frame")
    high: float | None = Field(None, description="white, likewise")

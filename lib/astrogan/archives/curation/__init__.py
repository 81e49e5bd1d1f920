"""What of a catalogue is used: rules on words and pixels, near-copies, and a person's decisions."""

from astrogan.archives.curation.decisions import Account, curate
from astrogan.archives.curation.rules import RULES, Thresholds

__all__ = ["RULES", "Account", "Thresholds", "curate"]

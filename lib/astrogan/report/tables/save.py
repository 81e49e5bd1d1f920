"""Every table of the report, written under `<run>/tables/` as a MyST fragment and a CSV."""

from pathlib import Path

from astrogan.evaluation import Results
from astrogan.report.index import MADE
from astrogan.report.paper.consistency import assert_ours
from astrogan.report.tables.numbered import NAMES, numbered
from astrogan.report.tables.setup import setup


def save_tables(run: Path | str) -> dict[str, str]:
    """Write Tables 1 to 7 and `setup` of a run; table name to "made".

    A row or metric that the run lacks is a dash with its reason. `AstroganError` when what Tables 1, 2 and 4 give as
    ours is not what the predictions give. The provenance table has a stage of its own, because it is about the finished
    run.
    """
    folder = Results.open(run)
    tables = {name: numbered(folder, name) for name in NAMES}
    assert_ours(folder, tables)
    for table in (*tables.values(), setup(folder)):
        table.save(folder.path / "tables")
    return dict.fromkeys([*NAMES, "setup"], MADE)

"""Every table of the report, written under `<run>/tables/` as a MyST fragment and a CSV."""

from pathlib import Path

from astrogan.evaluation.results import Results
from astrogan.report.index import MADE
from astrogan.report.paper.consistency import assert_ours
from astrogan.report.tables import colour as tables_color
from astrogan.report.tables import setup as tables_setup
from astrogan.report.tables import upscale as tables_sr


def save_tables(run: Path | str) -> dict[str, str]:
    """Write Tables 1 to 7 and `setup` of a run; table name to "made".

    A row or metric that the run lacks is a dash with its reason. `AstroganError` when what Tables 1, 2 and 4 give as
    ours is not what the predictions give. The provenance table has a stage of its own, because it is about the finished
    run.
    """
    folder = Results.open(run)
    first, second, fourth = tables_color.table1(folder), tables_color.table2(folder), tables_color.table4(folder)
    assert_ours(folder, first, second, fourth)
    tables = [
        first,
        second,
        tables_color.table3(folder),
        fourth,
        tables_color.table5(folder),
        tables_sr.table6(folder),
        tables_sr.table7(folder),
        tables_setup.setup(folder),
    ]
    for table in tables:
        table.save(folder.path / "tables")
    return {table.name: MADE for table in tables}

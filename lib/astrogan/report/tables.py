"""Every table of the report, written under `<run>/tables/` as a MyST fragment and a CSV."""

from pathlib import Path

from astrogan.report import tables_color, tables_setup, tables_sr
from astrogan.report.consistency import assert_ours
from astrogan.report.index import MADE
from astrogan.report.run_folder import RunFolder


def save_tables(run: Path | str) -> dict[str, str]:
    """Write Tables 1 to 7 and `setup` of a run; table name to "made".

    A row or metric that the run lacks is a dash with its reason. `AstroganError` when our own tables contradict each
    other. The provenance table has a stage of its own, because it is about the finished run.
    """
    folder = RunFolder(run)
    second, fourth = tables_color.table2(folder), tables_color.table4(folder)
    assert_ours(folder, second, fourth)
    tables = [
        tables_color.table1(folder),
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

"""The table that puts one question to two skies."""

from astrogan.evaluation import Results, metrics_in
from astrogan.experiments.catalogue import label, rows_in
from astrogan.report.paper import rows
from astrogan.report.tables.skies import skies


def test_each_sky_that_was_measured_is_a_part_with_its_own_rows(make_run, made_rows, put_row):
    run = make_run(only=(rows.GREY, rows.FINETUNED, rows.EDSR))
    put_row(run, rows.OBSERVATORY, made_rows[rows.IMPROVED])
    put_row(run, rows.OBSERVATORY_GREY, made_rows[rows.GREY])
    table = skies(Results.open(run))
    assert [[line.labels[0] for line in part.lines] for part in table.parts] == [
        [label(rows.GREY), label(rows.FINETUNED)],
        [label(rows.OBSERVATORY_GREY), label(rows.OBSERVATORY)],
    ]
    assert table.parts[0].value_columns[:-2] == tuple(metric.heading for metric in metrics_in("skies"))
    ours = table.parts[1].lines[1].values[0]
    assert ours.number == Results.open(run).metrics[rows.OBSERVATORY]["values"]["mae_ab"]
    assert ours.best
    assert len(table.remarks) == 3
    assert "Nearest palettes" in table.remarks[1]  # said not to be in this run
    put_row(run, rows.GREY_IN_FOLDS, made_rows[rows.GREY])
    assert [line.labels[0] for line in skies(Results.open(run)).parts[1].lines] == [label(rows.GREY_IN_FOLDS)]


def test_a_run_without_them_says_so(make_run):
    table = skies(Results.open(make_run(only=(rows.EDSR,))))
    assert not table.parts
    assert "This profile measures no row of this table." in table.fragment()


def test_every_network_of_the_table_stands_beside_the_table_from_lightness_to_colour():
    assert {rows.TABLE, rows.GREY, "random-palette"} < set(rows_in("skies"))
    assert {rows.OBSERVATORY_TABLE, rows.OBSERVATORY} < set(rows_in("observatory"))
    assert rows.IMPROVED_IN_FOLDS in rows_in("folds")

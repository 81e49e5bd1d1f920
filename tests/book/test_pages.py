"""Every page of the rendered book, light and dark, on a desktop and on a phone."""

from astrogan.book.build import check


def test_a_page_has_no_fault(file, visit, html):
    _, faults = visit(html / file, html)
    assert faults == []


def test_sliders_follow_mouse_and_keys(visit, html, slider_faults):
    count = 0
    for path in sorted(html.glob("*.html")):
        if 'class="compare ' in path.read_text(encoding="utf-8"):
            page, _ = visit(path, html)
            count += page.locator(".compare-stage").count()
            assert slider_faults(page) == [], path.name
    assert count, "the book holds no slider"


def test_wide_tables_scroll_in_their_own_box_beside_their_first_column(visit, html, table_faults, setting):
    wide = 0
    for path in sorted(html.glob("*.html")):
        page, _ = visit(path, html)
        assert table_faults(page) == [], path.name
        wide += page.locator(".pst-scrollable-table-container[role=region]").count()
        assert page.viewport_size["width"] == setting[1]
    assert wide or setting[1] > 600, "no table is wide on a phone, so that nothing was tried"


def test_nothing_is_cut_on_paper(html, cut_on_paper):
    """The chapters; the executed notebooks are not printed."""
    cut = {path.name: cut_on_paper(path) for path in sorted(html.glob("*.html"))}
    assert {name: boxes for name, boxes in cut.items() if boxes} == {}


def test_the_papers_figures_and_tables_keep_their_numbers(html):
    check(html)

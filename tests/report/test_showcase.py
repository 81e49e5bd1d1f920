import numpy as np

from astrogan.report.figures.showcase import like, pictured, showcase
from astrogan.report.paper import rows


def test_the_showcase_is_twelve_tiles_of_every_observation_whatever_the_model(made_rows):
    chosen = showcase(made_rows[rows.FINETUNED])
    assert len(chosen) == len(set(chosen.tolist())) == 12
    assert (np.diff(chosen) > 0).all()
    observation = made_rows[rows.FINETUNED].observation
    assert set(observation[chosen]) == set(observation)
    assert chosen.tolist() == showcase(made_rows[rows.BASIC]).tolist()


def test_fewer_tiles_than_asked_for_are_all_shown(made_rows):
    assert showcase(made_rows[rows.GREY], count=100).tolist() == list(range(16))


def test_tiles_are_found_by_name(made_rows):
    assert like(made_rows[rows.RGB], np.array(["tile3", "elsewhere", "tile0"])) == [3, None, 0]


def test_ours_is_pictured_where_it_stands_on_the_same_tiles():
    theirs = {"n": 40, "size": 64}
    assert pictured({rows.FINETUNED: theirs}) == rows.FINETUNED
    assert pictured({rows.FINETUNED: theirs, rows.IMPROVED: theirs | {"fwd": 1.0}}) == rows.IMPROVED
    for other in ({"n": 39}, {"size": 128}):
        assert pictured({rows.FINETUNED: theirs, rows.IMPROVED: theirs | other}) == rows.FINETUNED
    assert pictured({}) == rows.FINETUNED

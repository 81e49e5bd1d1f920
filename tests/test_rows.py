from astrogan.rows import fold_of, of_fold, own_row, parts_of, row_id, whole


def test_names_of_folds_are_read_back():
    row = row_id(of_fold("lab-observatory", 12), "pretrain")
    assert row == "lab-observatory-fold12-pretrain"
    assert (parts_of(row), fold_of(row), whole(row)) == (
        ("lab-observatory-fold12", "pretrain"),
        12,
        "lab-observatory-pretrain",
    )
    assert whole(of_fold("wdsr", 0)) == of_fold("wdsr", None) == "wdsr"
    for name in ("grey", "try-foldable-pretrain", "lab-resnet18-seed1-finetune", "a-fold1x-b"):
        assert (fold_of(name), whole(name)) == (None, name)


def test_a_baseline_is_the_same_wherever_it_is_measured():
    names = ["grey", "grey-valid", "grey-folds", "grey-observatory", "random-palette-valid", "grey-valid-x"]
    assert [own_row(name) for name in names] == ["grey"] * 4 + ["random-palette", "grey-valid-x"]

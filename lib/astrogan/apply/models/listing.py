"""`astrogan models` as text."""

from textwrap import fill

from astrogan.apply.models.cards import Card

_UNITS = {"l1": "L1 {:.4f} in the network's units", "psnr": "PSNR {:.2f} dB"}


def listing(cards: list[Card], faults: list[str], default: dict[str, Card | None]) -> str:
    """Every card, the defaults marked, and what its outputs mean once a task."""
    if not cards:
        text = "No model is here yet. `make report` trains some on the images that the dependencies ship."
        return "\n".join([text, *faults])
    blocks = []
    for task, title in (
        ("colour", "Models that colour (astrogan colorize)"),
        ("upscale", "Models that up-scale (astrogan upscale)"),
    ):
        some = [card for card in cards if card.task == task]
        if some:
            blocks += [title, fill(some[0].words, 100), *(_card(card, card == default[task]) for card in some)]
    blocks += [f"cannot be used: {fault}" for fault in faults]
    return "\n\n".join(blocks)


def _card(card: Card, is_default: bool) -> str:
    network = ", ".join(
        f"{key} {value}" for key, value in card.network.items() if key in ("generator", "encoder", "space")
    )
    lines = [
        f"{card.name}{'   [default]' if is_default else ''}",
        f"file: {card.path}",
        f"network: {network}; tiles of {card.size} px; seed {card.seed}",
        f"trained on: {card.trained_on}",
    ]
    if card.validation:
        lines.append("validation: " + ", ".join(_UNITS[key].format(value) for key, value in card.validation.items()))
    if card.metrics:
        known = {key: value for key, value in card.metrics.items() if value is not None and key != "n"}
        shown = ", ".join(f"{key} {value:.4g}" for key, value in known.items())
        lines.append(f"on {card.metrics['n']} test tiles: {shown}")
    lines += [f"note: {note}" for note in card.notes]
    return "\n".join(
        [lines[0], *(fill(line, 100, initial_indent="    ", subsequent_indent="      ") for line in lines[1:])]
    )

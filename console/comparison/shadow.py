"""What a model's shadow does, or waits for; its answers are read by `console.rescoring`."""

from backend.records.registry import Model


def said(model: Model) -> str:
    """Whether the shadow is on, and what it waits for, as sentences."""
    name = f"`{model.name}`"
    if not model.shadow:
        return f"The shadow of {name} is off: only the champion answers its requests."
    if model.challenger is None:
        return f"The shadow of {name} is on and waits for a challenger: name one."
    if model.champion is None:
        return f"The shadow of {name} is on and waits for a champion: nothing answers yet."
    if model.champion == model.challenger:
        return (
            f"The shadow of {name} is on and waits for another challenger: version"
            f" {model.challenger} is the champion itself."
        )
    return (
        f"The shadow of {name} is on: version {model.challenger} scores what version"
        f" {model.champion} answers, and nobody sees it but here."
    )

"""What `/metrics` says, as the tests ask for it."""

from prometheus_client.parser import text_string_to_metric_families


def of(text: str, name: str, **labels: str) -> dict[str, float]:
    """The samples of that name with these labels, by all their labels as text."""
    return {
        ",".join(f"{key}={value}" for key, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    }


def total(text: str, name: str, **labels: str) -> float:
    """The sum of the samples of that name with these labels; there must be one."""
    found = of(text, name, **labels)
    assert found, f"no `{name}` with {labels}"
    return sum(found.values())

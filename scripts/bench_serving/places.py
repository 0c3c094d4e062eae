"""Where the benchmark keeps what it makes, all under one folder that git ignores."""

from dataclasses import dataclass
from pathlib import Path

from scripts.bench_serving.services import Service


@dataclass(frozen=True)
class Places:
    """The folders and files below `folder`."""

    folder: Path

    @property
    def figures(self) -> Path:
        """The last run's figures."""
        return self.folder / "serving.json"

    @property
    def work(self) -> Path:
        """What is removed at the end."""
        return self.folder / "work"

    @property
    def outputs(self) -> Path:
        """What the services printed."""
        return self.folder / "logs"

    @property
    def bodies(self) -> Path:
        """The bodies of requests."""
        return self.work / "bodies"

    @property
    def template(self) -> Path:
        """The data directory with both models, copied for each turn of ours."""
        return self.work / "data"

    @property
    def turn(self) -> Path:
        """The data directory of the turn that runs."""
        return self.work / "turn"

    @property
    def prepared_models(self) -> Path:
        """What services make of models before the rounds."""
        return self.work / "prepared"

    def exported(self, model: str) -> Path:
        """Where a model's files are exported to."""
        return self.work / "exported" / model

    def prepared(self, service: Service, model: str) -> Path:
        """What a service made of a model."""
        return self.prepared_models / f"{service.name}-{model}"

    def output(self, service: Service, model: str) -> Path:
        """What a service printed in its last turn."""
        return self.outputs / f"{service.name}-{model}.txt"

"""A model behind LitServe on one worker: `plain`, or `batching SECONDS default|fast`.

The seconds are those that a batch waits for more, the last word is LitServe's kind of queue.
"""

import os
import sys
from typing import Any

import joblib
import litserve as ls
import numpy as np


class Plain(ls.LitAPI):
    """Each request by itself, of one row or several."""

    def setup(self, device: str) -> None:  # noqa: ARG002  # LitServe passes it by name
        """Load the model in the worker."""
        self.model = joblib.load(os.environ["BENCH_MODEL"])

    def decode_request(self, request: dict[str, Any]) -> Any:
        """The request's rows."""
        return np.array(request["instances"])

    def predict(self, matrix: Any) -> Any:
        """Labels and probabilities."""
        return self.model.predict(matrix), self.model.predict_proba(matrix)

    def encode_response(self, answer: Any) -> dict[str, Any]:
        """What is sent back."""
        labels, shares = answer
        return {"labels": labels.tolist(), "probabilities": shares.tolist()}


class Batching(Plain):
    """Requests of one row each, which LitServe stacks before `predict` and takes apart after."""

    def decode_request(self, request: dict[str, Any]) -> Any:
        """The request's row."""
        return np.array(request["features"])

    def predict(self, matrix: Any) -> Any:
        """One label with its probabilities for each request."""
        return list(zip(*super().predict(matrix), strict=True))

    def encode_response(self, answer: Any) -> dict[str, Any]:
        """What is sent back."""
        label, shares = answer
        return {"label": str(label), "probabilities": shares.tolist()}


if __name__ == "__main__":
    kind, seconds, queue = [*sys.argv[1:], "0", "default"][:3]
    batching = kind == "batching"
    api = Batching(max_batch_size=64, batch_timeout=float(seconds)) if batching else Plain()
    fast = queue == "fast"
    server = ls.LitServer(api, accelerator="cpu", workers_per_device=1, fast_queue=fast)
    server.run(
        host="127.0.0.1",
        port=int(os.environ["BENCH_PORT"]),
        num_api_servers=1,
        log_level="warning",
        generate_client_file=False,
    )

"""The tables. No behaviour here; what each module does with its own is in that module.

Times are UTC microseconds since 1970 (`*_at`), shares and scores lie in [0, 1], durations say
their unit. JSON columns hold small documents; features of a prediction are JSON *text*, so that
a large window is decoded by a fast parser and only where it is needed (`columns`).
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite autoincrements only an INTEGER primary key; PostgreSQL wants eight bytes.
RowId = BigInteger().with_variant(Integer, "sqlite")

installation = Table(
    "installation",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("created_at", BigInteger, nullable=False),
)

models = Table(
    "models",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("task", String(20), nullable=False),
    Column("target", String(200), nullable=False),
    Column("demo", Boolean, nullable=False, default=False),
    Column("last_number", Integer, nullable=False, default=0),  # numbers are never used twice
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", String(200), nullable=False),
    # Whether the challenger answers the same requests unseen, for comparison.
    Column("shadow", Boolean, nullable=False, default=False, server_default=false()),
    Column("gates", Text),  # TOML: what a version must show before it may answer; NULL: defaults
    Column("policy", JSON),  # approval, probation, retention; NULL: defaults
)

versions = Table(
    "versions",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("model", ForeignKey("models.name"), nullable=False),
    Column("number", Integer),  # NULL while a draft
    Column("algorithm", String(60), nullable=False),
    Column("task", String(20), nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("metrics", JSON, nullable=False),
    Column("evaluation", JSON, nullable=False),
    Column("signature", JSON, nullable=False),
    Column("data", JSON, nullable=False),  # name, fingerprint, rows, split
    Column("environment", JSON, nullable=False),  # code and library versions
    Column("trained_seconds", Float, nullable=False),
    Column("note", Text, nullable=False, default=""),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("registered_at", BigInteger),
    Column("compilation", JSON),  # the engine that answers, and the evidence for it
    Column("manifest", JSON),  # what its files must be, signed with a key kept elsewhere
    UniqueConstraint("model", "number"),
    sqlite_autoincrement=True,
)

version_files = Table(
    "version_files",
    metadata,
    Column("version_id", ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(60), primary_key=True),
    Column("sha256", ForeignKey("blobs.sha256"), nullable=False),
)

blobs = Table(
    "blobs",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

# Chunks come before their blob's row, so a blob that has a row is whole.
blob_chunks = Table(
    "blob_chunks",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

aliases = Table(
    "aliases",
    metadata,
    Column("model", ForeignKey("models.name"), primary_key=True),
    Column("alias", String(30), primary_key=True),
    Column("number", Integer, nullable=False),
    ForeignKeyConstraint(["model", "number"], ["versions.model", "versions.number"]),
)

promotions = Table(
    "promotions",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("model", ForeignKey("models.name"), nullable=False),
    Column("alias", String(30), nullable=False),
    Column("kind", String(20), nullable=False),  # promote, rollback, assign, withdraw
    Column("from_number", Integer),
    Column("to_number", Integer),
    Column("at", BigInteger, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("reason", Text, nullable=False),
    Column("request_id", BigInteger),  # of the promotion request that it fulfilled
    Column("dossier", String(64)),  # the sha256 of the evidence that it was made on
    Column("approved_by", String(200)),
    Index(None, "model", "id"),
    sqlite_autoincrement=True,
)

# A promotion that was asked for, with its evidence frozen as it was then.
promotion_requests = Table(
    "promotion_requests",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("model", ForeignKey("models.name"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("from_number", Integer),  # the champion that was seen; NULL: none
    Column("requested_at", BigInteger, nullable=False),
    Column("requested_by", String(200), nullable=False),
    Column("reason", Text, nullable=False),
    Column("sha256", ForeignKey("blobs.sha256"), nullable=False),  # the dossier
    Column("passed", Boolean, nullable=False),  # whether no gate failed that was not waived
    Column("waivers", JSON, nullable=False),  # [{gate, actor, reason, at}]
    Column("state", String(12), nullable=False),  # open, made, refused, withdrawn, overtaken
    Column("decided_at", BigInteger),
    Column("decided_by", String(200)),
    Column("decision", Text),  # why it was refused or withdrawn
    Column("promotion_id", BigInteger),
    Index(None, "model", "id"),
    sqlite_autoincrement=True,
)

# Rows kept from What-if with the answer that a version must give to them.
scenarios = Table(
    "scenarios",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("model", ForeignKey("models.name"), nullable=False),
    Column("name", String(100), nullable=False),
    Column("features", JSON, nullable=False),
    Column("expected", JSON, nullable=False),  # {"label"} or {"low", "high"}
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", String(200), nullable=False),
    UniqueConstraint("model", "name"),
    sqlite_autoincrement=True,
)

# What was changed and by whom. Each row's hash covers the row before it.
audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),  # 1, 2, 3, … without a gap
    Column("at", BigInteger, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(200), nullable=False),  # a model's name, or what else was changed
    Column("detail", Text, nullable=False),  # JSON with sorted keys
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

# No foreign keys: the log takes a refused request for a model that does not exist, and each
# check would cost every insert.
predictions = Table(
    "predictions",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("prediction_id", LargeBinary(16), nullable=False),
    Column("request_id", LargeBinary(16), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("model", String(100), nullable=False),  # '' when the request named none that exists
    Column("version", Integer),
    Column("source", String(10), nullable=False),  # live, replay
    Column("outcome", String(10), nullable=False),  # answered, refused, failed
    Column("features", Text),  # JSON array in signature order; of a refused request, an excerpt
    Column("label", Text),  # classification: the target's value as text
    Column("value", Float),  # regression
    Column("score", Float),
    Column("latency_ms", Float),
    Column("error", Text),
    # One index serves windows of a model; more of them mislead SQLite (docs/architecture.md).
    Index(None, "model", "at"),
    Index(None, "prediction_id"),
    sqlite_autoincrement=True,
)

# What a challenger would have answered, beside the champion's row of the same prediction_id.
shadow_predictions = Table(
    "shadow_predictions",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("prediction_id", LargeBinary(16), nullable=False),
    Column("at", BigInteger, nullable=False),  # the champion's
    Column("model", String(100), nullable=False),
    Column("version", Integer, nullable=False),
    Column("label", Text),
    Column("value", Float),
    Column("score", Float),
    Column("latency_ms", Float),  # of predicting its batch, shared among its rows
    Column("error", Text),  # why it could not answer
    Index(None, "model", "at"),
    Index(None, "prediction_id"),
    sqlite_autoincrement=True,
)

feedback = Table(
    "feedback",
    metadata,
    Column("prediction_id", LargeBinary(16), primary_key=True),
    Column("model", String(100), nullable=False),
    Column("ground_truth", Text, nullable=False),  # label as text, or the number as JSON
    Column("value", Float),  # regression: the number
    Column("at", BigInteger, nullable=False),
    Column("replaced", Text),  # the truth that a correction replaced
    Index(None, "model", "at"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("kind", String(30), nullable=False),
    Column("params", JSON, nullable=False),
    # queued, running, done, failed, cancelled, interrupted
    Column("state", String(12), nullable=False, index=True),
    Column("progress", Float, nullable=False, default=0.0),
    Column("message", Text, nullable=False, default=""),
    Column("log", Text, nullable=False, default=""),
    Column("result", JSON),
    Column("error", Text),
    Column("cancel_requested", Boolean, nullable=False, default=False),
    Column("worker", String(100)),
    Column("submitted_at", BigInteger, nullable=False),
    Column("submitted_by", String(200), nullable=False),
    Column("started_at", BigInteger),
    Column("heartbeat_at", BigInteger),
    Column("ended_at", BigInteger),
    sqlite_autoincrement=True,
)

# Files that a job made (a report's HTML, say), kept as blobs like artefacts.
job_files = Table(
    "job_files",
    metadata,
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(60), primary_key=True),
    Column("sha256", ForeignKey("blobs.sha256"), nullable=False),
    Column("media_type", String(60), nullable=False),
)

# Derived from the log and nothing else: hourly counts, and sketches of each version's columns.
summaries = Table(
    "summaries",
    metadata,
    Column("model", String(100), primary_key=True),
    Column("start", BigInteger, primary_key=True),  # of the hour
    Column("version", Integer, primary_key=True, autoincrement=False),  # 0: none
    Column("source", String(10), primary_key=True),
    Column("answered", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
    Column("latency", LargeBinary),  # histogram of the answered rows that have one
    Column("least_id", BigInteger, nullable=False),  # of the rows counted here
    Column("most_id", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# A row a column, so that a chart of one feature over months reads that feature alone. A day's row
# is the sum of its hours'.
sketches = Table(
    "sketches",
    metadata,
    Column("version_id", BigInteger, primary_key=True, autoincrement=False),
    Column("feature", Text, primary_key=True),
    Column("grain", String(4), primary_key=True),  # hour, day
    Column("start", BigInteger, primary_key=True, autoincrement=False),
    Column("vector", LargeBinary, nullable=False),
    Column("novel", Text),  # JSON object: new categories and their counts
    sqlite_with_rowid=False,
)

# The bins of a version's sketches, frozen with the first of them.
sketch_cells = Table(
    "sketch_cells",
    metadata,
    Column("version_id", BigInteger, primary_key=True, autoincrement=False),
    Column("cells", LargeBinary),
    Column("problem", Text),  # why there are none: the version's reference cannot be read
)

# `log`: up to which row of it summaries are derived; an epoch ends when they are removed or
# rebuilt.
# `audit`: its epoch is when the audit log began (UTC µs); what is older has no row in it.
watermarks = Table(
    "watermarks",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("id", BigInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False),
)

# Reviews: a drift report as it was, and what people decided on it. The frozen document is a blob
# by its hash, so that none of it can change afterwards without being seen.
reviews = Table(
    "reviews",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("model", ForeignKey("models.name"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("start", BigInteger, nullable=False),  # of the window
    Column("end", BigInteger, nullable=False),
    Column("status", String(20), nullable=False),  # the verdict's
    Column("sha256", ForeignKey("blobs.sha256"), nullable=False),  # the frozen document
    Column("frozen_at", BigInteger, nullable=False),
    Column("frozen_by", String(200), nullable=False),
    Column("closed_at", BigInteger),
    Column("closed_by", String(200)),
    Index(None, "model", "id"),
    sqlite_autoincrement=True,
)

# What belongs to a review beside its document: the Evidently pages, compressed.
review_files = Table(
    "review_files",
    metadata,
    Column("review_id", ForeignKey("reviews.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(60), primary_key=True),
    Column("sha256", ForeignKey("blobs.sha256"), nullable=False),
    Column("media_type", String(60), nullable=False),
)

# What was said and decided, in order; nothing is changed or removed. The newest decision on a
# finding is the one that holds, and the newest progress of a decision.
review_entries = Table(
    "review_entries",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("review_id", ForeignKey("reviews.id", ondelete="CASCADE"), nullable=False),
    Column("finding", String(250), nullable=False),  # '' for the review as a whole
    Column("kind", String(20), nullable=False),  # comment, decision, progress
    Column("decision", String(20)),  # accept, watch, retrain, roll_back, data_fault
    Column("owner", String(200)),
    Column("due_on", String(10)),  # ISO 8601 date
    Column("decision_id", ForeignKey("review_entries.id")),  # that a progress is of
    Column("state", String(10)),  # of a progress: open, done, dropped
    Column("text", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", String(200), nullable=False),
    Index(None, "review_id", "id"),
    sqlite_autoincrement=True,
)

monitors = Table(
    "monitors",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("model", ForeignKey("models.name"), nullable=False),
    Column("name", String(100), nullable=False),
    # drift, evidence, missing, refused, latency, performance, traffic
    Column("kind", String(20), nullable=False),
    Column("rule", JSON, nullable=False),  # what its kind needs: window, limit, feature, budget
    Column("channels", JSON, nullable=False),  # names of channels
    Column("enabled", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("changed_by", String(200), nullable=False),
    # What the last look found. `turn` is compared and set, so that of two evaluators one wins.
    Column("turn", BigInteger, nullable=False),
    Column("checked_at", BigInteger),
    Column("checked_to", BigInteger),  # the end of the last window that was judged
    Column("status", String(20), nullable=False),  # new, ok, firing, no_data, broken
    Column("message", Text, nullable=False),
    Column("figure", Float),
    Column("state", JSON),  # what a sequential test carries from look to look
    UniqueConstraint("model", "name"),
    sqlite_autoincrement=True,
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("monitor_id", ForeignKey("monitors.id", ondelete="CASCADE"), nullable=False),
    Column("model", String(100), nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("start", BigInteger, nullable=False),  # of the window that fired first
    Column("end", BigInteger, nullable=False),
    Column("message", Text, nullable=False),  # of the newest look
    Column("figure", Float),
    Column("seen_at", BigInteger, nullable=False),  # the newest look that still fired
    Column("acknowledged_at", BigInteger),
    Column("acknowledged_by", String(200)),
    Column("assigned_to", String(200)),
    Column("snoozed_until", BigInteger),
    Column("resolved_at", BigInteger),
    Index(None, "model", "id"),
    Index(None, "monitor_id", "id"),
    sqlite_autoincrement=True,
)

alert_events = Table(
    "alert_events",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("alert_id", ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False),
    # opened, acknowledged, snoozed, snooze_ended, assigned, comment, resolved
    Column("kind", String(20), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", String(200), nullable=False),
    Index(None, "alert_id", "id"),
    sqlite_autoincrement=True,
)

channels = Table(
    "channels",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("kind", String(10), nullable=False),  # webhook, email
    Column("address", Text, nullable=False),  # a URL, or addresses separated by commas
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", String(200), nullable=False),
)

# What is still to be sent, written in the transaction that opened or resolved the alert.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("alert_id", ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False),
    Column("channel", String(60), nullable=False),
    Column("event", String(20), nullable=False),  # opened, again, resolved
    Column("attempts", Integer, nullable=False),
    # Of the next attempt; NULL when delivered, given up or withdrawn (then `error` says so).
    Column("due_at", BigInteger),
    Column("delivered_at", BigInteger),
    Column("error", Text),  # of the last attempt; NULL while one lasts
    Index(None, "due_at"),
    sqlite_autoincrement=True,
)

"""Reviews with their decisions; monitors, their alerts, and what is still to be sent.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "channels",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_channels")),
    )
    op.create_table(
        "monitors",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("model", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("checked_at", sa.BigInteger()),
        sa.Column("checked_to", sa.BigInteger()),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("figure", sa.Float()),
        sa.Column("state", sa.JSON()),
        sa.ForeignKeyConstraint(["model"], ["models.name"], name=op.f("fk_monitors_model")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitors")),
        sa.UniqueConstraint("model", "name", name=op.f("uq_monitors_model_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "reviews",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("model", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("frozen_at", sa.BigInteger(), nullable=False),
        sa.Column("frozen_by", sa.String(length=200), nullable=False),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("closed_by", sa.String(length=200)),
        sa.ForeignKeyConstraint(["model"], ["models.name"], name=op.f("fk_reviews_model")),
        sa.ForeignKeyConstraint(["sha256"], ["blobs.sha256"], name=op.f("fk_reviews_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_reviews_model_id"), "reviews", ["model", "id"], unique=False)
    op.create_table(
        "alerts",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("monitor_id", RowId, nullable=False),
        sa.Column("model", sa.String(length=100), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("figure", sa.Float()),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("acknowledged_at", sa.BigInteger()),
        sa.Column("acknowledged_by", sa.String(length=200)),
        sa.Column("assigned_to", sa.String(length=200)),
        sa.Column("snoozed_until", sa.BigInteger()),
        sa.Column("resolved_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["monitor_id"], ["monitors.id"], name=op.f("fk_alerts_monitor_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_alerts_model_id"), "alerts", ["model", "id"], unique=False)
    op.create_index(op.f("ix_alerts_monitor_id_id"), "alerts", ["monitor_id", "id"], unique=False)
    op.create_table(
        "review_entries",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("review_id", RowId, nullable=False),
        sa.Column("finding", sa.String(length=250), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("decision", sa.String(length=20)),
        sa.Column("owner", sa.String(length=200)),
        sa.Column("due_on", sa.String(length=10)),
        sa.Column("decision_id", RowId),
        sa.Column("state", sa.String(length=10)),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["review_entries.id"], name=op.f("fk_review_entries_decision_id")
        ),
        sa.ForeignKeyConstraint(
            ["review_id"],
            ["reviews.id"],
            name=op.f("fk_review_entries_review_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_entries")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_review_entries_review_id_id"), "review_entries", ["review_id", "id"], unique=False
    )
    op.create_table(
        "review_files",
        sa.Column("review_id", RowId, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"],
            ["reviews.id"],
            name=op.f("fk_review_files_review_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["sha256"], ["blobs.sha256"], name=op.f("fk_review_files_sha256")),
        sa.PrimaryKeyConstraint("review_id", "name", name=op.f("pk_review_files")),
    )
    op.create_table(
        "alert_events",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("alert_id", RowId, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.id"], name=op.f("fk_alert_events_alert_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_events")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_alert_events_alert_id_id"), "alert_events", ["alert_id", "id"], unique=False
    )
    op.create_table(
        "deliveries",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("alert_id", RowId, nullable=False),
        sa.Column("channel", sa.String(length=60), nullable=False),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("delivered_at", sa.BigInteger()),
        sa.Column("error", sa.Text()),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.id"], name=op.f("fk_deliveries_alert_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_deliveries_due_at"), "deliveries", ["due_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_deliveries_due_at"), table_name="deliveries")
    op.drop_table("deliveries")
    op.drop_index(op.f("ix_alert_events_alert_id_id"), table_name="alert_events")
    op.drop_table("alert_events")
    op.drop_table("review_files")
    op.drop_index(op.f("ix_review_entries_review_id_id"), table_name="review_entries")
    op.drop_table("review_entries")
    op.drop_index(op.f("ix_alerts_monitor_id_id"), table_name="alerts")
    op.drop_index(op.f("ix_alerts_model_id"), table_name="alerts")
    op.drop_table("alerts")
    op.drop_index(op.f("ix_reviews_model_id"), table_name="reviews")
    op.drop_table("reviews")
    op.drop_table("monitors")
    op.drop_table("channels")

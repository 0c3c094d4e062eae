"""Promotions asked for with their evidence, gates and policies, scenarios, and what was changed.

Revision ID: 0006
Revises: 0005
"""

import time

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

watermarks = sa.table(
    "watermarks",
    sa.column("name", sa.String()),
    sa.column("id", sa.BigInteger()),
    sa.column("epoch", sa.BigInteger()),
)


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_table(
        "promotion_requests",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("model", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("from_number", sa.Integer()),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.Column("requested_by", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("waivers", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("decided_at", sa.BigInteger()),
        sa.Column("decided_by", sa.String(length=200)),
        sa.Column("decision", sa.Text()),
        sa.Column("promotion_id", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["model"], ["models.name"], name=op.f("fk_promotion_requests_model")
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["blobs.sha256"], name=op.f("fk_promotion_requests_sha256")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotion_requests")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_promotion_requests_model_id"), "promotion_requests", ["model", "id"], unique=False
    )
    op.create_table(
        "scenarios",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("model", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("features", sa.JSON(), nullable=False),
        sa.Column("expected", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["model"], ["models.name"], name=op.f("fk_scenarios_model")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenarios")),
        sa.UniqueConstraint("model", "name", name=op.f("uq_scenarios_model_name")),
        sqlite_autoincrement=True,
    )
    op.add_column("models", sa.Column("gates", sa.Text()))
    op.add_column("models", sa.Column("policy", sa.JSON()))
    op.add_column("promotions", sa.Column("request_id", sa.BigInteger()))
    op.add_column("promotions", sa.Column("dossier", sa.String(length=64)))
    op.add_column("promotions", sa.Column("approved_by", sa.String(length=200)))
    # Since when changes are recorded: what is older has no row in the audit log.
    op.bulk_insert(watermarks, [{"name": "audit", "id": 0, "epoch": time.time_ns() // 1_000}])


def downgrade() -> None:
    op.execute(watermarks.delete().where(watermarks.c.name == "audit"))
    op.drop_column("promotions", "approved_by")
    op.drop_column("promotions", "dossier")
    op.drop_column("promotions", "request_id")
    op.drop_column("models", "policy")
    op.drop_column("models", "gates")
    op.drop_table("scenarios")
    op.drop_index(op.f("ix_promotion_requests_model_id"), table_name="promotion_requests")
    op.drop_table("promotion_requests")
    op.drop_table("audit")

"""Hourly counts and sketches derived from the log, and how far they are.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "summaries",
        sa.Column("model", sa.String(100), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("answered", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("latency", sa.LargeBinary()),
        sa.Column("least_id", sa.BigInteger(), nullable=False),
        sa.Column("most_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("model", "start", "version", "source", name="pk_summaries"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sketches",
        sa.Column("version_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("feature", sa.Text(), nullable=False),
        sa.Column("grain", sa.String(4), nullable=False),
        sa.Column("start", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("novel", sa.Text()),
        sa.PrimaryKeyConstraint("version_id", "feature", "grain", "start", name="pk_sketches"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        # Doubles hardly compress, and trying costs time at each write and read.
        op.execute("ALTER TABLE sketches ALTER COLUMN vector SET STORAGE EXTERNAL")
    op.create_table(
        "sketch_cells",
        sa.Column("version_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cells", sa.LargeBinary()),
        sa.Column("problem", sa.Text()),
        sa.PrimaryKeyConstraint("version_id", name="pk_sketch_cells"),
    )
    watermarks = op.create_table(
        "watermarks",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_watermarks"),
    )
    op.bulk_insert(watermarks, [{"name": "log", "id": 0, "epoch": 0}])


def downgrade() -> None:
    for name in ("watermarks", "sketch_cells", "sketches", "summaries"):
        op.drop_table(name)

"""Compiled versions, signed manifests and shadow answers.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "models", sa.Column("shadow", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("versions", sa.Column("compilation", sa.JSON()))
    op.add_column("versions", sa.Column("manifest", sa.JSON()))
    op.create_table(
        "shadow_predictions",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("prediction_id", sa.LargeBinary(16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("model", sa.String(100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text()),
        sa.Column("value", sa.Float()),
        sa.Column("score", sa.Float()),
        sa.Column("latency_ms", sa.Float()),
        sa.Column("error", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_shadow_predictions"),
        sqlite_autoincrement=True,
    )
    for columns in (["model", "at"], ["prediction_id"]):
        name = f"ix_shadow_predictions_{'_'.join(columns)}"
        op.create_index(name, "shadow_predictions", columns, unique=False)


def downgrade() -> None:
    op.drop_table("shadow_predictions")
    op.drop_column("versions", "manifest")
    op.drop_column("versions", "compilation")
    op.drop_column("models", "shadow")

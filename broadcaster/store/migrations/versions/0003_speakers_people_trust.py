"""Speakers that are planned far ahead, watch their line and their health, and people who stand in for them."""

import sqlalchemy as sa
from alembic import op

from broadcaster.store.base import UtcDateTime

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('speakers', sa.Column('ahead_days', sa.Integer(), nullable=False, server_default='3'))
    op.add_column('speakers', sa.Column('month_bytes', sa.BigInteger(), nullable=False, server_default='0'))
    op.add_column('speakers', sa.Column('sink', sa.String(length=200), nullable=False, server_default=''))
    op.add_column('speakers', sa.Column('test_day', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('speakers', sa.Column('test_minute', sa.Integer(), nullable=False, server_default='540'))
    op.add_column('speakers', sa.Column('test_silent', sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column('speakers', sa.Column('health', sa.JSON(), nullable=False, server_default='{}'))
    op.add_column('speakers', sa.Column('health_at', UtcDateTime(), nullable=True))
    op.add_column('speakers', sa.Column('bytes_used', sa.BigInteger(), nullable=True))
    op.add_column('speakers', sa.Column('tested_at', UtcDateTime(), nullable=True))


def downgrade() -> None:
    for column in ('tested_at', 'bytes_used', 'health_at', 'health'):
        op.drop_column('speakers', column)
    for column in ('test_silent', 'test_minute', 'test_day', 'sink', 'month_bytes', 'ahead_days'):
        op.drop_column('speakers', column)

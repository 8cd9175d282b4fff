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
    op.create_index(op.f('ix_speakers_ahead_days'), 'speakers', ['ahead_days'])
    op.add_column('schedules', sa.Column('far_through', UtcDateTime(), nullable=True))
    _stand_ins()
    _log_requests()
    op.add_column('units', sa.Column('stand_in', sa.JSON(), nullable=True))
    op.add_column('people', sa.Column('phone', sa.String(length=64), nullable=False, server_default=''))
    op.add_column('channels', sa.Column('person_id', sa.String(length=64), nullable=True))
    op.create_index(op.f('ix_channels_person_id'), 'channels', ['person_id'], unique=False)
    op.add_column('deliveries', sa.Column('by_person_at', UtcDateTime(), nullable=True))
    op.add_column('deliveries', sa.Column('seconds', sa.String(length=120), nullable=False, server_default=''))
    op.add_column('deliveries', sa.Column('late_ms', sa.Integer(), nullable=True))
    op.add_column('deliveries', sa.Column('loop', sa.Integer(), nullable=True))


def _stand_ins() -> None:
    op.create_table('stand_ins',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('airing_id', sa.String(length=64), nullable=False),
    sa.Column('announcement_id', sa.String(length=64), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.String(length=64), nullable=False),
    sa.Column('klass', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('cause', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=64), nullable=False),
    sa.Column('words', sa.JSON(), nullable=False),
    sa.Column('speakers', sa.JSON(), nullable=False),
    sa.Column('since', UtcDateTime(), nullable=False),
    sa.Column('opened_at', UtcDateTime(), nullable=False),
    sa.Column('escalate_at', UtcDateTime(), nullable=False),
    sa.Column('escalated_at', UtcDateTime(), nullable=True),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.Column('ended_at', UtcDateTime(), nullable=True),
    sa.Column('answered_by', sa.String(length=64), nullable=True),
    sa.Column('answered_by_name', sa.String(length=200), nullable=False),
    sa.Column('answered_at', UtcDateTime(), nullable=True),
    sa.Column('on_behalf', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['airing_id'], ['airings.id'], name=op.f('fk_stand_ins_airing_id_airings')),
    sa.ForeignKeyConstraint(['announcement_id'], ['announcements.id'], name=op.f('fk_stand_ins_announcement_id_announcements')),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_stand_ins_unit_id_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stand_ins')),
    sa.UniqueConstraint('airing_id', 'unit_id', name=op.f('uq_stand_ins_airing_id_unit_id'))
    )
    op.create_index(op.f('ix_stand_ins_announcement_id'), 'stand_ins', ['announcement_id'], unique=False)
    op.create_index(op.f('ix_stand_ins_state_expires_at'), 'stand_ins', ['state', 'expires_at'], unique=False)
    op.create_index(op.f('ix_stand_ins_unit_id'), 'stand_ins', ['unit_id'], unique=False)

    op.create_table('stand_in_links',
    sa.Column('secret_sha256', sa.String(length=64), nullable=False),
    sa.Column('stand_in_id', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.String(length=64), nullable=True),
    sa.Column('made_by', sa.String(length=64), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['stand_in_id'], ['stand_ins.id'], name=op.f('fk_stand_in_links_stand_in_id_stand_ins')),
    sa.PrimaryKeyConstraint('secret_sha256', name=op.f('pk_stand_in_links'))
    )
    op.create_index(op.f('ix_stand_in_links_stand_in_id'), 'stand_in_links', ['stand_in_id'], unique=False)

    op.create_table('stand_in_messages',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('stand_in_id', sa.String(length=64), nullable=False),
    sa.Column('channel_id', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.String(length=64), nullable=False),
    sa.Column('action', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=64), nullable=False),
    sa.Column('remote_id', sa.String(length=200), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('due_at', UtcDateTime(), nullable=False),
    sa.Column('claimed_until', UtcDateTime(), nullable=True),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.Column('provider_code', sa.String(length=200), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('updated_at', UtcDateTime(), nullable=False),
    sa.Column('accepted_at', UtcDateTime(), nullable=True),
    sa.Column('delivered_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['stand_in_id'], ['stand_ins.id'], name=op.f('fk_stand_in_messages_stand_in_id_stand_ins')),
    sa.ForeignKeyConstraint(['channel_id'], ['channels.id'], name=op.f('fk_stand_in_messages_channel_id_channels')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stand_in_messages')),
    sa.UniqueConstraint('stand_in_id', 'channel_id', 'action', name=op.f('uq_stand_in_messages_stand_in_id_channel_id_action'))
    )
    op.create_index(op.f('ix_stand_in_messages_channel_id'), 'stand_in_messages', ['channel_id'], unique=False)
    op.create_index(op.f('ix_stand_in_messages_state_due_at'), 'stand_in_messages', ['state', 'due_at'], unique=False)


def _log_requests() -> None:
    op.create_table('log_requests',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('speaker_id', sa.String(length=64), nullable=False),
    sa.Column('asked_by', sa.String(length=64), nullable=True),
    sa.Column('asked_by_name', sa.String(length=200), nullable=False),
    sa.Column('asked_at', UtcDateTime(), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.Column('told_at', UtcDateTime(), nullable=True),
    sa.Column('answered_at', UtcDateTime(), nullable=True),
    sa.Column('text', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['speaker_id'], ['speakers.id'], name=op.f('fk_log_requests_speaker_id_speakers')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_log_requests'))
    )
    op.create_index(op.f('ix_log_requests_speaker_id_asked_at'), 'log_requests', ['speaker_id', 'asked_at'], unique=False)


def downgrade() -> None:
    op.drop_table('log_requests')
    op.drop_column('schedules', 'far_through')
    op.drop_index(op.f('ix_speakers_ahead_days'), 'speakers')
    for column in ('loop', 'late_ms', 'seconds', 'by_person_at'):
        op.drop_column('deliveries', column)
    op.drop_index(op.f('ix_channels_person_id'), table_name='channels')
    op.drop_column('channels', 'person_id')
    op.drop_column('people', 'phone')
    op.drop_column('units', 'stand_in')
    for table in ('stand_in_messages', 'stand_in_links', 'stand_ins'):
        op.drop_table(table)
    for column in ('tested_at', 'bytes_used', 'health_at', 'health'):
        op.drop_column('speakers', column)
    for column in ('test_silent', 'test_minute', 'test_day', 'sink', 'month_bytes', 'ahead_days'):
        op.drop_column('speakers', column)

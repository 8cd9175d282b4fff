"""The outlets: accounts and their tokens, readers by mail and push, what residents say, alerts by CAP."""

import sqlalchemy as sa
from alembic import op

from broadcaster.store.base import UtcDateTime

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('channels', sa.Column('posts_when', sa.String(length=64), nullable=False, server_default='airing'))
    op.add_column('channels', sa.Column('quiet_from', sa.String(length=64), nullable=False, server_default=''))
    op.add_column('channels', sa.Column('quiet_until', sa.String(length=64), nullable=False, server_default=''))
    op.add_column('mirror_copies', sa.Column('person_id', sa.String(length=64), nullable=True))
    op.add_column('mirror_copies', sa.Column('lost', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('mirror_copies', sa.Column('klass', sa.String(length=64), nullable=False, server_default='normal'))
    op.execute('UPDATE mirror_copies SET klass = (SELECT a.klass FROM announcements a WHERE a.id = mirror_copies.announcement_id)')
    op.create_index(op.f('ix_mirror_copies_claimed_until'), 'mirror_copies', ['claimed_until'], unique=False)
    op.add_column('stand_in_messages', sa.Column('lost', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('tokens', sa.Column('scope', sa.String(length=200), nullable=False, server_default=''))
    op.add_column('speakers', sa.Column('pole_code', sa.String(length=64), nullable=True))
    op.create_index(op.f('ix_speakers_pole_code'), 'speakers', ['pole_code'], unique=True)
    op.drop_index(op.f('ix_announcements_state'), table_name='announcements')
    op.create_index(op.f('ix_announcements_state_id'), 'announcements', ['state', 'id'], unique=False)
    op.drop_index(op.f('ix_announcements_part_of_id'), table_name='announcements')
    part = sa.text('part_of_id IS NOT NULL')
    op.create_index(op.f('ix_announcements_part_of_id'), 'announcements', ['part_of_id'], sqlite_where=part, postgresql_where=part)
    _zalo()
    _mail()
    _push()
    _feedback()
    _cap()


def _zalo() -> None:
    op.create_table('seen_events',
    sa.Column('id', sa.String(length=200), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_seen_events'))
    )
    op.create_index(op.f('ix_seen_events_at'), 'seen_events', ['at'], unique=False)
    op.create_table('official_accounts',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('unit_id', sa.String(length=64), nullable=False),
    sa.Column('app_id', sa.String(length=64), nullable=False),
    sa.Column('oa_id', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('app_secret', sa.Text(), nullable=False),
    sa.Column('webhook_secret', sa.Text(), nullable=False),
    sa.Column('access_token', sa.Text(), nullable=False),
    sa.Column('access_until', UtcDateTime(), nullable=True),
    sa.Column('refresh_token', sa.Text(), nullable=False),
    sa.Column('refresh_until', UtcDateTime(), nullable=True),
    sa.Column('refreshed_at', UtcDateTime(), nullable=True),
    sa.Column('refreshing_until', UtcDateTime(), nullable=True),
    sa.Column('trouble', sa.String(length=200), nullable=False),
    sa.Column('oauth_url', sa.String(length=200), nullable=False),
    sa.Column('api_url', sa.String(length=200), nullable=False),
    sa.Column('created_by', sa.String(length=64), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_official_accounts_unit_id_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_official_accounts')),
    sa.UniqueConstraint('app_id', 'oa_id', name=op.f('uq_official_accounts_app_id_oa_id'))
    )
    op.create_index(op.f('ix_official_accounts_unit_id'), 'official_accounts', ['unit_id'], unique=False)
    op.create_table('consents',
    sa.Column('state_sha256', sa.String(length=64), nullable=False),
    sa.Column('account_id', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.String(length=64), nullable=False),
    sa.Column('verifier', sa.Text(), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['official_accounts.id'], name=op.f('fk_consents_account_id_official_accounts')),
    sa.PrimaryKeyConstraint('state_sha256', name=op.f('pk_consents'))
    )


def _mail() -> None:
    op.create_table('mail_readers',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('channel_id', sa.String(length=64), nullable=False),
    sa.Column('address', sa.String(length=200), nullable=False),
    sa.Column('secret', sa.String(length=64), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('left_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['channel_id'], ['channels.id'], name=op.f('fk_mail_readers_channel_id_channels')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_readers')),
    sa.UniqueConstraint('channel_id', 'address', name=op.f('uq_mail_readers_channel_id_address')),
    sa.UniqueConstraint('secret', name=op.f('uq_mail_readers_secret'))
    )
    op.create_table('mails_sent',
    sa.Column('copy_id', sa.String(length=64), nullable=False),
    sa.Column('reader_id', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=64), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['copy_id'], ['mirror_copies.id'], name=op.f('fk_mails_sent_copy_id_mirror_copies')),
    sa.ForeignKeyConstraint(['reader_id'], ['mail_readers.id'], name=op.f('fk_mails_sent_reader_id_mail_readers')),
    sa.PrimaryKeyConstraint('copy_id', 'reader_id', name=op.f('pk_mails_sent'))
    )


def _push() -> None:
    op.create_table('push_subscriptions',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('endpoint_sha256', sa.String(length=64), nullable=False),
    sa.Column('endpoint', sa.Text(), nullable=False),
    sa.Column('service', sa.String(length=64), nullable=False),
    sa.Column('p256dh', sa.String(length=200), nullable=False),
    sa.Column('auth', sa.String(length=200), nullable=False),
    sa.Column('unit_id', sa.String(length=64), nullable=False),
    sa.Column('classes', sa.JSON(), nullable=False),
    sa.Column('language', sa.String(length=64), nullable=False),
    sa.Column('quiet_from', sa.String(length=64), nullable=False),
    sa.Column('quiet_until', sa.String(length=64), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('last_taken_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_push_subscriptions_unit_id_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_push_subscriptions')),
    sa.UniqueConstraint('endpoint_sha256', name=op.f('uq_push_subscriptions_endpoint_sha256'))
    )
    op.create_index(op.f('ix_push_subscriptions_unit_id'), 'push_subscriptions', ['unit_id'], unique=False)
    op.create_table('push_messages',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('subscription_id', sa.String(length=64), nullable=False),
    sa.Column('announcement_id', sa.String(length=64), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('action', sa.String(length=64), nullable=False),
    sa.Column('klass', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=64), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('lost', sa.Integer(), nullable=False),
    sa.Column('due_at', UtcDateTime(), nullable=False),
    sa.Column('claimed_until', UtcDateTime(), nullable=True),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.Column('provider_code', sa.String(length=200), nullable=False),
    sa.Column('updated_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['announcement_id'], ['announcements.id'], name=op.f('fk_push_messages_announcement_id_announcements')),
    sa.ForeignKeyConstraint(['subscription_id'], ['push_subscriptions.id'], name=op.f('fk_push_messages_subscription_id_push_subscriptions'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_push_messages')),
    sa.UniqueConstraint('announcement_id', 'subscription_id', 'revision', 'action', name=op.f('uq_push_messages_announcement_id_subscription_id_revision_action'))
    )
    op.create_index(op.f('ix_push_messages_claimed_until'), 'push_messages', ['claimed_until'], unique=False)
    op.create_index(op.f('ix_push_messages_state_due_at'), 'push_messages', ['state', 'due_at'], unique=False)
    op.create_index(op.f('ix_push_messages_subscription_id'), 'push_messages', ['subscription_id'], unique=False)


def _feedback() -> None:
    op.create_table('feedback',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('announcement_id', sa.String(length=64), nullable=True),
    sa.Column('airing_id', sa.String(length=64), nullable=True),
    sa.Column('speaker_id', sa.String(length=64), nullable=True),
    sa.Column('unit_id', sa.String(length=64), nullable=False),
    sa.Column('what', sa.String(length=64), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('asked_from', sa.String(length=64), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('answer_public', sa.Boolean(), nullable=False),
    sa.Column('answered_by', sa.String(length=64), nullable=True),
    sa.Column('answered_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['airing_id'], ['airings.id'], name=op.f('fk_feedback_airing_id_airings')),
    sa.ForeignKeyConstraint(['announcement_id'], ['announcements.id'], name=op.f('fk_feedback_announcement_id_announcements')),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_feedback_unit_id_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_feedback'))
    )
    op.create_index(op.f('ix_feedback_airing_id'), 'feedback', ['airing_id'], unique=False)
    op.create_index(op.f('ix_feedback_announcement_id'), 'feedback', ['announcement_id'], unique=False)
    op.create_index(op.f('ix_feedback_speaker_id'), 'feedback', ['speaker_id'], unique=False)
    op.create_index(op.f('ix_feedback_unit_id_at'), 'feedback', ['unit_id', 'at'], unique=False)


def _cap() -> None:
    op.create_table('cap_sources',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('unit_id', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('url', sa.String(length=200), nullable=False),
    sa.Column('senders', sa.JSON(), nullable=False),
    sa.Column('certificate', sa.Text(), nullable=False),
    sa.Column('trust', sa.String(length=64), nullable=False),
    sa.Column('every_s', sa.Integer(), nullable=False),
    sa.Column('by_itself', sa.JSON(), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('entity_tag', sa.String(length=200), nullable=False),
    sa.Column('asked_at', UtcDateTime(), nullable=True),
    sa.Column('answered_at', UtcDateTime(), nullable=True),
    sa.Column('trouble', sa.String(length=200), nullable=False),
    sa.Column('created_by', sa.String(length=64), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_cap_sources_unit_id_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cap_sources'))
    )
    op.create_index(op.f('ix_cap_sources_unit_id'), 'cap_sources', ['unit_id'], unique=False)
    op.create_table('cap_messages',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('source_id', sa.String(length=64), nullable=False),
    sa.Column('sender', sa.String(length=200), nullable=False),
    sa.Column('identifier', sa.String(length=200), nullable=False),
    sa.Column('sent', sa.String(length=64), nullable=False),
    sa.Column('type', sa.String(length=64), nullable=False),
    sa.Column('status', sa.String(length=64), nullable=False),
    sa.Column('raw', sa.Text(), nullable=False),
    sa.Column('state', sa.String(length=64), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('unclear', sa.JSON(), nullable=False),
    sa.Column('announcement_id', sa.String(length=64), nullable=True),
    sa.Column('expires_at', UtcDateTime(), nullable=True),
    sa.Column('received_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['announcement_id'], ['announcements.id'], name=op.f('fk_cap_messages_announcement_id_announcements')),
    sa.ForeignKeyConstraint(['source_id'], ['cap_sources.id'], name=op.f('fk_cap_messages_source_id_cap_sources')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cap_messages')),
    sa.UniqueConstraint('source_id', 'sender', 'identifier', 'sent', name=op.f('uq_cap_messages_source_id_sender_identifier_sent'))
    )
    op.create_index(op.f('ix_cap_messages_announcement_id'), 'cap_messages', ['announcement_id'], unique=False)
    op.create_index(op.f('ix_cap_messages_source_id'), 'cap_messages', ['source_id'], unique=False)


def downgrade() -> None:
    for table in (
        'cap_messages', 'cap_sources', 'feedback', 'push_messages', 'push_subscriptions', 'mails_sent', 'mail_readers',
        'seen_events', 'consents', 'official_accounts',
    ):
        op.drop_table(table)
    op.drop_index(op.f('ix_announcements_part_of_id'), table_name='announcements')
    op.create_index(op.f('ix_announcements_part_of_id'), 'announcements', ['part_of_id'])
    op.drop_index(op.f('ix_announcements_state_id'), table_name='announcements')
    op.create_index(op.f('ix_announcements_state'), 'announcements', ['state'])
    op.drop_index(op.f('ix_speakers_pole_code'), table_name='speakers')
    op.drop_column('speakers', 'pole_code')
    op.drop_column('tokens', 'scope')
    op.drop_column('stand_in_messages', 'lost')
    op.drop_index(op.f('ix_mirror_copies_claimed_until'), table_name='mirror_copies')
    op.drop_column('mirror_copies', 'klass')
    op.drop_column('mirror_copies', 'lost')
    op.drop_column('mirror_copies', 'person_id')
    for column in ('quiet_until', 'quiet_from', 'posts_when'):
        op.drop_column('channels', column)

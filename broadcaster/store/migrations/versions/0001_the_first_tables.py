"""The first tables."""

import sqlalchemy as sa
from alembic import op

from broadcaster.store.base import UtcDateTime

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('audit',
    sa.Column('seq', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('person_id', sa.String(length=64), nullable=False),
    sa.Column('person_name', sa.String(length=200), nullable=False),
    sa.Column('origin', sa.String(length=200), nullable=False),
    sa.Column('action', sa.String(length=64), nullable=False),
    sa.Column('subject_kind', sa.String(length=64), nullable=False),
    sa.Column('subject_id', sa.String(length=64), nullable=False),
    sa.Column('unit_id', sa.String(length=64), nullable=True),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.Column('previous', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_audit'))
    )
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_action'), ['action'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_subject_id'), ['subject_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_unit_id'), ['unit_id'], unique=False)

    op.create_table('audit_head',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_head'))
    )
    op.create_table('clips',
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('bytes', sa.BigInteger(), nullable=False),
    sa.Column('ms', sa.BigInteger(), nullable=False),
    sa.Column('level', sa.Integer(), nullable=False),
    sa.Column('peak', sa.Integer(), nullable=False),
    sa.Column('voice', sa.String(length=200), nullable=False),
    sa.Column('language', sa.String(length=64), nullable=False),
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('made_by', sa.String(length=64), nullable=True),
    sa.Column('unit_id', sa.String(length=64), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('sha256', name=op.f('pk_clips'))
    )
    op.create_table('meta',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_meta'))
    )
    op.create_table('outbox',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('ref', sa.String(length=64), nullable=False),
    sa.Column('generation', sa.Integer(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('due_at', UtcDateTime(), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sa.UniqueConstraint('key', name=op.f('uq_outbox_key'))
    )
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_outbox_due_at_id'), ['due_at', 'id'], unique=False)

    op.create_table('people',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('login', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('locale', sa.String(length=64), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('disabled_at', UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_people')),
    sa.UniqueConstraint('login', name=op.f('uq_people_login'))
    )
    op.create_table('units',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('parent_id', sa.String(length=64), nullable=True),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('level', sa.String(length=64), nullable=False),
    sa.Column('former_names', sa.JSON(), nullable=False),
    sa.Column('zone', sa.String(length=64), nullable=True),
    sa.Column('languages', sa.JSON(), nullable=False),
    sa.Column('rules', sa.JSON(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('closed_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['parent_id'], ['units.id'], name=op.f('fk_units_parent_id_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_units'))
    )
    with op.batch_alter_table('units', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_units_parent_id'), ['parent_id'], unique=False)

    op.create_table('announcements',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('public_id', sa.String(length=64), nullable=False),
    sa.Column('unit_id', sa.String(length=64), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=64), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('klass', sa.String(length=64), nullable=False),
    sa.Column('category', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('repeat', sa.Integer(), nullable=False),
    sa.Column('not_before', UtcDateTime(), nullable=True),
    sa.Column('expires', UtcDateTime(), nullable=True),
    sa.Column('supersedes_id', sa.String(length=64), nullable=True),
    sa.Column('author_id', sa.String(length=64), nullable=False),
    sa.Column('writers', sa.JSON(), nullable=False),
    sa.Column('content_sha256', sa.String(length=64), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('updated_at', UtcDateTime(), nullable=False),
    sa.Column('submitted_at', UtcDateTime(), nullable=True),
    sa.Column('submitted_by', sa.String(length=64), nullable=True),
    sa.Column('decided_at', UtcDateTime(), nullable=True),
    sa.Column('decided_by', sa.String(length=64), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('withdrawn_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['supersedes_id'], ['announcements.id'], name=op.f('fk_announcements_supersedes_id_announcements')),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_announcements_unit_id_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_announcements')),
    sa.UniqueConstraint('public_id', name=op.f('uq_announcements_public_id'))
    )
    with op.batch_alter_table('announcements', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_announcements_state'), ['state'], unique=False)
        batch_op.create_index(batch_op.f('ix_announcements_unit_id'), ['unit_id'], unique=False)

    op.create_table('channels',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('unit_id', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('settings', sa.JSON(), nullable=False),
    sa.Column('secret', sa.Text(), nullable=True),
    sa.Column('languages', sa.JSON(), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('rate_per_minute', sa.Integer(), nullable=True),
    sa.Column('blocked_until', UtcDateTime(), nullable=True),
    sa.Column('blocked_reason', sa.String(length=200), nullable=False),
    sa.Column('last_accepted_at', UtcDateTime(), nullable=True),
    sa.Column('last_failed_at', UtcDateTime(), nullable=True),
    sa.Column('created_by', sa.String(length=64), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_channels_unit_id_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_channels'))
    )
    with op.batch_alter_table('channels', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_channels_unit_id'), ['unit_id'], unique=False)

    op.create_table('grants',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.String(length=64), nullable=False),
    sa.Column('role', sa.String(length=64), nullable=False),
    sa.Column('unit_id', sa.String(length=64), nullable=False),
    sa.Column('granted_by', sa.String(length=64), nullable=True),
    sa.Column('granted_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_grants_person_id_people')),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_grants_unit_id_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_grants')),
    sa.UniqueConstraint('person_id', 'role', 'unit_id', name=op.f('uq_grants_person_id_role_unit_id'))
    )
    with op.batch_alter_table('grants', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_grants_unit_id'), ['unit_id'], unique=False)

    op.create_table('groups',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('unit_id', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_groups_unit_id_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_groups'))
    )
    with op.batch_alter_table('groups', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_groups_unit_id'), ['unit_id'], unique=False)

    op.create_table('idempotency',
    sa.Column('person_id', sa.String(length=64), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('request_sha256', sa.String(length=64), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_idempotency_person_id_people')),
    sa.PrimaryKeyConstraint('person_id', 'key', name=op.f('pk_idempotency'))
    )
    with op.batch_alter_table('idempotency', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_idempotency_created_at'), ['created_at'], unique=False)

    op.create_table('sign_in_links',
    sa.Column('secret_sha256', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.String(length=64), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.Column('used_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_sign_in_links_person_id_people')),
    sa.PrimaryKeyConstraint('secret_sha256', name=op.f('pk_sign_in_links'))
    )
    with op.batch_alter_table('sign_in_links', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_links_person_id'), ['person_id'], unique=False)

    op.create_table('speakers',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('unit_id', sa.String(length=64), nullable=False),
    sa.Column('enrolled_at', UtcDateTime(), nullable=False),
    sa.Column('enrolled_by', sa.String(length=64), nullable=True),
    sa.Column('revoked_at', UtcDateTime(), nullable=True),
    sa.Column('revoked_reason', sa.String(length=200), nullable=False),
    sa.Column('keyid', sa.String(length=64), nullable=False),
    sa.Column('public_key', sa.LargeBinary(), nullable=False),
    sa.Column('key_not_before', UtcDateTime(), nullable=False),
    sa.Column('key_not_after', UtcDateTime(), nullable=False),
    sa.Column('certificate_serial', sa.String(length=64), nullable=True),
    sa.Column('certificate_not_after', UtcDateTime(), nullable=True),
    sa.Column('languages', sa.JSON(), nullable=False),
    sa.Column('volume_max', sa.Integer(), nullable=False),
    sa.Column('volumes', sa.JSON(), nullable=False),
    sa.Column('lead_ms', sa.Integer(), nullable=False),
    sa.Column('tail_ms', sa.Integer(), nullable=False),
    sa.Column('latitude', sa.Double(), nullable=True),
    sa.Column('longitude', sa.Double(), nullable=True),
    sa.Column('online', sa.Boolean(), nullable=False),
    sa.Column('presence_at', UtcDateTime(), nullable=True),
    sa.Column('presence_boot', sa.String(length=64), nullable=True),
    sa.Column('last_seen_at', UtcDateTime(), nullable=True),
    sa.Column('resynced_at', UtcDateTime(), nullable=True),
    sa.Column('state_at', UtcDateTime(), nullable=True),
    sa.Column('state_epoch', sa.BigInteger(), nullable=True),
    sa.Column('state_version', sa.BigInteger(), nullable=True),
    sa.Column('state_sha256', sa.String(length=64), nullable=True),
    sa.Column('clock', sa.String(length=64), nullable=True),
    sa.Column('cache_bytes', sa.BigInteger(), nullable=True),
    sa.Column('volume', sa.Integer(), nullable=True),
    sa.Column('agent', sa.String(length=200), nullable=True),
    sa.Column('boot', sa.String(length=64), nullable=True),
    sa.Column('problems', sa.JSON(), nullable=False),
    sa.Column('head_seq', sa.BigInteger(), nullable=True),
    sa.Column('head_hash', sa.String(length=64), nullable=True),
    sa.Column('receipts_through', sa.BigInteger(), nullable=False),
    sa.Column('receipts_hash', sa.String(length=64), nullable=True),
    sa.Column('receipts_boot', sa.String(length=64), nullable=True),
    sa.Column('receipts_at', UtcDateTime(), nullable=True),
    sa.Column('chain_problem', sa.String(length=200), nullable=False),
    sa.Column('chain_problem_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_speakers_unit_id_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_speakers'))
    )
    with op.batch_alter_table('speakers', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_speakers_unit_id'), ['unit_id'], unique=False)

    op.create_table('tokens',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('secret_sha256', sa.String(length=64), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=True),
    sa.Column('last_used_at', UtcDateTime(), nullable=True),
    sa.Column('revoked_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_tokens_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tokens')),
    sa.UniqueConstraint('secret_sha256', name=op.f('uq_tokens_secret_sha256'))
    )
    with op.batch_alter_table('tokens', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_tokens_person_id'), ['person_id'], unique=False)

    op.create_table('web_sessions',
    sa.Column('id_sha256', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.String(length=64), nullable=False),
    sa.Column('csrf', sa.String(length=64), nullable=False),
    sa.Column('origin', sa.String(length=200), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.Column('ended_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_web_sessions_person_id_people')),
    sa.PrimaryKeyConstraint('id_sha256', name=op.f('pk_web_sessions'))
    )
    with op.batch_alter_table('web_sessions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_web_sessions_person_id'), ['person_id'], unique=False)

    op.create_table('approvals',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('announcement_id', sa.String(length=64), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('content_sha256', sa.String(length=64), nullable=False),
    sa.Column('approved', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('person_id', sa.String(length=64), nullable=False),
    sa.Column('person_name', sa.String(length=200), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['announcement_id'], ['announcements.id'], name=op.f('fk_approvals_announcement_id_announcements')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_approvals'))
    )
    with op.batch_alter_table('approvals', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_approvals_announcement_id'), ['announcement_id'], unique=False)

    op.create_table('audience_entries',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('announcement_id', sa.String(length=64), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('ref', sa.String(length=64), nullable=False),
    sa.Column('include', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['announcement_id'], ['announcements.id'], name=op.f('fk_audience_entries_announcement_id_announcements')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audience_entries')),
    sa.UniqueConstraint('announcement_id', 'kind', 'ref', 'include', name=op.f('uq_audience_entries_announcement_id_kind_ref_include'))
    )
    op.create_table('group_members',
    sa.Column('group_id', sa.String(length=64), nullable=False),
    sa.Column('speaker_id', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['group_id'], ['groups.id'], name=op.f('fk_group_members_group_id_groups')),
    sa.ForeignKeyConstraint(['speaker_id'], ['speakers.id'], name=op.f('fk_group_members_speaker_id_speakers')),
    sa.PrimaryKeyConstraint('group_id', 'speaker_id', name=op.f('pk_group_members'))
    )
    with op.batch_alter_table('group_members', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_group_members_speaker_id'), ['speaker_id'], unique=False)

    op.create_table('receipt_batches',
    sa.Column('speaker_id', sa.String(length=64), nullable=False),
    sa.Column('first_seq', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('last_seq', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('raw', sa.LargeBinary(), nullable=False),
    sa.Column('received_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['speaker_id'], ['speakers.id'], name=op.f('fk_receipt_batches_speaker_id_speakers')),
    sa.PrimaryKeyConstraint('speaker_id', 'first_seq', 'last_seq', name=op.f('pk_receipt_batches'))
    )
    op.create_table('receipts',
    sa.Column('speaker_id', sa.String(length=64), nullable=False),
    sa.Column('seq', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('boot', sa.String(length=64), nullable=False),
    sa.Column('airing_id', sa.String(length=64), nullable=True),
    sa.Column('announcement', sa.String(length=200), nullable=True),
    sa.Column('event', sa.String(length=64), nullable=False),
    sa.Column('at_ms', sa.BigInteger(), nullable=False),
    sa.Column('clock', sa.String(length=64), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('evidence', sa.JSON(), nullable=True),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('received_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['speaker_id'], ['speakers.id'], name=op.f('fk_receipts_speaker_id_speakers')),
    sa.PrimaryKeyConstraint('speaker_id', 'seq', name=op.f('pk_receipts'))
    )
    with op.batch_alter_table('receipts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_receipts_airing_id_speaker_id'), ['airing_id', 'speaker_id'], unique=False)

    op.create_table('schedules',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('announcement_id', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('rule', sa.JSON(), nullable=False),
    sa.Column('zone', sa.String(length=64), nullable=False),
    sa.Column('starts', UtcDateTime(), nullable=False),
    sa.Column('until', UtcDateTime(), nullable=True),
    sa.Column('created_by', sa.String(length=64), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('ended_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['announcement_id'], ['announcements.id'], name=op.f('fk_schedules_announcement_id_announcements')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_schedules'))
    )
    with op.batch_alter_table('schedules', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_schedules_announcement_id'), ['announcement_id'], unique=False)

    op.create_table('signed_documents',
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('announcement_id', sa.String(length=64), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('keyid', sa.String(length=64), nullable=False),
    sa.Column('raw', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['announcement_id'], ['announcements.id'], name=op.f('fk_signed_documents_announcement_id_announcements')),
    sa.PrimaryKeyConstraint('sha256', name=op.f('pk_signed_documents'))
    )
    with op.batch_alter_table('signed_documents', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_signed_documents_announcement_id'), ['announcement_id'], unique=False)

    op.create_table('speaker_manifests',
    sa.Column('speaker_id', sa.String(length=64), nullable=False),
    sa.Column('epoch', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('content_sha256', sa.String(length=64), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('raw', sa.LargeBinary(), nullable=True),
    sa.Column('raw_sha256', sa.String(length=64), nullable=True),
    sa.Column('keyid', sa.String(length=64), nullable=True),
    sa.Column('issued_at', UtcDateTime(), nullable=False),
    sa.Column('valid_until', UtcDateTime(), nullable=False),
    sa.Column('built_at', UtcDateTime(), nullable=False),
    sa.Column('published_at', UtcDateTime(), nullable=True),
    sa.Column('published_version', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['speaker_id'], ['speakers.id'], name=op.f('fk_speaker_manifests_speaker_id_speakers')),
    sa.PrimaryKeyConstraint('speaker_id', name=op.f('pk_speaker_manifests'))
    )
    op.create_table('versions',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('announcement_id', sa.String(length=64), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('language', sa.String(length=64), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('recording_sha256', sa.String(length=64), nullable=True),
    sa.Column('clip_sha256', sa.String(length=64), nullable=True),
    sa.ForeignKeyConstraint(['announcement_id'], ['announcements.id'], name=op.f('fk_versions_announcement_id_announcements')),
    sa.ForeignKeyConstraint(['clip_sha256'], ['clips.sha256'], name=op.f('fk_versions_clip_sha256_clips')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_versions')),
    sa.UniqueConstraint('announcement_id', 'language', name=op.f('uq_versions_announcement_id_language'))
    )
    op.create_table('airings',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('announcement_id', sa.String(length=64), nullable=False),
    sa.Column('schedule_id', sa.String(length=64), nullable=False),
    sa.Column('planned_at', UtcDateTime(), nullable=False),
    sa.Column('wall', sa.String(length=64), nullable=False),
    sa.Column('zone', sa.String(length=64), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('klass', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=64), nullable=False),
    sa.Column('latest_start', UtcDateTime(), nullable=False),
    sa.Column('expires', UtcDateTime(), nullable=False),
    sa.Column('max_starts', sa.Integer(), nullable=False),
    sa.Column('volume', sa.Integer(), nullable=False),
    sa.Column('item_order', sa.Integer(), nullable=False),
    sa.Column('languages', sa.JSON(), nullable=False),
    sa.Column('reference', sa.String(length=200), nullable=True),
    sa.Column('created_by', sa.String(length=64), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('cancelled_at', UtcDateTime(), nullable=True),
    sa.Column('cancel_reason', sa.String(length=200), nullable=False),
    sa.Column('ended_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['announcement_id'], ['announcements.id'], name=op.f('fk_airings_announcement_id_announcements')),
    sa.ForeignKeyConstraint(['schedule_id'], ['schedules.id'], name=op.f('fk_airings_schedule_id_schedules')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_airings')),
    sa.UniqueConstraint('schedule_id', 'planned_at', name=op.f('uq_airings_schedule_id_planned_at'))
    )
    with op.batch_alter_table('airings', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_airings_announcement_id'), ['announcement_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_airings_planned_at'), ['planned_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_airings_state_expires'), ['state', 'expires'], unique=False)

    op.create_table('deliveries',
    sa.Column('airing_id', sa.String(length=64), nullable=False),
    sa.Column('speaker_id', sa.String(length=64), nullable=False),
    sa.Column('unit_id', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=64), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('expires', UtcDateTime(), nullable=False),
    sa.Column('updated_at', UtcDateTime(), nullable=False),
    sa.Column('stored_at', UtcDateTime(), nullable=True),
    sa.Column('armed_at', UtcDateTime(), nullable=True),
    sa.Column('started_at', UtcDateTime(), nullable=True),
    sa.Column('finished_at', UtcDateTime(), nullable=True),
    sa.Column('heard_at', UtcDateTime(), nullable=True),
    sa.Column('ended_at', UtcDateTime(), nullable=True),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('clock', sa.String(length=64), nullable=True),
    sa.Column('frames', sa.BigInteger(), nullable=True),
    sa.Column('ms', sa.BigInteger(), nullable=True),
    sa.Column('level', sa.Integer(), nullable=True),
    sa.Column('peak', sa.Integer(), nullable=True),
    sa.Column('proof', sa.String(length=64), nullable=True),
    sa.Column('languages', sa.JSON(), nullable=False),
    sa.Column('fallback', sa.Boolean(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=True),
    sa.ForeignKeyConstraint(['airing_id'], ['airings.id'], name=op.f('fk_deliveries_airing_id_airings')),
    sa.ForeignKeyConstraint(['speaker_id'], ['speakers.id'], name=op.f('fk_deliveries_speaker_id_speakers')),
    sa.PrimaryKeyConstraint('airing_id', 'speaker_id', name=op.f('pk_deliveries'))
    )
    with op.batch_alter_table('deliveries', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_deliveries_airing_id_state'), ['airing_id', 'state'], unique=False)
        batch_op.create_index(batch_op.f('ix_deliveries_speaker_id_expires'), ['speaker_id', 'expires'], unique=False)

    op.create_table('mirror_copies',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('announcement_id', sa.String(length=64), nullable=False),
    sa.Column('channel_id', sa.String(length=64), nullable=False),
    sa.Column('airing_id', sa.String(length=64), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('action', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=64), nullable=False),
    sa.Column('text', sa.Text(), nullable=True),
    sa.Column('remote_id', sa.String(length=200), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('due_at', UtcDateTime(), nullable=False),
    sa.Column('claimed_until', UtcDateTime(), nullable=True),
    sa.Column('expires_at', UtcDateTime(), nullable=True),
    sa.Column('provider_code', sa.String(length=200), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('updated_at', UtcDateTime(), nullable=False),
    sa.Column('accepted_at', UtcDateTime(), nullable=True),
    sa.Column('delivered_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['airing_id'], ['airings.id'], name=op.f('fk_mirror_copies_airing_id_airings')),
    sa.ForeignKeyConstraint(['announcement_id'], ['announcements.id'], name=op.f('fk_mirror_copies_announcement_id_announcements')),
    sa.ForeignKeyConstraint(['channel_id'], ['channels.id'], name=op.f('fk_mirror_copies_channel_id_channels')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mirror_copies')),
    sa.UniqueConstraint('announcement_id', 'channel_id', 'revision', 'action', name=op.f('uq_mirror_copies_announcement_id_channel_id_revision_action'))
    )
    with op.batch_alter_table('mirror_copies', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_mirror_copies_channel_id'), ['channel_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_mirror_copies_state_due_at'), ['state', 'due_at'], unique=False)
    # The row everyone who appends to the audit locks.
    op.execute(f"INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '{'0' * 64}')")


def downgrade() -> None:
    with op.batch_alter_table('mirror_copies', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_mirror_copies_state_due_at'))
        batch_op.drop_index(batch_op.f('ix_mirror_copies_channel_id'))

    op.drop_table('mirror_copies')
    with op.batch_alter_table('deliveries', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_deliveries_speaker_id_expires'))
        batch_op.drop_index(batch_op.f('ix_deliveries_airing_id_state'))

    op.drop_table('deliveries')
    with op.batch_alter_table('airings', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_airings_state_expires'))
        batch_op.drop_index(batch_op.f('ix_airings_planned_at'))
        batch_op.drop_index(batch_op.f('ix_airings_announcement_id'))

    op.drop_table('airings')
    op.drop_table('versions')
    op.drop_table('speaker_manifests')
    with op.batch_alter_table('signed_documents', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_signed_documents_announcement_id'))

    op.drop_table('signed_documents')
    with op.batch_alter_table('schedules', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_schedules_announcement_id'))

    op.drop_table('schedules')
    with op.batch_alter_table('receipts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_receipts_airing_id_speaker_id'))

    op.drop_table('receipts')
    op.drop_table('receipt_batches')
    with op.batch_alter_table('group_members', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_group_members_speaker_id'))

    op.drop_table('group_members')
    op.drop_table('audience_entries')
    with op.batch_alter_table('approvals', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_approvals_announcement_id'))

    op.drop_table('approvals')
    with op.batch_alter_table('web_sessions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_web_sessions_person_id'))

    op.drop_table('web_sessions')
    with op.batch_alter_table('tokens', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_tokens_person_id'))

    op.drop_table('tokens')
    with op.batch_alter_table('speakers', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_speakers_unit_id'))

    op.drop_table('speakers')
    with op.batch_alter_table('sign_in_links', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sign_in_links_person_id'))

    op.drop_table('sign_in_links')
    with op.batch_alter_table('idempotency', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_idempotency_created_at'))

    op.drop_table('idempotency')
    with op.batch_alter_table('groups', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_groups_unit_id'))

    op.drop_table('groups')
    with op.batch_alter_table('grants', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_grants_unit_id'))

    op.drop_table('grants')
    with op.batch_alter_table('channels', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_channels_unit_id'))

    op.drop_table('channels')
    with op.batch_alter_table('announcements', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_announcements_unit_id'))
        batch_op.drop_index(batch_op.f('ix_announcements_state'))

    op.drop_table('announcements')
    with op.batch_alter_table('units', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_units_parent_id'))

    op.drop_table('units')
    op.drop_table('people')
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_outbox_due_at_id'))

    op.drop_table('outbox')
    op.drop_table('meta')
    op.drop_table('clips')
    op.drop_table('audit_head')
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_audit_unit_id'))
        batch_op.drop_index(batch_op.f('ix_audit_subject_id'))
        batch_op.drop_index(batch_op.f('ix_audit_at'))
        batch_op.drop_index(batch_op.f('ix_audit_action'))

    op.drop_table('audit')

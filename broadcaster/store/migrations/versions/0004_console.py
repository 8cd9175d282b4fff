"""The console: passwords and other sign-ins, a tree that changes on a day, boxes and their labels, dictionary and templates."""

import sqlalchemy as sa
from alembic import op

from broadcaster.store.base import UtcDateTime

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column('speaker_manifests', 'body')
    op.add_column('people', sa.Column('password', sa.String(length=200), nullable=False, server_default=''))
    op.add_column('people', sa.Column('mail', sa.String(length=200), nullable=False, server_default=''))
    op.add_column('web_sessions', sa.Column('agent', sa.String(length=200), nullable=False, server_default=''))
    op.add_column('web_sessions', sa.Column('last_used_at', UtcDateTime(), nullable=True))
    op.add_column('web_sessions', sa.Column('half', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('web_sessions', sa.Column('proved_at', UtcDateTime(), nullable=True))
    op.add_column('sign_in_links', sa.Column('invites', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('units', sa.Column('boundary', sa.JSON(), nullable=True))
    op.add_column('units', sa.Column('successor_id', sa.String(length=64), nullable=True))
    op.add_column('versions', sa.Column('voice', sa.String(length=64), nullable=False, server_default=''))
    op.add_column('versions', sa.Column('speed', sa.Integer(), nullable=False, server_default='100'))
    op.add_column('versions', sa.Column('read_with', sa.JSON(), nullable=True))
    op.add_column('announcements', sa.Column('saved_from', sa.String(length=64), nullable=False, server_default=''))
    op.add_column('audience_entries', sa.Column('successor', sa.String(length=64), nullable=True))
    op.add_column('speakers', sa.Column('replaces_id', sa.String(length=64), nullable=True))
    op.add_column('speakers', sa.Column('pretend', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(op.f('ix_deliveries_unit_id_expires'), 'deliveries', ['unit_id', 'expires'], unique=False)
    _sign_in()
    _unit_changes()
    _enrolments()
    _writing()
    _submissions()


def _sign_in() -> None:
    op.create_table('identities',
    sa.Column('issuer', sa.String(length=200), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('person_id', sa.String(length=64), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_identities_person_id_people')),
    sa.PrimaryKeyConstraint('issuer', 'subject', name=op.f('pk_identities'))
    )
    op.create_index(op.f('ix_identities_person_id'), 'identities', ['person_id'], unique=False)
    op.create_table('throttles',
    sa.Column('key_sha256', sa.String(length=64), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('changed_at', UtcDateTime(), nullable=False),
    sa.Column('blocked_until', UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('key_sha256', name=op.f('pk_throttles'))
    )
    op.create_index(op.f('ix_throttles_changed_at'), 'throttles', ['changed_at'], unique=False)
    op.create_table('sign_in_requests',
    sa.Column('state_sha256', sa.String(length=64), nullable=False),
    sa.Column('nonce', sa.String(length=64), nullable=False),
    sa.Column('verifier', sa.String(length=200), nullable=False),
    sa.Column('person_id', sa.String(length=64), nullable=True),
    sa.Column('link_sha256', sa.String(length=64), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.Column('used_at', UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('state_sha256', name=op.f('pk_sign_in_requests'))
    )


def _unit_changes() -> None:
    op.create_table('unit_changes',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('unit_id', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('plan', sa.JSON(), nullable=False),
    sa.Column('decision', sa.String(length=200), nullable=False),
    sa.Column('effective_at', UtcDateTime(), nullable=False),
    sa.Column('made_by', sa.String(length=64), nullable=False),
    sa.Column('made_by_name', sa.String(length=200), nullable=False),
    sa.Column('made_at', UtcDateTime(), nullable=False),
    sa.Column('applied_at', UtcDateTime(), nullable=True),
    sa.Column('cancelled_at', UtcDateTime(), nullable=True),
    sa.Column('problem', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_unit_changes_unit_id_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unit_changes'))
    )
    op.create_index(op.f('ix_unit_changes_unit_id'), 'unit_changes', ['unit_id'], unique=False)
    op.create_index(op.f('ix_unit_changes_effective_at'), 'unit_changes', ['effective_at'], unique=False)


def _enrolments() -> None:
    op.create_table('enrolments',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('unit_id', sa.String(length=64), nullable=False),
    sa.Column('replaces_id', sa.String(length=64), nullable=True),
    sa.Column('groups', sa.JSON(), nullable=False),
    sa.Column('latitude', sa.Double(), nullable=True),
    sa.Column('longitude', sa.Double(), nullable=True),
    sa.Column('post', sa.String(length=64), nullable=True),
    sa.Column('code_sha256', sa.String(length=64), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('made_by', sa.String(length=64), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.Column('used_at', UtcDateTime(), nullable=True),
    sa.Column('cancelled_at', UtcDateTime(), nullable=True),
    sa.Column('speaker_id', sa.String(length=64), nullable=True),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_enrolments_unit_id_units')),
    sa.ForeignKeyConstraint(['replaces_id'], ['speakers.id'], name=op.f('fk_enrolments_replaces_id_speakers')),
    sa.ForeignKeyConstraint(['speaker_id'], ['speakers.id'], name=op.f('fk_enrolments_speaker_id_speakers')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_enrolments'))
    )
    op.create_index(op.f('ix_enrolments_unit_id'), 'enrolments', ['unit_id'], unique=False)


def _writing() -> None:
    op.create_table('dictionary_entries',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('unit_id', sa.String(length=64), nullable=False),
    sa.Column('language', sa.String(length=64), nullable=False),
    sa.Column('written', sa.String(length=200), nullable=False),
    sa.Column('spoken', sa.String(length=200), nullable=False),
    sa.Column('made_by', sa.String(length=64), nullable=False),
    sa.Column('made_at', UtcDateTime(), nullable=False),
    sa.Column('removed_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_dictionary_entries_unit_id_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dictionary_entries'))
    )
    op.create_index(op.f('ix_dictionary_entries_unit_id'), 'dictionary_entries', ['unit_id'], unique=False)
    op.create_table('templates',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('unit_id', sa.String(length=64), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('klass', sa.String(length=64), nullable=False),
    sa.Column('category', sa.String(length=64), nullable=False),
    sa.Column('repeat', sa.Integer(), nullable=False),
    sa.Column('versions', sa.JSON(), nullable=False),
    sa.Column('placeholders', sa.JSON(), nullable=False),
    sa.Column('made_by', sa.String(length=64), nullable=False),
    sa.Column('made_at', UtcDateTime(), nullable=False),
    sa.Column('changed_at', UtcDateTime(), nullable=False),
    sa.Column('removed_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_templates_unit_id_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_templates'))
    )
    op.create_index(op.f('ix_templates_unit_id'), 'templates', ['unit_id'], unique=False)


def _submissions() -> None:
    op.create_table('submissions',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('announcement_id', sa.String(length=64), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('content_sha256', sa.String(length=64), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('submitted_by', sa.String(length=64), nullable=False),
    sa.Column('submitted_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['announcement_id'], ['announcements.id'], name=op.f('fk_submissions_announcement_id_announcements')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_submissions'))
    )
    op.create_index(op.f('ix_submissions_announcement_id'), 'submissions', ['announcement_id'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_deliveries_unit_id_expires'), table_name='deliveries')
    for table in ('submissions', 'templates', 'dictionary_entries', 'enrolments', 'unit_changes', 'sign_in_requests', 'throttles', 'identities'):
        op.drop_table(table)
    op.drop_column('audience_entries', 'successor')
    for column in ('pretend', 'replaces_id'):
        op.drop_column('speakers', column)
    op.drop_column('announcements', 'saved_from')
    for column in ('read_with', 'speed', 'voice'):
        op.drop_column('versions', column)
    for column in ('successor_id', 'boundary'):
        op.drop_column('units', column)
    op.drop_column('sign_in_links', 'invites')
    for column in ('proved_at', 'half', 'last_used_at', 'agent'):
        op.drop_column('web_sessions', column)
    for column in ('mail', 'password'):
        op.drop_column('people', column)
    # What was sealed is built anew when it is asked for.
    op.execute('DELETE FROM speaker_manifests')
    op.add_column('speaker_manifests', sa.Column('body', sa.LargeBinary(), nullable=False))

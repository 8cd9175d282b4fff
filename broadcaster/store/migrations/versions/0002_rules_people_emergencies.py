"""Rules with dates, recurrences, deputies, second factors, emergencies with their parts, the voice bank."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from broadcaster.store.base import UtcDateTime

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

NO, ZERO, EMPTY, EMPTY_LIST, EMPTY_OBJECT = sa.false(), '0', '', '[]', '{}'


def upgrade() -> None:
    op.create_table('patterns',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('language', sa.String(length=64), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('meaning', sa.Text(), nullable=False),
    sa.Column('parts', sa.JSON(), nullable=False),
    sa.Column('created_by', sa.String(length=64), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_patterns')),
    sa.UniqueConstraint('language', 'key', name=op.f('uq_patterns_language_key'))
    )
    op.create_table('phrases',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('language', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('meaning', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_phrases')),
    sa.UniqueConstraint('language', 'kind', 'key', name=op.f('uq_phrases_language_kind_key'))
    )
    op.create_table('challenges',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.String(length=64), nullable=False),
    sa.Column('challenge', sa.LargeBinary(), nullable=False),
    sa.Column('about', sa.String(length=64), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.Column('used_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_challenges_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_challenges'))
    )
    with op.batch_alter_table('challenges', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_challenges_person_id'), ['person_id'], unique=False)

    op.create_table('clip_reviews',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('clip_sha256', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.String(length=64), nullable=False),
    sa.Column('person_name', sa.String(length=200), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('accepted', sa.Boolean(), nullable=False),
    sa.Column('note', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['clip_sha256'], ['clips.sha256'], name=op.f('fk_clip_reviews_clip_sha256_clips')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clip_reviews'))
    )
    with op.batch_alter_table('clip_reviews', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_clip_reviews_clip_sha256'), ['clip_sha256'], unique=False)

    op.create_table('deputies',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.String(length=64), nullable=False),
    sa.Column('deputy_for', sa.String(length=64), nullable=False),
    sa.Column('role', sa.String(length=64), nullable=False),
    sa.Column('unit_id', sa.String(length=64), nullable=False),
    sa.Column('starts', UtcDateTime(), nullable=False),
    sa.Column('ends', UtcDateTime(), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('appointed_by', sa.String(length=64), nullable=False),
    sa.Column('appointed_at', UtcDateTime(), nullable=False),
    sa.Column('ended_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['deputy_for'], ['people.id'], name=op.f('fk_deputies_deputy_for_people')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_deputies_person_id_people')),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_deputies_unit_id_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deputies'))
    )
    with op.batch_alter_table('deputies', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_deputies_person_id'), ['person_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_deputies_unit_id'), ['unit_id'], unique=False)

    op.create_table('factors',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('secret', sa.LargeBinary(), nullable=True),
    sa.Column('last_step', sa.BigInteger(), nullable=True),
    sa.Column('credential_id', sa.LargeBinary(), nullable=True),
    sa.Column('public_key', sa.LargeBinary(), nullable=True),
    sa.Column('sign_count', sa.BigInteger(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('confirmed_at', UtcDateTime(), nullable=True),
    sa.Column('last_used_at', UtcDateTime(), nullable=True),
    sa.Column('removed_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_factors_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_factors'))
    )
    with op.batch_alter_table('factors', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_factors_person_id'), ['person_id'], unique=False)

    op.create_table('rule_sets',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('unit_id', sa.String(length=64), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('since', UtcDateTime(), nullable=False),
    sa.Column('rules', sa.JSON(), nullable=False),
    sa.Column('decision', sa.String(length=200), nullable=False),
    sa.Column('created_by', sa.String(length=64), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_rule_sets_unit_id_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rule_sets')),
    sa.UniqueConstraint('unit_id', 'version', name=op.f('uq_rule_sets_unit_id_version'))
    )
    op.create_table('silences',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('unit_id', sa.String(length=64), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('until', UtcDateTime(), nullable=True),
    sa.Column('asked_by', sa.String(length=64), nullable=False),
    sa.Column('asked_by_name', sa.String(length=200), nullable=False),
    sa.Column('asked_at', UtcDateTime(), nullable=False),
    sa.Column('due', sa.JSON(), nullable=False),
    sa.Column('later', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_silences_unit_id_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_silences'))
    )
    with op.batch_alter_table('silences', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_silences_unit_id'), ['unit_id'], unique=False)

    op.create_table('sites',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('unit_id', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=64), nullable=False),
    sa.Column('latitude', sa.Double(), nullable=True),
    sa.Column('longitude', sa.Double(), nullable=True),
    sa.Column('radius_m', sa.Integer(), nullable=True),
    sa.Column('quiet', sa.JSON(), nullable=False),
    sa.Column('created_by', sa.String(length=64), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('removed_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_sites_unit_id_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sites'))
    )
    with op.batch_alter_table('sites', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sites_unit_id'), ['unit_id'], unique=False)

    op.create_table('takes',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('phrase_id', sa.String(length=64), nullable=False),
    sa.Column('clip_sha256', sa.String(length=64), nullable=False),
    sa.Column('recorded_by', sa.String(length=64), nullable=False),
    sa.Column('recorded_at', UtcDateTime(), nullable=False),
    sa.Column('reviewed_by', sa.String(length=64), nullable=True),
    sa.Column('reviewed_at', UtcDateTime(), nullable=True),
    sa.Column('accepted', sa.Boolean(), nullable=True),
    sa.Column('note', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['clip_sha256'], ['clips.sha256'], name=op.f('fk_takes_clip_sha256_clips')),
    sa.ForeignKeyConstraint(['phrase_id'], ['phrases.id'], name=op.f('fk_takes_phrase_id_phrases')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_takes'))
    )
    with op.batch_alter_table('takes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_takes_phrase_id'), ['phrase_id'], unique=False)

    op.create_table('acknowledgements',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('announcement_id', sa.String(length=64), nullable=False),
    sa.Column('unit_id', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.String(length=64), nullable=False),
    sa.Column('person_name', sa.String(length=200), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['announcement_id'], ['announcements.id'], name=op.f('fk_acknowledgements_announcement_id_announcements')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_acknowledgements')),
    sa.UniqueConstraint('announcement_id', 'unit_id', name=op.f('uq_acknowledgements_announcement_id_unit_id'))
    )
    op.create_table('assertions',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('announcement_id', sa.String(length=64), nullable=False),
    sa.Column('content_sha256', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.String(length=64), nullable=False),
    sa.Column('person_name', sa.String(length=200), nullable=False),
    sa.Column('method', sa.String(length=64), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['announcement_id'], ['announcements.id'], name=op.f('fk_assertions_announcement_id_announcements')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assertions'))
    )
    with op.batch_alter_table('assertions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_assertions_announcement_id'), ['announcement_id'], unique=False)

    op.create_table('overrides',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('unit_id', sa.String(length=64), nullable=False),
    sa.Column('announcement_id', sa.String(length=64), nullable=False),
    sa.Column('starts', UtcDateTime(), nullable=False),
    sa.Column('ends', UtcDateTime(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('asked_by', sa.String(length=64), nullable=False),
    sa.Column('asked_by_name', sa.String(length=200), nullable=False),
    sa.Column('asked_at', UtcDateTime(), nullable=False),
    sa.Column('decided_by', sa.String(length=64), nullable=True),
    sa.Column('decided_by_name', sa.String(length=200), nullable=False),
    sa.Column('decided_at', UtcDateTime(), nullable=True),
    sa.Column('granted', sa.Boolean(), nullable=True),
    sa.Column('ended_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['announcement_id'], ['announcements.id'], name=op.f('fk_overrides_announcement_id_announcements')),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_overrides_unit_id_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_overrides'))
    )
    with op.batch_alter_table('overrides', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_overrides_announcement_id'), ['announcement_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_overrides_unit_id'), ['unit_id'], unique=False)

    op.add_column('speaker_manifests', sa.Column('receipts_through', sa.BigInteger(), nullable=False, server_default=ZERO))
    # Written by nobody: the outbox knows what is still to be published.
    for column in ('published_version', 'published_at'):
        op.drop_column('speaker_manifests', column)
    op.add_column('airings', sa.Column('sound_ms', sa.BigInteger(), nullable=False, server_default=ZERO))
    op.add_column('airings', sa.Column('standby', sa.Boolean(), nullable=False, server_default=NO))
    op.add_column('airings', sa.Column('ordered_with', sa.String(length=64), nullable=True))
    op.add_column('airings', sa.Column('hold_until', UtcDateTime(), nullable=True))
    # SQLite takes a foreign key only with the column itself; making the table anew would fail on the rows that point at it.
    op.execute(
        'ALTER TABLE announcements ADD COLUMN part_of_id VARCHAR(64) '
        'CONSTRAINT fk_announcements_part_of_id_announcements REFERENCES announcements (id)'
    )
    op.execute(
        'ALTER TABLE announcements ADD COLUMN chime_sha256 VARCHAR(64) '
        'CONSTRAINT fk_announcements_chime_sha256_clips REFERENCES clips (sha256)'
    )
    op.create_index('ix_announcements_part_of_id', 'announcements', ['part_of_id'])
    op.add_column('announcements', sa.Column('part', sa.String(length=64), nullable=True))
    op.add_column('announcements', sa.Column('hazard', sa.String(length=64), nullable=True))
    op.add_column('announcements', sa.Column('level', sa.Integer(), nullable=True))
    op.add_column('announcements', sa.Column('slots', sa.JSON(), nullable=False, server_default=EMPTY_OBJECT))
    op.add_column('approvals', sa.Column('deputy_for', sa.String(length=200), nullable=False, server_default=EMPTY))
    op.add_column('people', sa.Column('languages', sa.JSON(), nullable=False, server_default=EMPTY_LIST))
    op.add_column('people', sa.Column('factor_failures', sa.Integer(), nullable=False, server_default=ZERO))
    op.add_column('people', sa.Column('factor_blocked_until', UtcDateTime(), nullable=True))
    op.add_column('schedules', sa.Column('planned_through', UtcDateTime(), nullable=True))
    op.create_index('ix_schedules_planned_through', 'schedules', ['planned_through'])
    op.add_column('speakers', sa.Column('post', sa.String(length=64), nullable=True))
    op.add_column('speakers', sa.Column('stagger_ms', sa.Integer(), nullable=False, server_default=ZERO))
    op.add_column('units', sa.Column('people', sa.Integer(), nullable=True))
    op.add_column('units', sa.Column('policy', sa.JSON(), nullable=True))
    op.add_column('units', sa.Column('feed', sa.String(length=64), nullable=True))
    op.create_index('ix_units_feed', 'units', ['feed'], unique=True)
    op.add_column('versions', sa.Column('script', sa.JSON(), nullable=True))
    _move_rules()
    op.drop_column('units', 'rules')
    _move_weekly_schedules()


def _move_rules() -> None:
    """What a unit allowed becomes its first dated version."""
    connection = op.get_bind()
    units = sa.table('units', sa.column('id'), sa.column('rules', sa.JSON()), sa.column('created_at', UtcDateTime()))
    sets = sa.table(
        'rule_sets',
        *(sa.column(name) for name in ('id', 'unit_id', 'version', 'decision')),
        sa.column('since', UtcDateTime()),
        sa.column('created_at', UtcDateTime()),
        sa.column('rules', sa.JSON()),
    )
    for unit in connection.execute(sa.select(units)).all():
        if unit.rules:
            connection.execute(
                sets.insert().values(
                    id=f'first-{unit.id}'[:64],
                    unit_id=unit.id,
                    version=int(unit.rules.get('version', 1)),
                    decision='',
                    since=unit.created_at,
                    created_at=unit.created_at,
                    rules=_dated(unit.rules, unit.created_at),
                )
            )


def _dated(rules: dict[str, Any], since: datetime) -> dict[str, Any]:
    """The rules as they are written since: every window has its season, and limits that are 0 hold nothing back."""
    hours = [{'first': 101, 'last': 1231, **window} for window in rules['hours']]
    more = {
        'since': int(since.timestamp() * 1000),
        'holidays': 'usual',
        'holiday_dates': [],
        'quiet': [],
        'categories': [],
        'sessions_day': 0,
        'session_minutes': 0,
        'day_minutes': 0,
        'pause_minutes': 0,
    }
    return {**more, **rules, 'hours': hours}


DAYS = ('MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU')


def _move_weekly_schedules() -> None:
    """{"days": [0], "times": ["05:30"]} becomes a recurrence by RFC 5545."""
    connection = op.get_bind()
    schedules = sa.table('schedules', sa.column('id'), sa.column('kind'), sa.column('rule', sa.JSON()))
    for row in connection.execute(sa.select(schedules).where(schedules.c.kind == 'weekly')).all():
        days = ','.join(DAYS[day] for day in row.rule['days'])
        rule = {'rrule': f'FREQ=WEEKLY;BYDAY={days}', 'times': row.rule['times']}
        connection.execute(schedules.update().where(schedules.c.id == row.id).values(kind='recurring', rule=rule))


def downgrade() -> None:
    op.add_column('units', sa.Column('rules', sa.JSON(), nullable=True))
    op.drop_column('versions', 'script')
    op.drop_index('ix_units_feed', 'units')
    for column in ('feed', 'policy', 'people'):
        op.drop_column('units', column)
    for column in ('stagger_ms', 'post'):
        op.drop_column('speakers', column)
    op.drop_index('ix_schedules_planned_through', 'schedules')
    op.drop_column('schedules', 'planned_through')
    for column in ('factor_blocked_until', 'factor_failures', 'languages'):
        op.drop_column('people', column)
    op.drop_column('approvals', 'deputy_for')
    op.drop_index('ix_announcements_part_of_id', 'announcements')
    for column in ('slots', 'level', 'hazard', 'part'):
        op.drop_column('announcements', column)
    if op.get_bind().dialect.name != 'sqlite':
        op.drop_column('announcements', 'part_of_id')
        op.drop_column('announcements', 'chime_sha256')
    for column in ('hold_until', 'ordered_with', 'standby', 'sound_ms'):
        op.drop_column('airings', column)
    op.add_column('speaker_manifests', sa.Column('published_at', UtcDateTime(), nullable=True))
    op.add_column('speaker_manifests', sa.Column('published_version', sa.BigInteger(), nullable=True))
    op.drop_column('speaker_manifests', 'receipts_through')
    for table in (
        'silences',
        'overrides',
        'assertions',
        'acknowledgements',
        'takes',
        'sites',
        'rule_sets',
        'factors',
        'deputies',
        'clip_reviews',
        'challenges',
        'phrases',
        'patterns',
    ):
        op.drop_table(table)

-- +goose Up

-- What was measured of the connections in a meeting, a minute in each row; package quality reads people and tracks.
create table meeting_quality (
    id         uuid primary key,
    meeting_id uuid        not null references meetings on delete cascade,
    started_at timestamptz not null,
    ended_at   timestamptz not null,
    troubled   text[]      not null, -- participants whose connection was not good
    people     bytea       not null,
    tracks     bytea       not null
);
-- They are compressed already.
alter table meeting_quality alter column people set storage external;
alter table meeting_quality alter column tracks set storage external;
create index meeting_quality_meeting on meeting_quality (meeting_id, started_at, id);

create index meeting_sessions_recent on meeting_sessions (started_at desc, id desc);

-- +goose Up
create table meetings (
    id               uuid primary key,
    code             text        not null unique check (code ~ '^[a-z]{3}-[a-z]{4}-[a-z]{3}$'),
    conversation_id  uuid        not null unique,
    organizer_id     uuid        not null references users,
    title            text        not null check (char_length(title) between 1 and 200),
    instant          boolean     not null, -- made to be entered at once, not for a time to come
    starts_at        timestamptz not null,
    duration_minutes integer     not null check (duration_minutes between 5 and 1440),
    timezone         text        not null, -- IANA name; the recurrence is reckoned on its clock
    rrule            text        not null default '', -- RFC 5545 recurrence rule without the property name
    lobby            boolean     not null,
    guests_allowed   boolean     not null,
    who_may_share    text        not null check (who_may_share in ('everyone', 'hosts')),
    chat_allowed     boolean     not null default true,
    sequence         integer     not null default 0, -- iCalendar SEQUENCE: counts the edits that move the meeting
    next_at          timestamptz, -- start of the occurrence that runs or comes next; null when there is none
    next_end_at      timestamptz,
    past_at          timestamptz, -- when it was last over; null when it never was
    cancelled_at     timestamptz,
    session_id       uuid, -- the run that goes on, else the last one, kept here for lists
    session_started_at timestamptz,
    session_ended_at   timestamptz, -- null while it runs
    created_at       timestamptz not null,
    updated_at       timestamptz not null,
    check ((next_at is null) = (next_end_at is null))
);
create index meetings_organizer on meetings (organizer_id);
create index meetings_next_end on meetings (next_end_at) where next_end_at is not null;

create table meeting_invitees (
    meeting_id uuid    not null references meetings on delete cascade,
    user_id    uuid    not null references users,
    co_host    boolean not null default false,
    primary key (meeting_id, user_id)
);
create index meeting_invitees_user on meeting_invitees (user_id);

-- Each run of a meeting, from the first who enters to the last who leaves.
create table meeting_sessions (
    id            uuid primary key,
    meeting_id    uuid        not null references meetings on delete cascade,
    node          text        not null,
    started_at    timestamptz not null,
    heartbeat_at  timestamptz not null, -- the node was alive; a crash is taken to be here
    ended_at      timestamptz,
    ended_by_host boolean     not null default false
);
create unique index meeting_sessions_running on meeting_sessions (meeting_id) where ended_at is null;
create index meeting_sessions_meeting on meeting_sessions (meeting_id, started_at desc);

-- Intervals of presence; a person who leaves and comes back has several.
create table attendance (
    id             uuid primary key,
    session_id     uuid        not null references meeting_sessions on delete cascade,
    meeting_id     uuid        not null references meetings on delete cascade,
    participant_id text        not null,
    person_key     text        not null, -- user:<id> or guest:<id>
    user_id        uuid references users, -- null for guests
    name           text        not null, -- as shown when entering
    joined_at      timestamptz not null,
    left_at        timestamptz,
    left_reason    text        not null default '',
    unique (session_id, participant_id)
);
create index attendance_meeting on attendance (meeting_id, joined_at);
create index attendance_user on attendance (user_id, meeting_id) where user_id is not null;
create index attendance_open on attendance (session_id) where left_at is null;

-- +goose Up
-- Stream tokens let programs send a stream into a meeting (WHIP) or show it elsewhere (WHEP).
create table stream_tokens (
    id           uuid primary key,
    meeting_id   uuid        not null references meetings on delete cascade,
    stream_right text        not null check (stream_right in ('publish', 'watch')),
    name         text        not null check (char_length(name) between 1 and 64), -- that the program is shown under
    token_hash   bytea       not null unique,
    created_by   uuid        not null references users,
    created_at   timestamptz not null,
    expires_at   timestamptz, -- null: never
    last_used_at timestamptz  -- to the minute
);
create index stream_tokens_meeting on stream_tokens (meeting_id, created_at);

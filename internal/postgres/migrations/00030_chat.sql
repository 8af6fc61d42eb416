-- +goose Up
-- A conversation belongs to a subject of another domain (of a meeting: the meeting), which says who may read and write.
create table conversations (
    id         uuid primary key,
    kind       text        not null check (kind in ('meeting')),
    subject_id uuid        not null,
    last_seq   bigint      not null default 0, -- of the newest message
    change_seq bigint      not null default 0, -- of the newest change of any message
    created_at timestamptz not null,
    unique (kind, subject_id)
);

-- Both sequence numbers are given out while the conversation's row is locked, so they become visible in order.
create table messages (
    id              uuid primary key,
    conversation_id uuid        not null references conversations on delete cascade,
    seq             bigint      not null,
    change_seq      bigint      not null,
    client_id       uuid        not null, -- chosen by the client; a resend finds the message of the first send
    author_key      text        not null, -- user:<id> or guest:<id>
    author_id       uuid        not null,
    author_name     text        not null, -- of a guest the only name there is
    guest           boolean     not null,
    text            text        not null check (char_length(text) <= 8000),
    reply_to        uuid references messages on delete set null,
    mentions        uuid[]      not null default '{}',
    recalled_at     timestamptz,
    created_at      timestamptz not null,
    unique (conversation_id, seq),
    unique (conversation_id, change_seq),
    unique (conversation_id, author_key, client_id)
);
create index messages_reply_to on messages (reply_to) where reply_to is not null;

create table message_reactions (
    message_id  uuid        not null references messages on delete cascade,
    emoji       text        not null,
    person_key  text        not null,
    person_id   uuid        not null,
    person_name text        not null,
    guest       boolean     not null,
    created_at  timestamptz not null,
    primary key (message_id, emoji, person_key)
);

create table conversation_reads (
    conversation_id uuid        not null references conversations on delete cascade,
    person_key      text        not null,
    read_seq        bigint      not null,
    updated_at      timestamptz not null,
    primary key (conversation_id, person_key)
);

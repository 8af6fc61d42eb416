-- +goose Up

-- One row once the company is set up, none before.
create table company (
    only_row   boolean     primary key default true check (only_row),
    name       text        not null,
    created_at timestamptz not null default now()
);

create table users (
    id             uuid        primary key,
    name           text        not null,
    login          text        not null,
    email          text,
    password_hash  text        not null,
    role           text        not null check (role in ('owner', 'admin', 'member')),
    locale         text        not null check (locale in ('zh-CN', 'en')),
    avatar_version text,
    -- Made from the name by internal/search whenever it is written.
    sort_pinyin    text        not null collate "C",
    sort_letters   text        not null collate "C",
    search         tsvector    not null,
    created_at     timestamptz not null default now(),
    disabled_at    timestamptz
);
create index users_by_pinyin on users (sort_pinyin, id);
create index users_by_letters on users (sort_letters, id);
create index users_search on users using gin (search);
create index users_owners on users (id) where role = 'owner';

-- What people type to sign in: the folded form of login and e-mail. One key
-- space, so that nobody's e-mail is somebody else's login.
create table login_names (
    key     text primary key,
    user_id uuid not null references users on delete cascade,
    kind    text not null check (kind in ('login', 'email')),
    unique (user_id, kind)
);

create table sessions (
    id           uuid        primary key,
    user_id      uuid        not null references users on delete cascade,
    token_hash   bytea       not null unique,
    address      text        not null,
    user_agent   text        not null,
    created_at   timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    expires_at   timestamptz not null
);
create index sessions_by_user on sessions (user_id, last_seen_at desc);
create index sessions_by_expiry on sessions (expires_at);

create table access_tokens (
    id           uuid        primary key,
    user_id      uuid        not null references users on delete cascade,
    name         text        not null,
    token_hash   bytea       not null unique,
    scopes       text[]      not null,
    created_at   timestamptz not null default now(),
    expires_at   timestamptz,
    last_used_at timestamptz
);
create index access_tokens_by_user on access_tokens (user_id, created_at desc);

create table invitations (
    id             uuid        primary key,
    token_hash     bytea       not null unique,
    email          text,
    role           text        not null check (role in ('owner', 'admin', 'member')),
    department_ids uuid[]      not null,
    created_by     uuid        not null references users on delete cascade,
    created_at     timestamptz not null default now(),
    expires_at     timestamptz not null
);

create table password_links (
    id         uuid        primary key,
    user_id    uuid        not null unique references users on delete cascade,
    token_hash bytea       not null unique,
    created_by uuid        not null references users on delete cascade,
    expires_at timestamptz not null
);

create table guest_sessions (
    id         uuid        primary key,
    meeting_id uuid        not null,
    name       text        not null,
    locale     text        not null check (locale in ('zh-CN', 'en')),
    token_hash bytea       not null unique,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
);
create index guest_sessions_by_meeting on guest_sessions (meeting_id);
create index guest_sessions_by_expiry on guest_sessions (expires_at);

-- Who signed in and who changed whose rights.
create table account_events (
    id       uuid        primary key,
    at       timestamptz not null default now(),
    kind     text        not null,
    user_id  uuid        references users on delete set null,
    actor_id uuid        references users on delete set null,
    address  text        not null,
    detail   jsonb       not null default '{}'
);
create index account_events_by_user on account_events (user_id, at desc);
create index account_events_by_time on account_events (at);

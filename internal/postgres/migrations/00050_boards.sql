-- +goose Up

-- What is drawn on a board is a document of its own; a row here is what lists and permissions need of it.
create table boards (
    id                uuid primary key,
    owner_id          uuid        not null references users,
    department_id     uuid references departments on delete set null, -- where it is kept; null: with its owner
    title             text        not null check (char_length(title) between 1 and 200),
    element_count     integer     not null default 0,
    thumbnail_version text        not null default '', -- empty until it is drawn for the first time
    created_at        timestamptz not null,
    updated_at        timestamptz not null,
    updated_by        text        not null default '', -- user:<id> or guest:<id>
    deleted_at        timestamptz
);
create index boards_owner on boards (owner_id, updated_at desc);
create index boards_department on boards (department_id) where department_id is not null;
create index boards_deleted on boards (deleted_at) where deleted_at is not null;

-- Made by internal/search whenever the title or the board is written.
create table board_search (
    board_id uuid primary key references boards on delete cascade,
    title    tsvector not null,
    text     text     not null default '', -- what is written on the board, shortened
    words    tsvector not null default '' -- of the text
);
create index board_search_title on board_search using gin (title);
create index board_search_words on board_search using gin (words);

-- Who may do what with a board besides its owner.
create table board_access (
    board_id   uuid        not null references boards on delete cascade,
    kind       text        not null check (kind in ('person', 'department', 'group', 'everyone', 'meeting')),
    subject_id uuid        not null, -- of the person, department, conversation or meeting; zero of everyone
    role       text        not null check (role in ('viewer', 'commenter', 'editor')),
    created_at timestamptz not null,
    primary key (board_id, kind, subject_id)
);
create index board_access_subject on board_access (kind, subject_id);

create table board_visits (
    board_id  uuid        not null references boards on delete cascade,
    user_id   uuid        not null references users on delete cascade,
    opened_at timestamptz not null,
    primary key (board_id, user_id)
);
create index board_visits_user on board_visits (user_id, opened_at desc);

-- Pictures that lie on boards. Copies of a board point at the same objects.
create table board_files (
    board_id           uuid        not null references boards on delete cascade,
    id                 text        not null check (id ~ '^[0-9a-f]{64}$'), -- SHA-256 of what was uploaded
    object_key         text        not null,
    content_type       text        not null,
    bytes              bigint      not null,
    width              integer     not null,
    height             integer     not null,
    small              bytea       not null, -- JPEG for thumbnails
    uploaded_by        text        not null, -- user:<id> or guest:<id>
    created_at         timestamptz not null,
    unreferenced_since timestamptz, -- when the board was first seen without it
    primary key (board_id, id)
);
create index board_files_object on board_files (object_key);
create index board_files_unreferenced on board_files (unreferenced_since) where unreferenced_since is not null;

create table board_thumbnails (
    board_id uuid primary key references boards on delete cascade,
    version  text  not null,
    svg      bytea not null
);

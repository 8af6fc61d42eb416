-- +goose Up

create table departments (
    id           uuid        primary key,
    parent_id    uuid        references departments on delete restrict,
    name         text        not null,
    name_key     text        not null,
    sort         integer     not null default 0,
    sort_pinyin  text        not null collate "C",
    sort_letters text        not null collate "C",
    created_at   timestamptz not null default now(),
    constraint departments_sibling_names unique nulls not distinct (parent_id, name_key),
    check (parent_id <> id)
);

create table department_members (
    department_id uuid    not null references departments on delete restrict,
    user_id       uuid    not null references users on delete cascade,
    is_primary    boolean not null default false,
    primary key (department_id, user_id)
);
create index department_members_by_user on department_members (user_id);
create unique index department_members_one_primary on department_members (user_id) where is_primary;

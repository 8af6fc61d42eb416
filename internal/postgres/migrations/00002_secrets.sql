-- +goose Up
-- Keys that all nodes of an installation share and that outlive a restart, each made once from random bytes.
create table secrets (
    name       text primary key,
    value      bytea       not null check (length(value) >= 32),
    created_at timestamptz not null default now()
);

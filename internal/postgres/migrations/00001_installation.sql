-- +goose Up
-- What kind of installation this database belongs to, written once when it is made. A demo allows anyone to log in
-- as anyone, so a database that holds real data must never become one.
create table installation (
    only_row   boolean primary key default true check (only_row),
    kind       text        not null check (kind in ('real', 'demo')),
    created_at timestamptz not null default now()
);

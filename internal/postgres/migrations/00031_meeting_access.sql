-- +goose Up
-- Who may not enter the run that goes on, for when the server restarts in it.
alter table meetings
    add column locked       boolean not null default false,
    add column removed_keys text[]  not null default '{}'; -- user:<id> or guest:<id>

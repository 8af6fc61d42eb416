-- +goose Up
-- What else hosts decided about the run that goes on, for when the server restarts in it.
alter table meetings
    add column chat_closed  boolean not null default false,
    add column co_host_keys text[]  not null default '{}'; -- user:<id> or guest:<id>

-- +goose Up
alter table meetings
    add column who_may_draw text not null default 'everyone' check (who_may_draw in ('everyone', 'hosts'));

-- The boards that were opened in a meeting, each as it was opened last.
create table meeting_boards (
    meeting_id     uuid        not null references meetings on delete cascade,
    board_id       uuid        not null references boards on delete cascade,
    opened_by_key  text        not null, -- user:<id> or guest:<id>
    opened_by_name text        not null, -- as shown in the meeting
    opened_at      timestamptz not null,
    closed_at      timestamptz, -- null while it is open in the run that goes on, and in one that was lost with its server
    presented      boolean     not null default false,
    primary key (meeting_id, board_id)
);
create index meeting_boards_board on meeting_boards (board_id);

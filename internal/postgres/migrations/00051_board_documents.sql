-- +goose Up
-- What boards hold, as Yjs updates (format version 1); states and contents are compressed with zstd. Package
-- whiteboard/store alone reads and writes these tables. What a board is called and who may open it is not here.

-- The state up to a sequence number, and the minute of activity that it ends in.
create table board_documents (
    board          uuid primary key,
    created_at     timestamptz not null,
    seq            bigint      not null, -- of the last change that state holds
    state          bytea       not null,
    since          timestamptz not null, -- first and last change of the minute
    at             timestamptz not null,
    authors        text[]      not null,
    updates        bigint      not null, -- how many the minute had; 0: there is no such minute
    bytes          bigint      not null, -- of these updates
    history_vector bytea       not null  -- state vector at the newest row of board_history; empty: there is none
);
alter table board_documents alter column state set storage external;

-- The one writer of a board across nodes. The row stays: its epoch counts writers, and every write names its own.
create table board_leases (
    board      uuid primary key references board_documents on delete cascade,
    node       text        not null,
    epoch      bigint      not null,
    expires_at timestamptz not null
);

-- Changes that the state does not hold yet. A foreign key would cost a look-up a row: the writer's lease, locked in
-- every append, shows that the board is there.
create table board_log (
    board  uuid        not null,
    seq    bigint      not null,
    update bytea       not null,
    author text        not null, -- user:<id> or guest:<id>
    at     timestamptz not null,
    primary key (board, seq)
);
-- Rows live for seconds: without this a scan of the log reads mostly dead ones.
alter table board_log set (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 10000);

-- The state at the end of each minute of activity but the last one, which is in board_documents.
create table board_history (
    board   uuid        not null references board_documents on delete cascade,
    seq     bigint      not null, -- of the last change
    since   timestamptz not null,
    at      timestamptz not null,
    authors text[]      not null,
    updates bigint      not null,
    bytes   bigint      not null,
    whole   boolean     not null, -- content is the whole state, otherwise what the row before lacks
    content bytea       not null,
    thinned boolean     not null default false, -- all that is left of its hour
    primary key (board, seq)
);
alter table board_history alter column content set storage external;
create index board_history_unthinned on board_history (at) where not thinned;

-- name: EmptyDocument :exec
insert into board_documents (board, created_at, seq, state, since, at, authors, updates, bytes, history_vector)
values (@board, now(), 0, '', now(), now(), '{}', 0, 0, '')
on conflict (board) do nothing;

-- name: DeleteDocument :execrows
delete
from board_documents
where board = @board;

-- name: Head :one
select seq, state, since, at, authors, updates, bytes, history_vector
from board_documents
where board = @board;

-- name: ReplaceHead :execrows
-- ReplaceHead does nothing when the state is no longer the one that the new one was made of.
update board_documents
set seq            = @seq,
    state          = @state,
    since          = @since,
    at             = @at,
    authors        = @authors,
    updates        = @updates,
    bytes          = @bytes,
    history_vector = @history_vector
where board = @board
  and seq = @was;

-- name: TakeLease :one
-- TakeLease makes the node the writer of a board that is free, or whose lease ran out, or was its own: a node that comes
-- back under its name left nobody behind.
insert into board_leases as l (board, node, epoch, expires_at)
select d.board, @node, 1, clock_timestamp() + @ttl::interval
from board_documents d
where d.board = @board
on conflict (board) do update
    set node       = excluded.node,
        epoch      = l.epoch + 1,
        expires_at = excluded.expires_at
    where l.node = excluded.node
       or l.expires_at <= clock_timestamp()
returning epoch;

-- name: ForceLease :one
-- ForceLease is TakeLease whoever holds it.
insert into board_leases as l (board, node, epoch, expires_at)
select d.board, @node, 1, clock_timestamp() + @ttl::interval
from board_documents d
where d.board = @board
on conflict (board) do update
    set node       = excluded.node,
        epoch      = l.epoch + 1,
        expires_at = excluded.expires_at
returning epoch;

-- name: Lease :one
select node, epoch, (expires_at > clock_timestamp())::boolean as held
from board_leases
where board = @board;

-- name: LockLease :one
-- LockLease keeps the lease as it is until the transaction ends.
select epoch
from board_leases
where board = @board
  and epoch = @epoch
    for share;

-- name: RenewLeases :many
-- RenewLeases locks in the order of AppendChanges.
with mine as (
    select l.board
    from board_leases l
             join (select unnest(@boards::uuid[]) as board, unnest(@epochs::bigint[]) as epoch) w
                  on w.board = l.board and w.epoch = l.epoch
    order by l.board
        for update of l
)
update board_leases l
set expires_at = clock_timestamp() + @ttl::interval
from mine
where l.board = mine.board
returning l.board;

-- name: ReleaseLease :exec
-- ReleaseLease ends the epoch as well, so that a renewal on its way comes too late.
update board_leases
set expires_at = clock_timestamp(),
    epoch      = epoch + 1
where board = @board
  and epoch = @epoch;

-- name: AppendChanges :many
-- AppendChanges adds rows to the logs of those boards whose lease is still of that epoch, and answers these boards. A row
-- that is there was added by an earlier try whose answer was lost. places say which of the boards a row belongs to, from 1.
with held as materialized (
    select l.board, w.place
    from board_leases l
             join (select unnest(@boards::uuid[])                 as board,
                          unnest(@epochs::bigint[])               as epoch,
                          generate_subscripts(@boards::uuid[], 1) as place) w
                  on w.board = l.board and w.epoch = l.epoch
    order by l.board
        for share of l
),
     added as (
         insert into board_log (board, seq, update, author, at)
             select held.board, e.seq, e.update, e.author, e.at
             from (select unnest(@places::int[])       as place,
                          unnest(@seqs::bigint[])      as seq,
                          unnest(@updates::bytea[])    as update,
                          unnest(@authors::text[])     as author,
                          unnest(@ats::timestamptz[])  as at) e
                      join held on held.place = e.place
             on conflict (board, seq) do nothing
     )
select board
from held;

-- name: LogRows :many
select seq, update, author, at
from board_log
where board = @board
  and seq > @after
order by seq;

-- name: DeleteLog :one
-- DeleteLog answers how many of the changes came after was. Those before are copies that a commit left which was given up
-- and went on all the same.
with deleted as (
    delete from board_log where board = @board and seq <= @until returning seq
)
select count(*) filter (where seq > @was) as changes
from deleted;

-- name: InsertHistory :exec
insert into board_history (board, seq, since, at, authors, updates, bytes, whole, content)
values (@board, @seq, @since, @at, @authors, @updates, @bytes, @whole, @content);

-- name: HistoryUntil :many
-- HistoryUntil answers what the state at the newest row up to seq is made of: that row, the nearest whole one before it,
-- and what lies between.
select h.seq, h.at, h.whole, h.content
from board_history h
where h.board = @board
  and h.seq <= @until
  and h.seq >= (select max(w.seq) from board_history w where w.board = @board and w.seq <= @until and w.whole)
order by h.seq;

-- name: BoardsToThin :many
select distinct board
from board_history
where not thinned
  and at < @older
limit @at_most;

-- name: HistoryToThin :many
-- HistoryToThin answers the rows before the first one that is not older than that, from the last whole one before the first
-- that is not thinned yet.
select h.seq, h.since, h.at, h.authors, h.updates, h.bytes, h.whole, h.content
from board_history h
where h.board = @board
  and h.seq < coalesce((select min(y.seq) from board_history y where y.board = @board and y.at >= @older), 9223372036854775807)
  and h.seq >= coalesce((select max(w.seq)
                         from board_history w
                         where w.board = @board
                           and w.whole
                           and w.seq < (select min(u.seq) from board_history u where u.board = @board and not u.thinned)), 0)
order by h.seq;

-- name: DeleteHistory :exec
delete
from board_history
where board = @board
  and seq = any (@seqs::bigint[]);

-- name: ThinHistory :exec
-- ThinHistory makes a row what is left of its hour.
update board_history
set since   = @since,
    authors = @authors,
    updates = @updates,
    bytes   = @bytes,
    whole   = @whole,
    content = @content,
    thinned = true
where board = @board
  and seq = @seq;

-- name: BoardsToCompact :many
-- BoardsToCompact answers boards with rows in the log and without a writer.
select l.board
from (select distinct board from board_log) l
         left join board_leases o on o.board = l.board
where o.board is null
   or o.node = @node
   or o.expires_at <= clock_timestamp()
limit @at_most;

-- name: LogSpans :many
-- LogSpans is LogRows without what they hold.
select seq, octet_length(update)::bigint as bytes, author, at
from board_log
where board = @board
  and seq > @after
order by seq;

-- name: HistoryHolding :one
-- HistoryHolding answers the row that the change went into, 0 when it is younger than all of them.
select coalesce(min(seq), 0)::bigint as seq
from board_history
where board = @board
  and seq >= @seq;

-- name: HistoryPage :many
select seq, since, at, authors, updates, bytes
from board_history
where board = @board
  and seq < @before
  and at >= @from_time
  and at < @to_time
order by seq desc
limit @at_most;

-- name: LastSeq :one
-- LastSeq answers the newest change of a board and what the log holds.
select greatest(d.seq, l.seq)::bigint as seq, l.rows, l.bytes
from board_documents d,
     (select coalesce(max(seq), 0) as seq, count(*) as rows, coalesce(sum(octet_length(update)), 0)::bigint as bytes
      from board_log
      where board_log.board = @board) l
where d.board = @board;

-- name: LockDocument :one
select seq
from board_documents
where board = @board
    for update;

-- name: InsertConversation :exec
insert into conversations (id, kind, subject_id, created_at)
values (@id, @kind, @subject_id, @now);

-- name: Conversation :one
select *
from conversations
where id = @id;

-- name: ConversationOfMessage :one
select c.*
from conversations c
         join messages m on m.conversation_id = c.id
where m.id = @message_id;

-- name: LockConversation :one
-- LockConversation serializes writers, so that sequence numbers become visible in order.
select *
from conversations
where id = @id
for update;

-- name: SetSequences :exec
update conversations
set last_seq   = @last_seq,
    change_seq = @change_seq
where id = @id;

-- name: InsertMessage :exec
insert into messages (id, conversation_id, seq, change_seq, client_id, author_key, author_id, author_name, guest, text,
                      reply_to, mentions, created_at)
values (@id, @conversation_id, @seq, @change_seq, @client_id, @author_key, @author_id, @author_name, @guest, @text,
        sqlc.narg(reply_to), @mentions, @now);

-- name: MessageByClientID :one
select id
from messages
where conversation_id = @conversation_id
  and author_key = @author_key
  and client_id = @client_id;

-- name: Message :one
select *
from messages
where id = @id
  and conversation_id = @conversation_id;

-- name: TouchMessage :exec
update messages
set change_seq = @change_seq
where id = @id;

-- name: EraseMessage :exec
update messages
set text        = '',
    mentions    = '{}',
    reply_to    = null,
    recalled_at = @now::timestamptz,
    change_seq  = @change_seq
where id = @id;

-- name: DeleteReactions :exec
delete
from message_reactions
where message_id = @message_id;

-- name: ReplyIDs :many
select id
from messages
where reply_to = @message_id
order by seq;

-- name: AddReaction :execrows
insert into message_reactions (message_id, emoji, person_key, person_id, person_name, guest, created_at)
values (@message_id, @emoji, @person_key, @person_id, @person_name, @guest, @now)
on conflict do nothing;

-- name: RemoveReaction :execrows
delete
from message_reactions
where message_id = @message_id
  and emoji = @emoji
  and person_key = @person_key;

-- name: EmojiInUse :many
select distinct emoji
from message_reactions
where message_id = @message_id;

-- name: MessagesByID :many
select *
from messages
where id = any (@ids::uuid[])
order by seq;

-- name: MessagesBefore :many
select *
from messages
where conversation_id = @conversation_id
  and seq < @before_seq
  and created_at >= @since
order by seq desc
limit @row_limit;

-- name: MessagesAfter :many
select *
from messages
where conversation_id = @conversation_id
  and seq > @after_seq
  and created_at >= @since
order by seq
limit @row_limit;

-- name: MessagesChanged :many
select *
from messages
where conversation_id = @conversation_id
  and change_seq > @after_change_seq
  and created_at >= @since
order by change_seq
limit @row_limit;

-- name: Reactions :many
select message_id, emoji, person_key, person_id, person_name, guest
from message_reactions
where message_id = any (@message_ids::uuid[])
order by message_id, created_at, person_key;

-- name: ReadSeq :one
select coalesce((select read_seq
                 from conversation_reads
                 where conversation_id = @conversation_id
                   and person_key = @person_key), 0)::bigint;

-- name: MarkRead :one
insert into conversation_reads as r (conversation_id, person_key, read_seq, updated_at)
select c.id, @person_key, least(@read_seq::bigint, c.last_seq), @now
from conversations c
where c.id = @conversation_id
on conflict (conversation_id, person_key) do update
    set read_seq   = greatest(r.read_seq, excluded.read_seq),
        updated_at = excluded.updated_at
returning read_seq;

-- name: Unread :one
select count(*)                                                     as unread,
       count(*) filter (where @person_id::uuid = any (m.mentions)) as mentioned
from messages m
where m.conversation_id = @conversation_id
  and m.seq > @read_seq
  and m.author_key <> @person_key
  and m.recalled_at is null
  and m.created_at >= @since;

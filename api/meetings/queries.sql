-- name: InsertMeeting :exec
insert into meetings (id, code, conversation_id, organizer_id, title, instant, starts_at, duration_minutes, timezone,
                      rrule, lobby, guests_allowed, who_may_share, who_may_draw, next_at, next_end_at, created_at, updated_at)
values (@id, @code, @conversation_id, @organizer_id, @title, @instant, @starts_at, @duration_minutes, @timezone,
        @rrule, @lobby, @guests_allowed, @who_may_share, @who_may_draw, sqlc.narg(next_at), sqlc.narg(next_end_at), @now, @now);

-- name: CodeTaken :one
select exists (select from meetings where code = @code);

-- name: UpdateMeeting :exec
update meetings
set title            = @title,
    starts_at        = @starts_at,
    duration_minutes = @duration_minutes,
    timezone         = @timezone,
    rrule            = @rrule,
    instant          = @instant,
    lobby            = @lobby,
    guests_allowed   = @guests_allowed,
    who_may_share    = @who_may_share,
    who_may_draw     = @who_may_draw,
    sequence         = @sequence,
    next_at          = sqlc.narg(next_at),
    next_end_at      = sqlc.narg(next_end_at),
    updated_at       = @now
where id = @id;

-- name: UpdateSettings :exec
update meetings
set lobby          = @lobby,
    guests_allowed = @guests_allowed,
    who_may_share  = @who_may_share,
    who_may_draw   = @who_may_draw,
    chat_allowed   = @chat_allowed,
    updated_at     = @now
where id = @id;

-- name: UpdateAccess :exec
update meetings
set locked       = @locked,
    removed_keys = @removed_keys,
    chat_closed  = @chat_closed,
    co_host_keys = @co_host_keys
where id = @id;

-- name: KeepBoard :exec
-- KeepBoard notes a board that is open in a meeting. One that was deleted meanwhile is passed over.
insert into meeting_boards (meeting_id, board_id, opened_by_key, opened_by_name, opened_at, presented)
select @meeting_id, b.id, @opened_by_key, @opened_by_name, @opened_at, @presented
from boards b
where b.id = @board_id
on conflict (meeting_id, board_id) do update
set opened_by_key  = excluded.opened_by_key,
    opened_by_name = excluded.opened_by_name,
    opened_at      = excluded.opened_at,
    closed_at      = null,
    presented      = excluded.presented;

-- name: CloseBoardsBut :exec
update meeting_boards
set closed_at = @closed_at::timestamptz,
    presented = false
where meeting_id = @meeting_id
  and closed_at is null
  and board_id <> all (@open::uuid[]);

-- name: OpenBoards :many
-- OpenBoards lists the boards that are open in the run that goes on, or were in one that was lost.
select o.board_id, b.title, o.opened_by_key, o.opened_by_name, o.opened_at, o.presented
from meeting_boards o
         join boards b on b.id = o.board_id and b.deleted_at is null
where o.meeting_id = @meeting_id
  and o.closed_at is null
order by o.opened_at, o.board_id;

-- name: MeetingBoards :many
select board_id, opened_by_name, opened_at, closed_at
from meeting_boards
where meeting_id = @meeting_id
order by opened_at desc, board_id;

-- name: CancelMeeting :execrows
update meetings
set cancelled_at = @now::timestamptz,
    next_at      = null,
    next_end_at  = null,
    sequence     = sequence + 1,
    updated_at   = @now
where id = @id
  and organizer_id = @user_id
  and cancelled_at is null;

-- name: UpdateOccurrence :exec
update meetings
set next_at     = sqlc.narg(next_at),
    next_end_at = sqlc.narg(next_end_at),
    past_at     = sqlc.narg(past_at)
where id = @id;

-- name: StaleOccurrences :many
select id, instant, session_id, starts_at, duration_minutes, timezone, rrule, next_end_at::timestamptz as next_end_at, past_at
from meetings
where next_end_at <= @now::timestamptz
order by next_end_at
limit 500
for update skip locked;

-- name: InsertInvitees :exec
insert into meeting_invitees (meeting_id, user_id, co_host)
select @meeting_id, u.id, u.id = any (@co_host_ids::uuid[])
from users u
where u.id = any (@user_ids::uuid[])
  and u.disabled_at is null
on conflict (meeting_id, user_id) do update set co_host = excluded.co_host;

-- name: DeleteInviteesBut :exec
delete
from meeting_invitees
where meeting_id = @meeting_id
  and user_id <> all (@user_ids::uuid[]);

-- name: Invitees :many
select user_id, co_host
from meeting_invitees
where meeting_id = @meeting_id
order by user_id;

-- name: MeetingForMember :one
-- MeetingForMember finds a meeting that the person organizes, is invited to or attended.
select sqlc.embed(m),
       (m.organizer_id = @user_id)::boolean                                                          as organizer,
       exists (select from meeting_invitees i
               where i.meeting_id = m.id and i.user_id = @user_id and i.co_host)                     as co_host,
       (select count(*) from meeting_invitees i where i.meeting_id = m.id)                           as invitee_count,
       (select count(distinct a.person_key)
        from attendance a
        where a.session_id = m.session_id and (a.left_at is null or m.session_ended_at is not null)
          and a.person_key not like 'stream:%')                                                      as participant_count
from meetings m
where m.id = @id
  and (m.organizer_id = @user_id
    or exists (select from meeting_invitees i where i.meeting_id = m.id and i.user_id = @user_id)
    or exists (select from attendance a where a.meeting_id = m.id and a.user_id = @user_id));

-- name: MeetingForHost :one
-- MeetingForHost locks a meeting that the person may edit.
select sqlc.embed(m), (m.organizer_id = @user_id)::boolean as organizer
from meetings m
where m.id = @id
  and m.cancelled_at is null
  and (m.organizer_id = @user_id
    or exists (select from meeting_invitees i where i.meeting_id = m.id and i.user_id = @user_id and i.co_host))
for update;

-- name: MeetingByID :one
select *
from meetings
where id = @id;

-- name: LockMeeting :one
select *
from meetings
where id = @id
for update;

-- name: MeetingByCode :one
select *
from meetings m
where m.code = @code;

-- name: Standing :one
-- Standing says what a person of the company is to a meeting.
select exists (select from meeting_invitees i where i.meeting_id = @meeting_id and i.user_id = @user_id)              as invitee,
       exists (select from meeting_invitees i
               where i.meeting_id = @meeting_id and i.user_id = @user_id and i.co_host)                               as co_host,
       exists (select from attendance a where a.meeting_id = @meeting_id and a.user_id = @user_id)                    as attended;

-- name: MemberIDs :many
select m.organizer_id as user_id from meetings m where m.id = @meeting_id
union
select i.user_id from meeting_invitees i where i.meeting_id = @meeting_id
union
select a.user_id::uuid from attendance a where a.meeting_id = @meeting_id and a.user_id is not null;

-- name: ListRunning :many
with mine as (select m.id from meetings m where m.organizer_id = @user_id
              union
              select i.meeting_id from meeting_invitees i where i.user_id = @user_id
              union
              select a.meeting_id from attendance a where a.user_id = @user_id)
select sqlc.embed(m),
       exists (select from meeting_invitees i
               where i.meeting_id = m.id and i.user_id = @user_id and i.co_host)                     as co_host,
       (select count(*) from meeting_invitees i where i.meeting_id = m.id)                           as invitee_count,
       (select count(distinct a.person_key) from attendance a
        where a.session_id = m.session_id and a.left_at is null and a.person_key not like 'stream:%')        as participant_count,
       m.session_started_at::timestamptz                                                             as sort_at
from mine
         join meetings m on m.id = mine.id
where m.session_started_at is not null
  and m.session_ended_at is null
  and (sqlc.narg(before_at)::timestamptz is null or (m.session_started_at, m.id) < (sqlc.narg(before_at), @before_id::uuid))
order by m.session_started_at desc, m.id desc
limit @row_limit;

-- name: ListComing :many
with mine as (select m.id from meetings m where m.organizer_id = @user_id
              union
              select i.meeting_id from meeting_invitees i where i.user_id = @user_id
              union
              select a.meeting_id from attendance a where a.user_id = @user_id)
select sqlc.embed(m),
       exists (select from meeting_invitees i
               where i.meeting_id = m.id and i.user_id = @user_id and i.co_host)                     as co_host,
       (select count(*) from meeting_invitees i where i.meeting_id = m.id)                           as invitee_count,
       0::bigint                                                                                     as participant_count,
       m.next_at::timestamptz                                                                        as sort_at
from mine
         join meetings m on m.id = mine.id
where m.next_at is not null
  and m.next_end_at > @now::timestamptz
  and m.cancelled_at is null
  and (m.session_started_at is null or m.session_ended_at is not null)
  and (sqlc.narg(after_at)::timestamptz is null or (m.next_at, m.id) > (sqlc.narg(after_at), @after_id::uuid))
order by m.next_at, m.id
limit @row_limit;

-- name: ListPast :many
with mine as (select m.id from meetings m where m.organizer_id = @user_id
              union
              select i.meeting_id from meeting_invitees i where i.user_id = @user_id
              union
              select a.meeting_id from attendance a where a.user_id = @user_id)
select sqlc.embed(m),
       exists (select from meeting_invitees i
               where i.meeting_id = m.id and i.user_id = @user_id and i.co_host)                     as co_host,
       (select count(*) from meeting_invitees i where i.meeting_id = m.id)                           as invitee_count,
       (select count(distinct a.person_key) from attendance a
        where a.session_id = m.session_id and a.person_key not like 'stream:%')                              as participant_count,
       m.past_at::timestamptz                                                                        as sort_at
from mine
         join meetings m on m.id = mine.id
where m.past_at is not null
  and (m.next_at is null or m.rrule <> '')
  and (m.session_started_at is null or m.session_ended_at is not null)
  and (sqlc.narg(before_at)::timestamptz is null or (m.past_at, m.id) < (sqlc.narg(before_at), @before_id::uuid))
order by m.past_at desc, m.id desc
limit @row_limit;

-- name: Attendance :many
select a.participant_id, a.person_key, a.user_id, a.name, a.joined_at, a.left_at, a.session_id
from attendance a
where a.meeting_id = @meeting_id
order by a.joined_at, a.id
limit @row_limit;

-- name: OpenAttendance :many
select a.participant_id, a.person_key, a.user_id, a.name, a.joined_at
from attendance a
         join meeting_sessions s on s.id = a.session_id and s.ended_at is null
where a.meeting_id = @meeting_id
  and a.left_at is null
order by a.joined_at, a.id;

-- name: OpenSession :one
select *
from meeting_sessions
where meeting_id = @meeting_id
  and ended_at is null
for update;

-- name: InsertSession :exec
insert into meeting_sessions (id, meeting_id, node, started_at, heartbeat_at)
values (@id, @meeting_id, @node, @started_at, @started_at);

-- name: ShowSession :exec
update meetings
set session_id         = @session_id::uuid,
    session_started_at = @started_at::timestamptz,
    session_ended_at   = sqlc.narg(ended_at),
    chat_allowed       = chat_allowed or sqlc.narg(ended_at)::timestamptz is not null
where id = @id;

-- name: EndSession :exec
update meeting_sessions
set ended_at      = greatest(@ended_at::timestamptz, started_at),
    ended_by_host = @ended_by_host
where id = @id
  and ended_at is null;

-- name: OpenInterval :exec
insert into attendance (id, session_id, meeting_id, participant_id, person_key, user_id, name, joined_at)
values (@id, @session_id, @meeting_id, @participant_id, @person_key, sqlc.narg(user_id), @name, @joined_at)
on conflict (session_id, participant_id) do nothing;

-- name: CloseInterval :exec
update attendance
set left_at     = greatest(@left_at::timestamptz, joined_at),
    left_reason = @reason
where session_id = @session_id
  and participant_id = @participant_id
  and left_at is null;

-- name: CloseIntervals :exec
update attendance
set left_at     = greatest(@left_at::timestamptz, joined_at),
    left_reason = @reason
where session_id = @session_id
  and left_at is null
  and participant_id <> all (@still_there::text[]);

-- name: Heartbeat :exec
update meeting_sessions
set heartbeat_at = @now
where node = @node
  and ended_at is null;

-- name: AbandonedSessions :many
-- AbandonedSessions are those of this node from before it started, and those of nodes that are silent.
select *
from meeting_sessions
where ended_at is null
  and ((node = @node and started_at < @started_before) or heartbeat_at < @silent_since)
for update skip locked;

-- name: RunningOnNode :many
select meeting_id
from meeting_sessions
where node = @node
  and ended_at is null;

-- name: KeepQuality :exec
-- KeepQuality replaces what was written of a block before, unless that reaches further.
insert into meeting_quality (id, meeting_id, started_at, ended_at, troubled, people, tracks)
values (@id, @meeting_id, @started_at, @ended_at, @troubled::text[], @people, @tracks)
on conflict (id) do update
set ended_at = excluded.ended_at,
    troubled = excluded.troubled,
    people   = excluded.people,
    tracks   = excluded.tracks
where meeting_quality.ended_at <= excluded.ended_at;

-- name: MeetingForReview :one
-- MeetingForReview finds a meeting whose connections the person may see: as an admin, or as one who hosts it. Who only
-- hosts it at this moment may not see its earlier runs.
with review as (select m.id,
                       (@admin::boolean
                           or m.organizer_id = @user_id
                           or exists (select from meeting_invitees i
                                      where i.meeting_id = m.id and i.user_id = @user_id and i.co_host))::boolean as all_runs
                from meetings m
                where m.id = @id)
select sqlc.embed(m), r.all_runs
from review r
         join meetings m on m.id = r.id
where r.all_runs
   or @hosts_now::boolean;

-- name: Runs :many
-- Runs lists the latest runs of a meeting, the last one first, and the one that is asked for, however old it is.
(select s.id, s.started_at, s.ended_at
 from meeting_sessions s
 where s.meeting_id = @meeting_id
 order by s.started_at desc, s.id
 limit @row_limit)
union
select s.id, s.started_at, s.ended_at
from meeting_sessions s
where s.meeting_id = @meeting_id
  and s.id = @session_id
order by started_at desc, id;

-- name: RunAttendance :many
select a.participant_id, a.person_key, a.user_id, a.name, a.joined_at, a.left_at
from attendance a
where a.session_id = @session_id
order by a.joined_at, a.id
limit @row_limit;

-- name: QualityBlocks :many
-- QualityBlocks reads one part of each block: of publications, or of participants.
select q.id, q.started_at, (case when @tracks::boolean then q.tracks else q.people end)::bytea as part
from meeting_quality q
where q.meeting_id = @meeting_id
  and q.started_at < @until::timestamptz
  and (q.started_at, q.id) > (@after_at::timestamptz, @after_id::uuid)
order by q.started_at, q.id
limit @row_limit;

-- name: RecentRuns :many
-- RecentRuns lists the runs of all meetings to admins, the last one first. A block of measurements may begin a minute
-- before the first participant is recorded, and after a run whose end was reckoned from the last heartbeat.
select s.id, s.started_at, s.ended_at, m.id as meeting_id, m.title, m.organizer_id,
       (select count(distinct a.person_key) from attendance a
        where a.session_id = s.id and a.person_key not like 'stream:%')                  as participant_count,
       (select count(distinct a.person_key)
        from attendance a
                 join (select distinct unnest(q.troubled) as participant_id
                       from meeting_quality q
                       where q.meeting_id = s.meeting_id
                         and q.started_at > s.started_at - interval '1 minute'
                         and q.started_at < coalesce(s.ended_at, 'infinity') + interval '1 minute') t using (participant_id)
        where a.session_id = s.id and a.person_key not like 'stream:%')                  as troubled_count
from meeting_sessions s
         join meetings m on m.id = s.meeting_id
where @admin::boolean
  and (sqlc.narg(before_at)::timestamptz is null or (s.started_at, s.id) < (sqlc.narg(before_at), @before_id::uuid))
order by s.started_at desc, s.id desc
limit @row_limit;

-- name: LockStreamTokens :one
-- LockStreamTokens counts the tokens of a meeting that are good; until the end of the transaction nobody makes another.
select (select count(*) from stream_tokens t where t.meeting_id = m.id and (t.expires_at is null or t.expires_at > @now::timestamptz)) as good
from meetings m
where m.id = @meeting_id
for update;

-- name: InsertStreamToken :exec
insert into stream_tokens (id, meeting_id, stream_right, name, token_hash, created_by, created_at, expires_at)
values (@id, @meeting_id, @stream_right, @name, @token_hash, @created_by, @now, sqlc.narg(expires_at));

-- name: DeleteExpiredStreamTokens :exec
delete
from stream_tokens
where meeting_id = @meeting_id
  and expires_at < @expired_before::timestamptz;

-- name: StreamTokens :many
select *
from stream_tokens
where meeting_id = @meeting_id
order by created_at, id;

-- name: DeleteStreamToken :execrows
delete
from stream_tokens
where id = @id
  and meeting_id = @meeting_id;

-- name: StreamTokenByHash :one
-- StreamTokenByHash finds a token that is good: not expired, of a meeting that was not cancelled, made by somebody whose
-- account is not disabled.
select sqlc.embed(t), m.code
from stream_tokens t
         join meetings m on m.id = t.meeting_id and m.cancelled_at is null
         join users u on u.id = t.created_by and u.disabled_at is null
where t.token_hash = @token_hash
  and (t.expires_at is null or t.expires_at > @now::timestamptz);

-- name: UseStreamToken :exec
update stream_tokens
set last_used_at = @now::timestamptz
where id = @id
  and (last_used_at is null or last_used_at < @used_before::timestamptz);

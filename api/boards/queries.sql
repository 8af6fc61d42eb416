-- name: Board :one
select * from boards where id = @id;

-- name: BoardFor :one
-- BoardFor answers a board and what a person may do with it: 4 owner, 3 editor, 2 commenter, 1 viewer, 0 nothing.
with recursive above(id) as (select m.department_id from department_members m where m.user_id = @user_id
                             union
                             select d.parent_id
                             from above
                                      join departments d on d.id = above.id
                             where d.parent_id is not null),
               granted as (select a.board_id, max(array_position(array['viewer', 'commenter', 'editor'], a.role)) as rank
                           from board_access a
                           where a.board_id = @id and ((a.kind = 'person' and a.subject_id = @user_id)
                             or (a.kind = 'department' and a.subject_id in (select above.id from above))
                             or (a.kind = 'group' and a.subject_id = any (@group_ids::uuid[]))
                             or a.kind = 'everyone'
                             or (a.kind = 'meeting' and exists (select from attendance t where t.meeting_id = a.subject_id and t.user_id = @user_id)))
                           group by a.board_id)
select sqlc.embed(b),
       (case when b.owner_id = @user_id then 4 when g.rank is null then 0 else g.rank end)::integer as rank,
       (select count(*)
        from board_access a
        where a.board_id = b.id and (a.kind <> 'department' or exists (select from departments t where t.id = a.subject_id))) as shared_with,
       coalesce(d.name, '')::text                                                                  as department_name,
       v.opened_at
from boards b
         left join granted g on g.board_id = b.id
         left join departments d on d.id = b.department_id
         left join board_visits v on v.board_id = b.id and v.user_id = @user_id
where b.id = @id;

-- name: ListBoards :many
-- ListBoards holds nothing that the person may not see. A board in the trash is its owner's alone.
with recursive above(id) as (select m.department_id from department_members m where m.user_id = @user_id
                             union
                             select d.parent_id
                             from above
                                      join departments d on d.id = above.id
                             where d.parent_id is not null),
               granted as (select a.board_id, max(array_position(array['viewer', 'commenter', 'editor'], a.role)) as rank
                           from board_access a
                           where ((a.kind = 'person' and a.subject_id = @user_id)
                             or (a.kind = 'department' and a.subject_id in (select above.id from above))
                             or (a.kind = 'group' and a.subject_id = any (@group_ids::uuid[]))
                             or a.kind = 'everyone'
                             or (a.kind = 'meeting' and exists (select from attendance t where t.meeting_id = a.subject_id and t.user_id = @user_id)))
                           group by a.board_id),
               wanted as (select @filter::text as filter, @name_query::text as names, @text_query::text as texts)
select sqlc.embed(b),
       (case when b.owner_id = @user_id then 4 else g.rank end)::integer as rank,
       (select count(*)
        from board_access a
        where a.board_id = b.id and (a.kind <> 'department' or exists (select from departments t where t.id = a.subject_id))) as shared_with,
       coalesce(d.name, '')::text                                       as department_name,
       v.opened_at,
       s.at::timestamptz                                                as sort_at,
       (case when w.texts = '' then '' else x.text end)::text           as text
from wanted w
         cross join boards b
         join board_search x on x.board_id = b.id
         left join granted g on g.board_id = b.id
         left join departments d on d.id = b.department_id
         left join board_visits v on v.board_id = b.id and v.user_id = @user_id
         cross join lateral (select case w.filter when 'recent' then v.opened_at when 'trash' then b.deleted_at else b.updated_at end as at) s
where (b.owner_id = @user_id or g.board_id is not null)
  and (b.deleted_at is not null) = (w.filter = 'trash')
  and case w.filter
          when 'mine' then b.owner_id = @user_id
          when 'trash' then b.owner_id = @user_id
          when 'shared' then b.owner_id <> @user_id
          when 'department' then b.department_id in (select above.id from above)
          when 'recent' then v.opened_at is not null
          else true end
  and (sqlc.narg(department_id)::uuid is null or b.department_id = sqlc.narg(department_id))
  and (w.names = '' and w.texts = ''
    or w.names <> '' and x.title @@ w.names::tsquery
    or w.texts <> '' and x.words @@ w.texts::tsquery)
  and (sqlc.narg(before_at)::timestamptz is null or (s.at, b.id) < (sqlc.narg(before_at), @before_id::uuid))
order by s.at desc, b.id desc
limit @row_limit;

-- name: DepartmentsAbove :many
-- DepartmentsAbove are the departments of a person and those that they are part of.
with recursive above(id) as (select m.department_id from department_members m where m.user_id = @user_id
                             union
                             select d.parent_id
                             from above
                                      join departments d on d.id = above.id
                             where d.parent_id is not null)
select above.id::uuid
from above;

-- name: Readers :many
-- Readers are the members who may see a board, but for everyone and those of groups.
with recursive within(id) as (select a.subject_id from board_access a where a.board_id = @board_id and a.kind = 'department'
                              union
                              select d.id
                              from within
                                       join departments d on d.parent_id = within.id)
select b.owner_id::uuid as user_id
from boards b
where b.id = @board_id
union
select a.subject_id
from board_access a
where a.board_id = @board_id and a.kind = 'person'
union
select m.user_id
from within
         join department_members m on m.department_id = within.id
union
select t.user_id
from board_access a
         join attendance t on t.meeting_id = a.subject_id
where a.board_id = @board_id and a.kind = 'meeting' and t.user_id is not null;

-- name: DepartmentNames :many
select id, name
from departments
where id = any (@ids::uuid[]);

-- name: MeetingTitles :many
select id, title
from meetings
where id = any (@ids::uuid[]);

-- name: LockOwner :exec
-- LockOwner makes the boards of one person be counted and made one after the other.
select pg_advisory_xact_lock(hashtextextended(@owner::text, 0));

-- name: CountOwned :one
select count(*)
from boards
where owner_id = @owner_id;

-- name: InsertBoard :exec
insert into boards (id, owner_id, department_id, title, created_at, updated_at, updated_by)
values (@id, @owner_id, sqlc.narg(department_id), @title, @now, @now, @updated_by);

-- name: IndexTitle :exec
insert into board_search (board_id, title)
values (@board_id, array_to_tsvector(@lexemes::text[]))
on conflict (board_id) do update set title = excluded.title;

-- name: BoardForUpdate :one
select *
from boards
where id = @id
    for update;

-- name: RenameBoard :exec
update boards
set title = @title, updated_at = @now, updated_by = @updated_by
where id = @id;

-- name: MoveBoard :exec
update boards
set department_id = sqlc.narg(department_id)
where id = @id;

-- name: TransferBoard :exec
update boards
set owner_id = @owner_id
where id = @id;

-- name: HandOver :many
update boards
set owner_id = @to_id
where owner_id = @from_id
returning id;

-- name: DeletePersonAccess :exec
-- DeletePersonAccess takes back what a person may do with boards beside owning them.
delete
from board_access
where kind = 'person'
  and subject_id = @user_id
  and board_id = any (@board_ids::uuid[]);

-- name: Account :one
select role, (disabled_at is not null)::boolean as disabled
from users
where id = @id
    for share;

-- name: TrashBoard :exec
update boards
set deleted_at = @now::timestamptz
where id = @id;

-- name: UntrashBoard :exec
update boards
set deleted_at = null
where id = @id;

-- name: DeleteBoard :execrows
delete
from boards
where id = @id;

-- name: BoardsToDelete :many
select id
from boards
where deleted_at < @deleted_before::timestamptz
order by deleted_at
limit @row_limit;

-- name: Access :many
select kind, subject_id, role
from board_access
where board_id = @board_id
order by created_at, kind, subject_id;

-- name: SetAccess :exec
insert into board_access (board_id, kind, subject_id, role, created_at)
values (@board_id, @kind, @subject_id, @role, @now)
on conflict (board_id, kind, subject_id) do update set role = excluded.role;

-- name: AddAccess :exec
-- AddAccess leaves an entry that is there as it is.
insert into board_access (board_id, kind, subject_id, role, created_at)
values (@board_id, @kind, @subject_id, @role, @now)
on conflict (board_id, kind, subject_id) do nothing;

-- name: DeleteAccess :exec
delete
from board_access
where board_id = @board_id
  and kind = @kind
  and subject_id = @subject_id;

-- name: ClearAccess :exec
delete
from board_access
where board_id = @board_id;

-- name: Visit :exec
insert into board_visits (board_id, user_id, opened_at)
values (@board_id, @user_id, @now)
on conflict (board_id, user_id) do update set opened_at = excluded.opened_at;

-- name: SaveContent :execrows
-- SaveContent keeps what was read off a document.
update boards
set element_count = @element_count, thumbnail_version = @thumbnail_version
where id = @id;

-- name: IndexText :exec
with new as (select @words::text as words)
update board_search
set text = @text, words = new.words::tsvector
from new
where board_id = @board_id;

-- name: Touch :exec
update boards
set updated_at = greatest(updated_at, @now::timestamptz), updated_by = @updated_by
where id = @id;

-- name: SaveThumbnail :exec
insert into board_thumbnails (board_id, version, svg)
values (@board_id, @version, @svg)
on conflict (board_id) do update set version = excluded.version, svg = excluded.svg;

-- name: Thumbnail :one
select version, svg
from board_thumbnails
where board_id = @board_id;

-- name: BoardFile :one
select board_id, id, object_key, content_type, bytes, width, height
from board_files
where board_id = @board_id
  and id = @id;

-- name: SmallPictures :many
select id, small
from board_files
where board_id = @board_id
  and id = any (@ids::text[]);

-- name: CountFiles :one
select count(*)
from board_files
where board_id = @board_id;

-- name: InsertFile :execrows
insert into board_files (board_id, id, object_key, content_type, bytes, width, height, small, uploaded_by, created_at, unreferenced_since)
values (@board_id, @id, @object_key, @content_type, @bytes, @width, @height, @small, @uploaded_by, @now, @now)
on conflict (board_id, id) do nothing;

-- name: CopyFiles :exec
-- CopyFiles lets another board point at the same objects. It waits for who is deleting them.
with source as (select *
                from board_files f
                where f.board_id = @from_id
                    for share)
insert
into board_files (board_id, id, object_key, content_type, bytes, width, height, small, uploaded_by, created_at, unreferenced_since)
select @to_id, s.id, s.object_key, s.content_type, s.bytes, s.width, s.height, s.small, s.uploaded_by, @now::timestamptz, @now::timestamptz
from source s;

-- name: MarkFiles :exec
-- MarkFiles notes since when files are on the board no more.
update board_files
set unreferenced_since = case when id = any (@on_board::text[]) then null else coalesce(unreferenced_since, @now::timestamptz) end
where board_id = @board_id
  and (unreferenced_since is null) <> (id = any (@on_board::text[]));

-- name: TouchFile :exec
-- TouchFile begins the time anew in which a file may lie on no board.
update board_files
set unreferenced_since = @now::timestamptz
where unreferenced_since is not null
  and board_id = @board_id
  and id = @id;

-- name: UnreferencedFiles :many
select board_id, id, object_key
from board_files
where unreferenced_since < @unreferenced_before::timestamptz
order by unreferenced_since
limit @row_limit
    for update skip locked;

-- name: DeleteFile :exec
delete
from board_files
where board_id = @board_id
  and id = @id;

-- name: FilesForUpdate :many
select id, object_key
from board_files
where board_id = @board_id
    for update;

-- name: ObjectsInUse :many
select distinct object_key
from board_files
where object_key = any (@object_keys::text[]);

-- name: IsActive :one
select exists (select from users where id = @id and disabled_at is null);

-- name: CompanyName :one
select name from company;

-- name: CreateCompany :execrows
insert into company (name) values ($1) on conflict do nothing;

-- name: CreateUser :exec
insert into users (id, name, login, email, password_hash, role, locale, sort_pinyin, sort_letters, search)
values (@id, @name, @login, sqlc.narg('email'), @password_hash, @role, @locale, @sort_pinyin, @sort_letters, array_to_tsvector(@lexemes::text[]));

-- name: ClaimLoginName :execrows
insert into login_names (key, user_id, kind) values ($1, $2, $3) on conflict (key) do nothing;

-- name: ReleaseLoginName :exec
delete from login_names where user_id = $1 and kind = $2;

-- name: UserForSignIn :one
select u.id, u.name, u.password_hash, u.role, u.locale, u.disabled_at
from login_names n join users u on u.id = n.user_id
where n.key = $1;

-- name: User :one
select id, name, login, email, role, locale, avatar_version, created_at, disabled_at from users where id = $1;

-- name: UserForUpdate :one
select id, name, login, email, role, locale, avatar_version, created_at, disabled_at from users where id = $1 for update;

-- name: PasswordHash :one
select password_hash from users where id = $1 and disabled_at is null;

-- name: SetPasswordHash :exec
update users set password_hash = $2 where id = $1;

-- name: RehashPassword :exec
update users set password_hash = @new_hash where id = @id and password_hash = @old_hash;

-- name: SetProfile :exec
update users
set name = @name, locale = @locale, email = sqlc.narg('email'),
    sort_pinyin = @sort_pinyin, sort_letters = @sort_letters, search = array_to_tsvector(@lexemes::text[])
where id = @id;

-- name: SetRole :exec
update users set role = $2 where id = $1;

-- name: SetDisabled :exec
update users set disabled_at = case when @disabled::boolean then coalesce(disabled_at, now()) end where id = @id;

-- name: SetAvatarVersion :one
update users new set avatar_version = sqlc.narg('version')
from users old
where new.id = @id and old.id = new.id
returning old.avatar_version;

-- name: AvatarIs :one
select exists (select from users where id = $1 and avatar_version = @version::text);

-- name: LockActiveOwners :many
select id from users where role = 'owner' and disabled_at is null order by id for update;

-- name: DepartmentsOfUser :many
select d.id, d.name, m.is_primary
from department_members m join departments d on d.id = m.department_id
where m.user_id = $1
order by m.is_primary desc, d.sort_pinyin;

-- name: CreateSession :exec
insert into sessions (id, user_id, token_hash, address, user_agent, expires_at)
values ($1, $2, $3, $4, $5, $6);

-- name: SessionByToken :one
select s.id, s.user_id, s.last_seen_at, s.expires_at, u.name, u.role, u.locale
from sessions s join users u on u.id = s.user_id
where s.token_hash = $1 and s.expires_at > now() and u.disabled_at is null;

-- name: TouchSession :exec
update sessions
set last_seen_at = now(), expires_at = @expires_at, address = @address
where id = @id and last_seen_at = @seen_before;

-- name: SessionsOfUser :many
select id, address, user_agent, created_at, last_seen_at
from sessions
where user_id = $1 and expires_at > now()
order by last_seen_at desc, id
limit 200;

-- name: DeleteSession :execrows
delete from sessions where id = $1 and user_id = $2;

-- name: DeleteSessionsOfUser :exec
delete from sessions where user_id = $1;

-- name: DeleteOtherSessions :many
delete from sessions where user_id = $1 and id <> $2 returning id;

-- name: DeleteOldestSessions :exec
delete from sessions
where id in (select s.id from sessions s where s.user_id = @user_id order by s.last_seen_at desc, s.id offset @keep);

-- name: CreateAccessToken :one
insert into access_tokens (id, user_id, name, token_hash, scopes, expires_at)
values (@id, @user_id, @name, @token_hash, @scopes, sqlc.narg('expires_at'))
returning created_at;

-- name: CountAccessTokens :one
select count(*) from access_tokens where user_id = $1;

-- name: AccessTokensOfUser :many
select id, name, scopes, created_at, expires_at, last_used_at
from access_tokens where user_id = $1
order by created_at desc, id;

-- name: AccessTokenByHash :one
select t.id, t.user_id, t.scopes, t.expires_at, t.last_used_at, u.name, u.role, u.locale
from access_tokens t join users u on u.id = t.user_id
where t.token_hash = $1 and (t.expires_at is null or t.expires_at > now()) and u.disabled_at is null;

-- name: TouchAccessToken :exec
update access_tokens set last_used_at = now()
where id = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute');

-- name: DeleteAccessToken :execrows
delete from access_tokens where id = $1 and user_id = $2;

-- name: CreateInvitation :one
insert into invitations (id, token_hash, email, role, department_ids, created_by, expires_at)
values (@id, @token_hash, sqlc.narg('email'), @role, @department_ids, @created_by, @expires_at)
returning created_at;

-- name: OpenInvitations :many
select i.id, i.email, i.role, i.department_ids, i.created_at, i.expires_at, i.created_by, u.name as creator_name
from invitations i join users u on u.id = i.created_by
where i.expires_at > now()
order by i.created_at desc, i.id
limit 500;

-- name: InvitationByToken :one
select i.email, u.name as creator_name, c.name as company_name
from invitations i join users u on u.id = i.created_by cross join company c
where i.token_hash = $1 and i.expires_at > now()
  and u.disabled_at is null and (u.role = 'owner' or (u.role = 'admin' and i.role <> 'owner'));

-- name: UseInvitation :one
-- Void when who made it could not make it now.
delete from invitations i using users u
where i.token_hash = $1 and i.expires_at > now() and u.id = i.created_by
  and u.disabled_at is null and (u.role = 'owner' or (u.role = 'admin' and i.role <> 'owner'))
returning i.id, i.role, i.department_ids, i.created_by;

-- name: InvitationRole :one
select role from invitations where id = $1;

-- name: DeleteInvitation :execrows
delete from invitations where id = $1;

-- name: PutPasswordLink :exec
insert into password_links (id, user_id, token_hash, created_by, expires_at)
values ($1, $2, $3, $4, $5)
on conflict (user_id) do update
set id = excluded.id, token_hash = excluded.token_hash, created_by = excluded.created_by, expires_at = excluded.expires_at;

-- name: PasswordLinkByToken :one
select u.id, u.name, u.login, c.name as company_name
from password_links l join users u on u.id = l.user_id cross join company c
where l.token_hash = $1 and l.expires_at > now() and u.disabled_at is null;

-- name: UsePasswordLink :one
delete from password_links where token_hash = $1 and expires_at > now()
returning user_id;

-- name: DeletePasswordLinkOfUser :exec
delete from password_links where user_id = $1;

-- name: CreateGuest :exec
insert into guest_sessions (id, meeting_id, name, locale, token_hash, expires_at)
values ($1, $2, $3, $4, $5, $6);

-- name: GuestByToken :one
select id, meeting_id, name, locale, expires_at from guest_sessions
where token_hash = $1 and expires_at > now();

-- name: DeleteGuestsOfMeeting :exec
delete from guest_sessions where meeting_id = $1;

-- name: AddEvent :exec
insert into account_events (id, kind, user_id, actor_id, address, detail)
values (@id, @kind, sqlc.narg('user_id'), sqlc.narg('actor_id'), @address, @detail);

-- name: CleanSessions :execrows
delete from sessions where expires_at <= now();

-- name: CleanAccessTokens :execrows
delete from access_tokens where expires_at <= now() - interval '30 days';

-- name: CleanInvitations :execrows
delete from invitations where expires_at <= now();

-- name: CleanPasswordLinks :execrows
delete from password_links where expires_at <= now();

-- name: CleanGuests :execrows
delete from guest_sessions where expires_at <= now();

-- name: CleanEvents :execrows
delete from account_events where at < @before;

-- name: ExistingDepartments :many
select d.id from unnest(@ids::uuid[]) with ordinality as wanted(id, place) join departments d on d.id = wanted.id
order by wanted.place;

-- name: Cards :many
select u.id, u.name, u.email, u.avatar_version, d.name as department
from users u
left join department_members m on m.user_id = u.id and m.is_primary
left join departments d on d.id = m.department_id
where u.id = any(@ids::uuid[]);

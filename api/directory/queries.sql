-- name: CompanyName :one
select name from company;

-- name: RenameCompany :execrows
update company set name = $1;

-- name: LockDepartments :exec
lock table departments in share row exclusive mode;

-- name: Departments :many
select d.id, d.parent_id, d.name, d.sort,
       (select count(*) from department_members m join users u on u.id = m.user_id and u.disabled_at is null
        where m.department_id = d.id) as member_count
from departments d
order by d.sort, case when @letters::boolean then d.sort_letters else d.sort_pinyin end, d.id;

-- name: Department :one
select id, parent_id, name, sort from departments where id = $1;

-- name: DepartmentParents :many
select id, parent_id from departments;

-- name: CreateDepartment :exec
insert into departments (id, parent_id, name, name_key, sort, sort_pinyin, sort_letters)
values (@id, sqlc.narg('parent_id'), @name, @name_key, @sort, @sort_pinyin, @sort_letters);

-- name: UpdateDepartment :exec
update departments
set parent_id = sqlc.narg('parent_id'), name = @name, name_key = @name_key, sort = @sort,
    sort_pinyin = @sort_pinyin, sort_letters = @sort_letters
where id = @id;

-- name: MoveChildren :exec
update departments set parent_id = sqlc.narg('target') where parent_id = @id;

-- name: CopyMembers :exec
insert into department_members (department_id, user_id)
select @target::uuid, m.user_id from department_members m where m.department_id = @id
on conflict do nothing;

-- name: RemoveMembers :exec
delete from department_members where department_id = $1;

-- name: RestorePrimaries :exec
update department_members m set is_primary = true
from (
    select distinct on (a.user_id) a.user_id, a.department_id from department_members a
    where not exists (select from department_members p where p.user_id = a.user_id and p.is_primary)
    order by a.user_id, a.department_id
) chosen
where m.user_id = chosen.user_id and m.department_id = chosen.department_id;

-- name: CountMembers :one
select count(*) from department_members where department_id = $1;

-- name: CountChildren :one
select count(*) from departments where parent_id = @id::uuid;

-- name: DeleteDepartment :execrows
delete from departments where id = $1;

-- name: CountExisting :one
select count(*) from departments where id = any(@ids::uuid[]);

-- name: ClearMemberships :exec
delete from department_members where user_id = $1;

-- name: AddMembership :exec
insert into department_members (department_id, user_id, is_primary) values ($1, $2, $3);

-- name: PeopleByPinyin :many
select u.id, u.name, u.login, u.email, u.role, u.avatar_version, u.sort_pinyin as sort_key, (u.disabled_at is not null)::boolean as disabled
from users u
where (u.disabled_at is null or @see_disabled::boolean)
  and (@query::text = '' or u.search @@ (@query::text)::tsquery)
  and (cardinality(@department_ids::uuid[]) = 0
       or exists (select from department_members m where m.user_id = u.id and m.department_id = any(@department_ids::uuid[])))
  and (u.sort_pinyin, u.id) > (@after_key::text, @after_id::uuid)
order by u.sort_pinyin, u.id
limit @max_rows;

-- name: PeopleByLetters :many
select u.id, u.name, u.login, u.email, u.role, u.avatar_version, u.sort_letters as sort_key, (u.disabled_at is not null)::boolean as disabled
from users u
where (u.disabled_at is null or @see_disabled::boolean)
  and (@query::text = '' or u.search @@ (@query::text)::tsquery)
  and (cardinality(@department_ids::uuid[]) = 0
       or exists (select from department_members m where m.user_id = u.id and m.department_id = any(@department_ids::uuid[])))
  and (u.sort_letters, u.id) > (@after_key::text, @after_id::uuid)
order by u.sort_letters, u.id
limit @max_rows;

-- name: DepartmentsOf :many
select m.user_id, d.id, d.name, m.is_primary
from department_members m join departments d on d.id = m.department_id
where m.user_id = any(@user_ids::uuid[])
order by m.user_id, m.is_primary desc, d.sort_pinyin;

package directory

import (
	"context"
	"errors"
	"fmt"

	"parley/api/directory/directorydb"
	"parley/internal/authz"
	"parley/internal/fault"
	"parley/internal/names"
	"parley/internal/search"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const maxDepartments = 2000

// Department is one place in the tree.
type Department struct {
	ID          uuid.UUID  `json:"id" format:"uuid"`
	ParentID    *uuid.UUID `json:"parentId,omitempty" format:"uuid" doc:"Absent at the top."`
	Name        string     `json:"name"`
	Sort        int        `json:"sort" doc:"Order among siblings, then by name."`
	MemberCount int        `json:"memberCount" doc:"People directly in it, without disabled ones."`
}

// Departments lists all departments in the reader's order: siblings by sort,
// then by name.
func (s *Service) Departments(ctx context.Context, p authz.Principal) ([]Department, error) {
	rows, err := s.db.Departments(ctx, byLetters(p))
	if err != nil {
		return nil, err
	}
	list := make([]Department, 0, len(rows))
	for _, r := range rows {
		list = append(list, Department{ID: r.ID, ParentID: r.ParentID, Name: r.Name, Sort: int(r.Sort), MemberCount: int(r.MemberCount)})
	}
	return list, nil
}

// byLetters is how a reader of English sorts; of Chinese, by pinyin.
func byLetters(p authz.Principal) bool { return p.Locale == "en" }

// DepartmentChange holds what shall be different; nil stays.
type DepartmentChange struct {
	Name     *string
	Sort     *int
	ParentID *uuid.UUID // uuid.Nil: to the top
}

// AddDepartment makes a department; parentID uuid.Nil puts it at the top.
func (s *Service) AddDepartment(ctx context.Context, name string, parentID uuid.UUID, sort int) (Department, error) {
	name, err := names.Clean(name)
	if err != nil {
		return Department{}, err
	}
	d := Department{ID: newID(), ParentID: orNil(parentID), Name: name, Sort: sort}
	err = s.changeTree(ctx, func(db *directorydb.Queries, t tree) error {
		if len(t) >= maxDepartments {
			return fault.LimitReached.With(map[string]any{"max": maxDepartments})
		}
		if err := t.move(d.ID, parentID); err != nil {
			return err
		}
		keys := search.Name(name)
		return db.CreateDepartment(ctx, directorydb.CreateDepartmentParams{
			ID: d.ID, ParentID: d.ParentID, Name: name, NameKey: search.Fold(name), Sort: int32(sort), // bounded by the request's schema
			SortPinyin: keys.SortPinyin, SortLetters: keys.SortLetters,
		})
	})
	return d, err
}

// EditDepartment renames, sorts or moves a department.
func (s *Service) EditDepartment(ctx context.Context, id uuid.UUID, c DepartmentChange) (Department, error) {
	var d Department
	err := s.changeTree(ctx, func(db *directorydb.Queries, t tree) error {
		row, err := db.Department(ctx, id)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.DepartmentNotFound
		}
		if err != nil {
			return err
		}
		d = Department{ID: id, ParentID: row.ParentID, Name: row.Name, Sort: int(row.Sort)}
		if err := d.apply(c, t); err != nil {
			return err
		}
		keys := search.Name(d.Name)
		err = db.UpdateDepartment(ctx, directorydb.UpdateDepartmentParams{
			ID: id, ParentID: d.ParentID, Name: d.Name, NameKey: search.Fold(d.Name), Sort: int32(d.Sort), // bounded by the request's schema
			SortPinyin: keys.SortPinyin, SortLetters: keys.SortLetters,
		})
		if err != nil {
			return err
		}
		members, err := db.CountMembers(ctx, id)
		d.MemberCount = int(members)
		return err
	})
	return d, err
}

func (d *Department) apply(c DepartmentChange, t tree) (err error) {
	if c.Name != nil {
		if d.Name, err = names.Clean(*c.Name); err != nil {
			return err
		}
	}
	if c.Sort != nil {
		d.Sort = *c.Sort
	}
	if c.ParentID != nil {
		d.ParentID = orNil(*c.ParentID)
		return t.move(d.ID, *c.ParentID)
	}
	return nil
}

// DeleteDepartment removes a department. One that is not empty stays, unless
// target says where its people and sub-departments go: another department, or
// uuid.Nil for the top, which only sub-departments can go to.
func (s *Service) DeleteDepartment(ctx context.Context, id uuid.UUID, target *uuid.UUID) error {
	return s.changeTree(ctx, func(db *directorydb.Queries, t tree) error {
		if _, ok := t[id]; !ok {
			return fault.DepartmentNotFound
		}
		if target != nil {
			if err := empty(ctx, db, t, id, *target); err != nil {
				return err
			}
		}
		_, err := db.DeleteDepartment(ctx, id)
		if violates(err, foreignKeyViolation) {
			return fault.DepartmentNotEmpty
		}
		return err
	})
}

// empty moves everything of id to target.
func empty(ctx context.Context, db *directorydb.Queries, t tree, id, target uuid.UUID) error {
	for child, parent := range t {
		if parent == id {
			if err := t.move(child, target); err != nil {
				return err
			}
		}
	}
	if _, ok := t[target]; target != uuid.Nil && !ok {
		return fault.DepartmentNotFound
	}
	if target == id {
		return fault.DepartmentCycle
	}
	if err := db.MoveChildren(ctx, directorydb.MoveChildrenParams{ID: &id, Target: orNil(target)}); err != nil {
		return err
	}
	if target == uuid.Nil {
		return nil
	}
	if err := db.CopyMembers(ctx, directorydb.CopyMembersParams{ID: id, Target: target}); err != nil {
		return err
	}
	if err := db.RemoveMembers(ctx, id); err != nil {
		return err
	}
	return db.RestorePrimaries(ctx)
}

// changeTree runs f alone among all changes of the tree.
func (s *Service) changeTree(ctx context.Context, f func(db *directorydb.Queries, t tree) error) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		db := s.db.WithTx(tx)
		if err := db.LockDepartments(ctx); err != nil {
			return fmt.Errorf("lock departments: %w", err)
		}
		rows, err := db.DepartmentParents(ctx)
		if err != nil {
			return err
		}
		t := make(tree, len(rows))
		for _, r := range rows {
			t[r.ID] = uuid.Nil
			if r.ParentID != nil {
				t[r.ID] = *r.ParentID
			}
		}
		return f(db, t)
	})
	if violates(err, uniqueViolation) {
		return fault.NameTaken.Wrap(err)
	}
	return err
}

func orNil(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

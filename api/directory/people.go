package directory

import (
	"context"
	"encoding/base64"
	"strings"

	"parley/api"
	"parley/api/directory/directorydb"
	"parley/internal/authz"
	"parley/internal/fault"
	"parley/internal/search"

	"github.com/google/uuid"
)

// Person is somebody as colleagues see them.
type Person struct {
	ID          uuid.UUID          `json:"id" format:"uuid"`
	Name        string             `json:"name"`
	Login       string             `json:"login"`
	Email       string             `json:"email,omitempty"`
	Role        authz.Role         `json:"role" enum:"owner,admin,member"`
	AvatarURL   string             `json:"avatarUrl,omitempty"`
	Departments []PersonDepartment `json:"departments" doc:"The primary one first."`
	Disabled    bool               `json:"disabled" doc:"Only admins see people who are."`
}

// PersonDepartment is a department that somebody is in.
type PersonDepartment struct {
	ID   uuid.UUID `json:"id" format:"uuid"`
	Name string    `json:"name"`
}

// PeopleQuery says which people to list.
type PeopleQuery struct {
	Text         string    // beginnings of name, login, pinyin or initials; empty: everybody
	DepartmentID uuid.UUID // with what is below it; uuid.Nil: all
	Cursor       string    // of the page before
	Limit        int
}

// People lists who p may see, by name, and the cursor of the next page, empty
// on the last one.
func (s *Service) People(ctx context.Context, p authz.Principal, q PeopleQuery) ([]Person, string, error) {
	text := search.Query(q.Text)
	if text == "" && strings.TrimSpace(q.Text) != "" {
		return []Person{}, "", nil
	}
	after, err := decodeCursor(q.Cursor)
	if err != nil {
		return nil, "", err
	}
	departments, err := s.withBelow(ctx, q.DepartmentID)
	if err != nil {
		return nil, "", err
	}
	rows, err := s.page(ctx, byLetters(p), directorydb.PeopleByPinyinParams{
		SeeDisabled: authz.Can(p, authz.SeeDisabledPeople), Query: text, DepartmentIds: departments,
		AfterKey: after.key, AfterID: after.id, MaxRows: int32(q.Limit + 1), // bounded by the request's schema
	})
	if err != nil {
		return nil, "", err
	}
	next := ""
	if len(rows) > q.Limit {
		rows = rows[:q.Limit]
		last := rows[len(rows)-1]
		next = cursor{last.SortKey, last.ID}.encode()
	}
	people, err := s.withDepartments(ctx, rows)
	return people, next, err
}

// withBelow is a department and what is below it; nothing for uuid.Nil.
func (s *Service) withBelow(ctx context.Context, id uuid.UUID) ([]uuid.UUID, error) {
	if id == uuid.Nil {
		return []uuid.UUID{}, nil
	}
	rows, err := s.db.DepartmentParents(ctx)
	if err != nil {
		return nil, err
	}
	t := make(tree, len(rows))
	for _, r := range rows {
		t[r.ID] = uuid.Nil
		if r.ParentID != nil {
			t[r.ID] = *r.ParentID
		}
	}
	if _, ok := t[id]; !ok {
		return nil, fault.DepartmentNotFound
	}
	return t.below(id), nil
}

func (s *Service) page(ctx context.Context, letters bool, q directorydb.PeopleByPinyinParams) ([]directorydb.PeopleByPinyinRow, error) {
	if !letters {
		return s.db.PeopleByPinyin(ctx, q)
	}
	rows, err := s.db.PeopleByLetters(ctx, directorydb.PeopleByLettersParams(q))
	if err != nil {
		return nil, err
	}
	list := make([]directorydb.PeopleByPinyinRow, len(rows))
	for i, r := range rows {
		list[i] = directorydb.PeopleByPinyinRow(r)
	}
	return list, nil
}

func (s *Service) withDepartments(ctx context.Context, rows []directorydb.PeopleByPinyinRow) ([]Person, error) {
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	memberships, err := s.db.DepartmentsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	of := map[uuid.UUID][]PersonDepartment{}
	for _, m := range memberships {
		of[m.UserID] = append(of[m.UserID], PersonDepartment{ID: m.ID, Name: m.Name})
	}
	list := make([]Person, 0, len(rows))
	for _, r := range rows {
		person := Person{
			ID: r.ID, Name: r.Name, Login: r.Login, Role: authz.Role(r.Role),
			AvatarURL: api.AvatarURL(r.ID, r.AvatarVersion), Departments: of[r.ID], Disabled: r.Disabled,
		}
		if person.Departments == nil {
			person.Departments = []PersonDepartment{}
		}
		if r.Email != nil {
			person.Email = *r.Email
		}
		list = append(list, person)
	}
	return list, nil
}

// cursor is the place after the last row of a page.
type cursor struct {
	key string
	id  uuid.UUID
}

func (c cursor) encode() string {
	return base64.RawURLEncoding.EncodeToString(append(c.id[:], c.key...))
}

func decodeCursor(s string) (c cursor, err error) {
	if s == "" {
		return c, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) < len(c.id) || strings.ContainsRune(string(b[len(c.id):]), 0) {
		return c, fault.Invalid("query.cursor", "is not a cursor of this list")
	}
	copy(c.id[:], b)
	c.key = strings.ToValidUTF8(string(b[len(c.id):]), "")
	return c, nil
}

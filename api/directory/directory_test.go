package directory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"parley/api"
	"parley/internal/authz"
	"parley/internal/fault"
	"parley/internal/postgres/pgtest"
	"parley/internal/search"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var (
	admin     = authz.Principal{Kind: authz.User, Role: authz.Admin, Locale: "zh-CN"}
	member    = authz.Principal{Kind: authz.User, Role: authz.Member, Locale: "zh-CN"}
	anglophon = authz.Principal{Kind: authz.User, Role: authz.Member, Locale: "en"}
)

type world struct {
	t    *testing.T
	pool *pgxpool.Pool
	s    *Service
	api  *api.API
	who  authz.Principal
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, pool: pgtest.Pool(t), who: admin}
	w.s = New(w.pool)
	w.api = api.New(api.Config{Authenticate: func(*http.Request) (authz.Principal, error) { return w.who, nil }})
	Register(w.api, w.s)
	w.exec("insert into company (name) values ('Parley')")
	return w
}

func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.pool.Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatal(err)
	}
}

// person makes an account as api/identity does.
func (w *world) person(name, login string, departments ...uuid.UUID) uuid.UUID {
	w.t.Helper()
	id, keys := newID(), search.Name(name, login)
	w.exec(`insert into users (id, name, login, password_hash, role, locale, sort_pinyin, sort_letters, search)
		values ($1, $2, $3, '', 'member', 'en', $4, $5, array_to_tsvector($6::text[]))`, id, name, login, keys.SortPinyin, keys.SortLetters, keys.Lexemes)
	w.assign(id, departments...)
	return id
}

func (w *world) assign(id uuid.UUID, departments ...uuid.UUID) {
	w.t.Helper()
	err := pgx.BeginFunc(w.t.Context(), w.pool, func(tx pgx.Tx) error { return w.s.Assign(w.t.Context(), tx, id, departments) })
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) department(name string, parent uuid.UUID) uuid.UUID {
	w.t.Helper()
	d, err := w.s.AddDepartment(w.t.Context(), name, parent, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	return d.ID
}

func (w *world) do(method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/api/v1"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	w.api.ServeHTTP(rec, r)
	return rec
}

// names lists the people a query finds.
func (w *world) names(p authz.Principal, q PeopleQuery) []string {
	w.t.Helper()
	if q.Limit == 0 {
		q.Limit = 100
	}
	people, _, err := w.s.People(w.t.Context(), p, q)
	if err != nil {
		w.t.Fatal(err)
	}
	list := []string{}
	for _, person := range people {
		list = append(list, person.Name)
	}
	return list
}

func TestSearchPeople(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"张伟", "章子怡", "欧阳娜娜", "曾国藩", "Alice Wang", "Zoë Müller", "王芳"} {
		w.person(name, "login"+fmt.Sprintf("%x", name))
	}
	w.person("Bob", "robert@example.com")
	cases := map[string][]string{
		"":              {"Alice Wang", "Bob", "欧阳娜娜", "王芳", "曾国藩", "张伟", "章子怡", "Zoë Müller"},
		"zhang":         {"张伟", "章子怡"},
		"zw":            {"张伟"},
		"ZW":            {"张伟"},
		"伟":             {"张伟"},
		"张伟":            {"张伟"},
		"zeng":          {"曾国藩"},
		"oynn":          {"欧阳娜娜"},
		"wang":          {"Alice Wang", "王芳"},
		"alice w":       {"Alice Wang"},
		"muller":        {"Zoë Müller"},
		"robert@exampl": {"Bob"},
		"nobody":        {},
		"!!!":           {},
		"'":             {},
		"a\x00b":        {},
		"x & | ! y":     {},
	}
	for q, want := range cases {
		if got := w.names(member, PeopleQuery{Text: q}); !slices.Equal(got, want) {
			t.Errorf("%q finds %q, want %q", q, got, want)
		}
	}
	want := []string{"Alice Wang", "Bob", "Zoë Müller", "欧阳娜娜", "王芳", "曾国藩", "张伟", "章子怡"}
	if got := w.names(anglophon, PeopleQuery{}); !slices.Equal(got, want) {
		t.Errorf("by letters: %q", got)
	}
}

func TestPages(t *testing.T) {
	w := newWorld(t)
	for i := range 25 {
		w.person("张伟", fmt.Sprint("same", i))
		w.person(fmt.Sprint("Person ", i), fmt.Sprint("other", i))
	}
	for _, p := range []authz.Principal{member, anglophon} {
		seen := map[uuid.UUID]bool{}
		cursor, pages := "", 0
		for {
			people, next, err := w.s.People(t.Context(), p, PeopleQuery{Limit: 7, Cursor: cursor})
			if err != nil {
				t.Fatal(err)
			}
			for _, person := range people {
				if seen[person.ID] {
					t.Errorf("%s comes twice", person.Login)
				}
				seen[person.ID] = true
			}
			if pages++; next == "" {
				break
			}
			cursor = next
		}
		if len(seen) != 50 || pages != 8 {
			t.Errorf("%d people on %d pages", len(seen), pages)
		}
	}
	for _, bad := range []string{"x", "AAAA", "!!", strings.Repeat("A", 200)} {
		if rec := w.do("GET", "/people?cursor="+bad, ""); rec.Code != 422 && bad != strings.Repeat("A", 200) {
			t.Errorf("cursor %q: %d", bad, rec.Code)
		} else if rec.Code == 500 {
			t.Errorf("cursor %q: %s", bad, rec.Body)
		}
	}
}

func TestDisabledPeopleAreForAdmins(t *testing.T) {
	w := newWorld(t)
	sales := w.department("Sales", uuid.Nil)
	w.person("Here", "here", sales)
	gone := w.person("Gone", "gone", sales)
	w.exec("update users set disabled_at = now() where id = $1", gone)
	for _, q := range []PeopleQuery{{}, {Text: "go"}, {DepartmentID: sales}} {
		if slices.Contains(w.names(member, q), "Gone") {
			t.Errorf("a member sees a disabled person: %+v", q)
		}
		if !slices.Contains(w.names(admin, q), "Gone") {
			t.Errorf("an admin does not: %+v", q)
		}
	}
	list, err := w.s.Departments(t.Context(), member)
	if err != nil || list[0].MemberCount != 1 {
		t.Errorf("departments %+v, %v", list, err)
	}
}

func TestPeopleOfDepartment(t *testing.T) {
	w := newWorld(t)
	company := w.department("Company", uuid.Nil)
	sales := w.department("Sales", company)
	it := w.department("IT", company)
	w.person("Seller", "seller", sales)
	w.person("Both", "both", it, sales)
	w.person("Nobody", "nobody")
	cases := map[uuid.UUID][]string{company: {"Both", "Seller"}, sales: {"Both", "Seller"}, it: {"Both"}, uuid.Nil: {"Both", "Nobody", "Seller"}}
	for department, want := range cases {
		if got := w.names(member, PeopleQuery{DepartmentID: department}); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	people, _, err := w.s.People(t.Context(), member, PeopleQuery{Text: "both", Limit: 1})
	if err != nil || len(people) != 1 || len(people[0].Departments) != 2 || people[0].Departments[0].ID != it {
		t.Errorf("%+v, %v", people, err)
	}
	if _, _, err := w.s.People(t.Context(), member, PeopleQuery{DepartmentID: newID()}); !errors.Is(err, fault.DepartmentNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestDepartments(t *testing.T) {
	w := newWorld(t)
	top := w.department("总部", uuid.Nil)
	sales := w.department("销售部", top)
	ctx := t.Context()
	if _, err := w.s.AddDepartment(ctx, " 销售部 ", top, 0); !errors.Is(err, fault.NameTaken) {
		t.Errorf("same name among siblings: %v", err)
	}
	if _, err := w.s.AddDepartment(ctx, "总部", uuid.Nil, 0); !errors.Is(err, fault.NameTaken) {
		t.Errorf("same name at the top: %v", err)
	}
	if _, err := w.s.AddDepartment(ctx, "x", newID(), 0); !errors.Is(err, fault.DepartmentNotFound) {
		t.Errorf("below nobody: %v", err)
	}
	deep := w.department("销售部", sales)
	name, sort := "Sales", 7
	d, err := w.s.EditDepartment(ctx, deep, DepartmentChange{Name: &name, Sort: &sort, ParentID: &top})
	if err != nil || d.Name != "Sales" || d.Sort != 7 || *d.ParentID != top {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err := w.s.EditDepartment(ctx, top, DepartmentChange{ParentID: &sales}); !errors.Is(err, fault.DepartmentCycle) {
		t.Errorf("cycle: %v", err)
	}
	if _, err := w.s.EditDepartment(ctx, newID(), DepartmentChange{Name: &name}); !errors.Is(err, fault.DepartmentNotFound) {
		t.Errorf("nobody: %v", err)
	}
	taken := "销售部"
	if _, err := w.s.EditDepartment(ctx, deep, DepartmentChange{Name: &taken}); !errors.Is(err, fault.NameTaken) {
		t.Errorf("renamed to a sibling's name: %v", err)
	}
	list, err := w.s.Departments(ctx, member)
	if err != nil || len(list) != 3 || list[2].ID != deep {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestDeleteDepartment(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	a, b := w.department("A", uuid.Nil), w.department("B", uuid.Nil)
	child := w.department("C", a)
	one, both := w.person("One", "one", a), w.person("Both", "both", a, b)
	if err := w.s.DeleteDepartment(ctx, a, nil); !errors.Is(err, fault.DepartmentNotEmpty) {
		t.Errorf("not empty: %v", err)
	}
	for _, target := range []uuid.UUID{child, a} {
		if err := w.s.DeleteDepartment(ctx, a, &target); !errors.Is(err, fault.DepartmentCycle) {
			t.Errorf("into itself: %v", err)
		}
	}
	nowhere := newID()
	if err := w.s.DeleteDepartment(ctx, a, &nowhere); !errors.Is(err, fault.DepartmentNotFound) {
		t.Errorf("to nowhere: %v", err)
	}
	if err := w.s.DeleteDepartment(ctx, a, new(uuid.UUID)); !errors.Is(err, fault.DepartmentNotEmpty) {
		t.Errorf("people to the top: %v", err)
	}
	if err := w.s.DeleteDepartment(ctx, a, &b); err != nil {
		t.Fatal(err)
	}
	if err := w.s.DeleteDepartment(ctx, a, &b); !errors.Is(err, fault.DepartmentNotFound) {
		t.Errorf("twice: %v", err)
	}
	var primaries int
	err := w.pool.QueryRow(ctx, "select count(*) from department_members where department_id = $1 and is_primary and user_id = any($2)", b, []uuid.UUID{one, both}).Scan(&primaries)
	if err != nil || primaries != 2 {
		t.Errorf("%d primaries, %v", primaries, err)
	}
	list, err := w.s.Departments(ctx, member)
	if err != nil || len(list) != 2 || list[0].MemberCount != 2 || *list[1].ParentID != b {
		t.Errorf("%+v, %v", list, err)
	}
	if err := w.s.DeleteDepartment(ctx, child, nil); err != nil {
		t.Errorf("an empty one: %v", err)
	}
}

func TestConcurrentMovesMakeNoCycle(t *testing.T) {
	w := newWorld(t)
	for round := range 10 {
		a, b := w.department(fmt.Sprint("A", round), uuid.Nil), w.department(fmt.Sprint("B", round), uuid.Nil)
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for i, move := range [][2]uuid.UUID{{a, b}, {b, a}} {
			wg.Go(func() {
				_, errs[i] = w.s.EditDepartment(context.WithoutCancel(t.Context()), move[0], DepartmentChange{ParentID: &move[1]})
			})
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("round %d: %v, %v", round, errs[0], errs[1])
		}
	}
}

func TestHandlers(t *testing.T) {
	w := newWorld(t)
	rec := w.do("POST", "/departments", `{"name":"Sales"}`)
	var d Department
	if err := json.Unmarshal(rec.Body.Bytes(), &d); err != nil || rec.Code != 200 {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	steps := []struct {
		method, path, body string
		status             int
		contains           string
	}{
		{"POST", "/departments", `{"name":"Team","parentId":"` + d.ID.String() + `","sort":3}`, 200, `"sort":3`},
		{"POST", "/departments", `{"name":""}`, 422, "validation"},
		{"POST", "/departments", `{"name":"Sales"}`, 409, "nameTaken"},
		{"PATCH", "/departments/" + d.ID.String(), `{"name":"Verkauf"}`, 200, "Verkauf"},
		{"PATCH", "/departments/" + d.ID.String(), `{"parentId":"` + uuid.Nil.String() + `"}`, 200, "Verkauf"},
		{"DELETE", "/departments/" + d.ID.String(), "", 409, "departmentNotEmpty"},
		{"DELETE", "/departments/" + d.ID.String() + "?moveTo=x", "", 422, "validation"},
		{"DELETE", "/departments/" + d.ID.String() + "?moveTo=" + uuid.Nil.String(), "", 204, ""},
		{"GET", "/departments", "", 200, `"name":"Team"`},
		{"GET", "/people?q=nobody", "", 200, `{"items":[]}`},
		{"GET", "/people?limit=0", "", 422, "validation"},
		{"GET", "/people?departmentId=x", "", 422, "validation"},
		{"GET", "/people?departmentId=" + d.ID.String(), "", 404, "departmentNotFound"},
		{"PATCH", "/company", `{"name":" Neue  Firma "}`, 200, `"Neue Firma"`},
		{"PATCH", "/company", `{"name":"\u202e"}`, 422, "nameInvalid"},
		{"GET", "/company", "", 200, `"Neue Firma"`},
	}
	for _, step := range steps {
		rec := w.do(step.method, step.path, step.body)
		if rec.Code != step.status || !strings.Contains(rec.Body.String(), step.contains) {
			t.Errorf("%s %s %s: %d %s", step.method, step.path, step.body, rec.Code, rec.Body)
		}
	}
}

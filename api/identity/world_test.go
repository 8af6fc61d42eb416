package identity

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"parley/api"
	"parley/internal/authz"
	"parley/internal/fault"
	"parley/internal/objectstore"
	"parley/internal/postgres/pgtest"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const goodPassword = "correct horse battery"

// memberships is the least of a directory: rows, and no rules but the keys.
type memberships struct{}

func (memberships) Assign(ctx context.Context, tx pgx.Tx, userID uuid.UUID, ids []uuid.UUID) error {
	if _, err := tx.Exec(ctx, "delete from department_members where user_id = $1", userID); err != nil {
		return err
	}
	for i, id := range ids {
		_, err := tx.Exec(ctx, "insert into department_members values ($1, $2, $3)", id, userID, i == 0)
		if err != nil {
			return fault.DepartmentNotFound.Wrap(err)
		}
	}
	return nil
}

// world is a company on a real database, behind the real API.
type world struct {
	t     *testing.T
	pool  *pgxpool.Pool
	s     *Service
	api   *api.API
	owner *browser
}

func newWorld(t *testing.T, change ...func(*Config)) *world {
	t.Helper()
	w := emptyWorld(t, change...)
	_, err := w.s.Found(t.Context(), "Parley 公司", NewPerson{Name: "Olivia Owner", Login: "olivia", Password: goodPassword, Locale: "en"}, api.Client{})
	if err != nil {
		t.Fatal(err)
	}
	w.owner = w.signIn("olivia", goodPassword)
	return w
}

func emptyWorld(t *testing.T, change ...func(*Config)) *world {
	t.Helper()
	cfg := Config{PublicURL: "https://meet.example.com", Password: cheap, Modules: []string{"meetings"}}
	for _, c := range change {
		c(&cfg)
	}
	objects, err := objectstore.OpenDirectory(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = objects.Close() })
	w := &world{t: t, pool: pgtest.Pool(t)}
	if w.s, err = New(cfg, w.pool, memberships{}, objects, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	w.api = api.New(api.Config{Authenticate: w.s.Authenticate, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	Register(w.api, w.s)
	return w
}

// add makes a person and signs them in.
func (w *world) add(login string, role authz.Role) *browser {
	w.t.Helper()
	id, err := w.s.AddPerson(w.t.Context(), NewPerson{Name: "Person " + login, Login: login, Password: goodPassword, Role: role, Locale: "en"})
	if err != nil {
		w.t.Fatal(err)
	}
	b := w.signIn(login, goodPassword)
	b.id = id
	return b
}

func (w *world) signIn(login, password string) *browser {
	w.t.Helper()
	b := &browser{world: w}
	r := b.do("POST", "/sessions", SignInRequest{Login: login, Password: password})
	r.want(200)
	var me Me
	r.into(&me)
	b.id = me.User.ID
	return b
}

func (w *world) count(sql string, args ...any) (n int) {
	w.t.Helper()
	if err := w.pool.QueryRow(w.t.Context(), sql, args...).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.pool.Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatal(err)
	}
}

// browser keeps cookies.
type browser struct {
	world   *world
	id      uuid.UUID
	cookies map[string]*http.Cookie
	bearer  string
	address string
	agent   string
}

func (b *browser) request(method, path string, body any) *http.Request {
	var content io.Reader
	if raw, ok := body.([]byte); ok {
		content = bytes.NewReader(raw)
	} else if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			b.world.t.Fatal(err)
		}
		content = bytes.NewReader(encoded)
	}
	r := httptest.NewRequestWithContext(b.world.t.Context(), method, "/api/v1"+path, content)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", b.agent)
	r.RemoteAddr = "203.0.113.9:4711"
	if b.address != "" {
		r.RemoteAddr = b.address + ":4711"
	}
	for _, c := range b.cookies {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	if b.bearer != "" {
		r.Header.Set("Authorization", "Bearer "+b.bearer)
	}
	return r
}

func (b *browser) do(method, path string, body any) *response {
	w := httptest.NewRecorder()
	b.world.api.ServeHTTP(w, b.request(method, path, body))
	for _, c := range w.Result().Cookies() {
		if b.cookies == nil {
			b.cookies = map[string]*http.Cookie{}
		}
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c
		}
	}
	return &response{ResponseRecorder: w, t: b.world.t, call: method + " " + path}
}

func (b *browser) me() (me Me) {
	b.world.t.Helper()
	r := b.do("GET", "/me", nil)
	r.want(200)
	r.into(&me)
	return me
}

type response struct {
	*httptest.ResponseRecorder
	t    *testing.T
	call string
}

func (r *response) want(status int) {
	r.t.Helper()
	if r.Code != status {
		r.t.Fatalf("%s: %d %s, want %d", r.call, r.Code, r.Body, status)
	}
}

func (r *response) wantFault(code fault.Code) {
	r.t.Helper()
	if got := r.code(); got != code || r.Code != code.Info().Status {
		r.t.Fatalf("%s: %d %s, want %s", r.call, r.Code, r.Body, code)
	}
}

func (r *response) code() fault.Code {
	var p api.Problem
	if err := json.Unmarshal(r.Body.Bytes(), &p); err != nil {
		return fault.Code(fmt.Sprintf("no problem: %s", r.Body))
	}
	return p.Code
}

func (r *response) into(v any) {
	r.t.Helper()
	if err := json.Unmarshal(r.Body.Bytes(), v); err != nil {
		r.t.Fatalf("%s: %v in %s", r.call, err, r.Body)
	}
}

// department makes one behind the directory's back.
func (w *world) department(name string) uuid.UUID {
	w.t.Helper()
	id := newID()
	w.exec("insert into departments (id, name, name_key, sort_pinyin, sort_letters) values ($1, $2, $2, $2, $2)", id, name)
	return id
}

// age moves the times of all sessions into the past.
func (w *world) age(by time.Duration) {
	w.t.Helper()
	w.exec("update sessions set last_seen_at = last_seen_at - $1::interval, expires_at = expires_at - $1::interval", by)
	w.s.known = newCredentialCache()
}

func lastPart(url string) string { return url[strings.LastIndexAny(url, "/#")+1:] }

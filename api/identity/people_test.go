package identity

import (
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/google/uuid"
)

func ids(list ...uuid.UUID) []uuid.UUID { return list }

func (b *browser) update(target *browser, change map[string]any) *response {
	return b.do("PATCH", "/users/"+target.id.String(), change)
}

func TestRights(t *testing.T) {
	w := newWorld(t)
	admin, member, other := w.add("admin", authz.Admin), w.add("member", authz.Member), w.add("other", authz.Member)
	member.update(other, map[string]any{"role": "admin"}).wantFault(fault.Forbidden)
	admin.update(other, map[string]any{"role": "owner"}).wantFault(fault.Forbidden)
	admin.update(w.owner, map[string]any{"role": "member"}).wantFault(fault.Forbidden)
	admin.update(w.owner, map[string]any{"disabled": true}).wantFault(fault.Forbidden)
	admin.update(admin, map[string]any{"role": "owner"}).wantFault(fault.Forbidden)
	w.owner.update(w.owner, map[string]any{"role": "member"}).wantFault(fault.LastOwner)
	w.owner.update(w.owner, map[string]any{"disabled": true}).wantFault(fault.LastOwner)
	w.owner.do("PATCH", "/users/"+newID().String(), map[string]any{"role": "admin"}).wantFault(fault.PersonNotFound)
	w.owner.do("PATCH", "/users/no-id", map[string]any{"role": "admin"}).wantFault(fault.Validation)

	admin.update(other, map[string]any{"role": "admin"}).want(200)
	if me := other.me(); me.User.Role != authz.Admin {
		t.Errorf("role %s", me.User.Role)
	}
	other.update(admin, map[string]any{"role": "member"}).want(200)
	admin.update(other, map[string]any{"role": "member"}).wantFault(fault.Forbidden)
	w.owner.update(other, map[string]any{"role": "owner"}).want(200)
	w.owner.update(w.owner, map[string]any{"role": "admin"}).want(200)
	if n := w.count("select count(*) from account_events where kind = 'rightsChanged'"); n != 4 {
		t.Errorf("%d changes recorded", n)
	}
}

func TestDisable(t *testing.T) {
	var ended []uuid.UUID
	w := newWorld(t, func(c *Config) { c.OnRevoked = func(user, _ uuid.UUID) { ended = append(ended, user) } })
	alice := w.add("alice", authz.Member)
	program := alice.token(authz.ScopeDirectoryRead)
	program.me()
	w.owner.update(alice, map[string]any{"disabled": true}).want(200)
	alice.do("GET", "/me", nil).wantFault(fault.Unauthenticated)
	program.do("GET", "/me", nil).wantFault(fault.Unauthenticated)
	if len(ended) != 1 || ended[0] != alice.id {
		t.Errorf("told about %v", ended)
	}
	w.owner.do("POST", "/users/"+alice.id.String()+"/password-link", nil).wantFault(fault.PersonNotFound)
	w.owner.update(alice, map[string]any{"disabled": false}).want(200)
	alice.do("GET", "/me", nil).wantFault(fault.Unauthenticated)
	w.signIn("alice", goodPassword)
	program.me()
}

func TestDepartmentsOfPerson(t *testing.T) {
	w := newWorld(t)
	a, b := w.department("A"), w.department("B")
	w.owner.do("PATCH", "/users/"+w.owner.id.String(), map[string]any{"departmentIds": ids(b, a)}).want(200)
	if got := w.owner.me().User.Departments; len(got) != 2 || got[0].ID != b {
		t.Errorf("departments %+v", got)
	}
	w.owner.do("PATCH", "/users/"+w.owner.id.String(), map[string]any{"departmentIds": ids(newID())}).wantFault(fault.DepartmentNotFound)
	w.owner.do("PATCH", "/users/"+w.owner.id.String(), map[string]any{"departmentIds": []string{}}).want(200)
	if got := w.owner.me().User.Departments; len(got) != 0 {
		t.Errorf("departments %+v", got)
	}
}

func TestOwnersCannotAllLeaveAtOnce(t *testing.T) {
	w := newWorld(t)
	second := w.add("second", authz.Member)
	for round := range 5 {
		w.exec("update users set role = 'owner'")
		w.s.known = newCredentialCache()
		var wg sync.WaitGroup
		change := func(by, target *browser) {
			wg.Go(func() {
				w.api.ServeHTTP(httptest.NewRecorder(), by.request("PATCH", "/users/"+target.id.String(), map[string]any{"role": "member"}))
			})
		}
		change(w.owner, w.owner)
		change(w.owner, second)
		change(second, second)
		change(second, w.owner)
		wg.Wait()
		if n := w.count("select count(*) from users where role = 'owner' and disabled_at is null"); n != 1 {
			t.Fatalf("round %d: %d owners left", round, n)
		}
	}
}

func TestPasswordLink(t *testing.T) {
	w := newWorld(t)
	admin, alice := w.add("admin", authz.Admin), w.add("alice", authz.Member)
	link := func(by, target *browser) (l PasswordLink) {
		r := by.do("POST", "/users/"+target.id.String()+"/password-link", nil)
		r.want(200)
		r.into(&l)
		return l
	}
	admin.do("POST", "/users/"+w.owner.id.String()+"/password-link", nil).wantFault(fault.Forbidden)
	alice.do("POST", "/users/"+alice.id.String()+"/password-link", nil).wantFault(fault.Forbidden)
	first, second := link(admin, alice), link(w.owner, alice)
	if !strings.HasPrefix(second.URL, "https://meet.example.com/reset/") {
		t.Errorf("url %q", second.URL)
	}
	b := &browser{world: w}
	b.do("GET", "/password-resets/"+lastPart(first.URL), nil).wantFault(fault.ResetLinkInvalid)
	var preview PasswordResetPreview
	b.do("GET", "/password-resets/"+lastPart(second.URL), nil).into(&preview)
	if preview.Login != "alice" || preview.Name != "Person alice" {
		t.Errorf("preview %+v", preview)
	}
	reset := func(password string) *response {
		return b.do("POST", "/password-resets/"+lastPart(second.URL), PasswordResetRequest{Password: password})
	}
	reset("alice12345").wantFault(fault.WeakPassword)
	reset("a whole new password").want(204)
	reset("a whole new password").wantFault(fault.ResetLinkInvalid)
	alice.do("GET", "/me", nil).wantFault(fault.Unauthenticated)
	w.signIn("alice", "a whole new password")

	expired := link(w.owner, alice)
	w.exec("update password_links set expires_at = now()")
	b.do("POST", "/password-resets/"+lastPart(expired.URL), PasswordResetRequest{Password: goodPassword}).wantFault(fault.ResetLinkInvalid)
}

// token makes a program that acts for b.
func (b *browser) token(scopes ...authz.Scope) *browser {
	b.world.t.Helper()
	r := b.do("POST", "/tokens", TokenRequest{Name: "Program", Scopes: scopes})
	r.want(200)
	var made NewToken
	r.into(&made)
	return &browser{world: b.world, id: made.ID, bearer: made.Secret}
}

func TestTokens(t *testing.T) {
	w := newWorld(t)
	program := w.owner.token(authz.ScopeDirectoryRead, authz.ScopeDirectoryRead)
	if !strings.HasPrefix(program.bearer, "pat_") {
		t.Errorf("token %q", program.bearer)
	}
	if w.count("select count(*) from access_tokens where token_hash = $1", []byte(program.bearer)) != 0 {
		t.Error("the token is stored as it is")
	}
	me := program.me()
	if me.User.ID != w.owner.id {
		t.Errorf("acts for %s", me.User.ID)
	}
	for _, p := range me.Permissions {
		if p != authz.ReadDirectory && p != authz.ReadAvatars && p != authz.ReadProfile {
			t.Errorf("may %s", p)
		}
	}
	program.do("PATCH", "/me", map[string]any{"name": "x"}).wantFault(fault.Forbidden)
	program.do("POST", "/invitations", InvitationRequest{Role: authz.Member}).wantFault(fault.Forbidden)
	program.do("POST", "/tokens", TokenRequest{Name: "x", Scopes: []authz.Scope{authz.ScopeAdmin}}).wantFault(fault.Forbidden)
	w.owner.token(authz.ScopeAdmin).do("POST", "/invitations", InvitationRequest{Role: authz.Owner}).wantFault(fault.Forbidden)

	var list TokenList
	w.owner.do("GET", "/tokens", nil).into(&list)
	if len(list.Items) != 2 || list.Items[1].LastUsedAt == nil || len(list.Items[1].Scopes) != 1 {
		t.Errorf("tokens %+v", list.Items)
	}
	alice := w.add("alice", authz.Member)
	alice.do("DELETE", "/tokens/"+program.id.String(), nil).wantFault(fault.NotFound)
	w.owner.do("DELETE", "/tokens/"+program.id.String(), nil).want(204)
	program.do("GET", "/me", nil).wantFault(fault.Unauthenticated)
	program.do("GET", "/setup", nil).wantFault(fault.Unauthenticated)
}

func TestTokenLimits(t *testing.T) {
	w := newWorld(t)
	for _, body := range []map[string]any{
		{"name": "x", "scopes": []string{}},
		{"name": "x", "scopes": []string{"everything"}},
		{"name": "x", "scopes": []string{"admin"}, "expiresAt": "2020-01-01T00:00:00Z"},
	} {
		w.owner.do("POST", "/tokens", body).wantFault(fault.Validation)
	}
	program := w.owner.token(authz.ScopeDirectoryRead)
	program.me()
	w.exec("update access_tokens set expires_at = now()")
	w.s.known = newCredentialCache()
	program.do("GET", "/me", nil).wantFault(fault.Unauthenticated)
	for range maxTokens - 1 {
		w.owner.token(authz.ScopeDirectoryRead)
	}
	w.owner.do("POST", "/tokens", TokenRequest{Name: "x", Scopes: []authz.Scope{authz.ScopeAdmin}}).wantFault(fault.LimitReached)
	for _, header := range []string{"Basic b2xpdmlhOng=", "Bearer", "Bearer pat_short", "Bearer " + strings.Repeat("x", 47)} {
		r := (&browser{world: w}).request("GET", "/setup", nil)
		r.Header.Set("Authorization", header)
		rec := httptest.NewRecorder()
		w.api.ServeHTTP(rec, r)
		if rec.Code != 401 {
			t.Errorf("%q: %d", header, rec.Code)
		}
	}
}

func TestCards(t *testing.T) {
	w := newWorld(t)
	sales, it := w.department("Sales"), w.department("IT")
	alice, bob := w.add("alice@example.com", authz.Member), w.add("bob", authz.Member)
	alice.do("PATCH", "/me", map[string]any{"email": "alice@example.com"}).want(200)
	alice.do("PUT", "/me/avatar", pngOf(t, quarters(8, 8))).want(200)
	w.owner.do("PATCH", "/users/"+alice.id.String(), map[string]any{"departmentIds": ids(it, sales), "disabled": true}).want(200)
	cards, err := w.s.People(t.Context(), ids(alice.id, bob.id, newID()))
	if err != nil || len(cards) != 2 {
		t.Fatalf("%+v, %v", cards, err)
	}
	if c := cards[alice.id]; c.Email != "alice@example.com" || c.Department != "IT" || !strings.HasPrefix(c.AvatarURL, "/api/v1/avatars/") || c.ID != alice.id {
		t.Errorf("card %+v", c)
	}
	if c := cards[bob.id]; c != (Card{ID: bob.id, Name: "Person bob"}) {
		t.Errorf("card %+v", c)
	}
	if cards, err := w.s.People(t.Context(), nil); err != nil || len(cards) != 0 {
		t.Errorf("%+v, %v", cards, err)
	}
}

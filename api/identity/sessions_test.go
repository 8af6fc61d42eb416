package identity

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/api"
	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/google/uuid"
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func TestListAndEndSessions(t *testing.T) {
	var told []uuid.UUID
	w := newWorld(t, func(c *Config) {
		c.OnRevoked = func(_, session uuid.UUID) { told = append(told, session) }
	})
	phone := &browser{world: w, address: "198.51.100.7", agent: "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36"}
	phone.do("POST", "/sessions", SignInRequest{Login: "olivia", Password: goodPassword}).want(200)
	stranger := w.add("stranger", authz.Member)

	var list SessionList
	r := w.owner.do("GET", "/sessions", nil)
	r.want(200)
	r.into(&list)
	if len(list.Items) != 2 {
		t.Fatalf("%d sessions", len(list.Items))
	}
	i := slices.IndexFunc(list.Items, func(s Session) bool { return !s.Current })
	other := list.Items[i]
	if other.Device != "Chrome on Android" || other.Address != "198.51.100.7" || !list.Items[1-i].Current {
		t.Errorf("sessions are %+v", list.Items)
	}
	stranger.do("DELETE", "/sessions/"+other.ID.String(), nil).wantFault(fault.NotFound)
	phone.me()
	w.owner.do("DELETE", "/sessions/"+other.ID.String(), nil).want(204)
	phone.do("GET", "/me", nil).wantFault(fault.Unauthenticated)
	if !slices.Contains(told, other.ID) {
		t.Error("nobody was told to close connections")
	}
	w.owner.me()
}

func TestSessionsSlide(t *testing.T) {
	w := newWorld(t)
	w.age(29 * 24 * time.Hour)
	w.owner.me()
	if n := w.count("select count(*) from sessions where last_seen_at > now() - interval '1 minute' and expires_at > now() + interval '29 days'"); n != 1 {
		t.Error("use does not prolong it")
	}
	w.age(31 * 24 * time.Hour)
	w.owner.do("GET", "/me", nil).wantFault(fault.Unauthenticated)
	w.owner.do("GET", "/setup", nil).want(200)
	if err := w.s.Clean(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := w.count("select count(*) from sessions"); n != 0 {
		t.Errorf("%d expired sessions stay", n)
	}
}

func TestLastSeenIsWrittenOnceAMinute(t *testing.T) {
	w := newWorld(t)
	w.owner.me()
	before := w.count("select xmin::text::int from sessions")
	for range 5 {
		w.s.known = newCredentialCache()
		w.owner.me()
	}
	if w.count("select xmin::text::int from sessions") != before {
		t.Error("each request writes")
	}
	w.age(2 * time.Minute)
	before = w.count("select xmin::text::int from sessions")
	w.owner.me()
	if w.count("select xmin::text::int from sessions") == before {
		t.Error("nothing is written after a minute")
	}
}

func TestStrangeUserAgents(t *testing.T) {
	w := newWorld(t)
	for _, agent := range []string{"\xff\xfe", strings.Repeat("张", 500)} {
		b := &browser{world: w, agent: agent}
		b.do("POST", "/sessions", SignInRequest{Login: "olivia", Password: goodPassword}).want(200)
	}
}

func TestNumberOfSessionsIsBounded(t *testing.T) {
	w := newWorld(t)
	for range maxSessions + 5 {
		if _, err := w.s.OpenSession(t.Context(), w.owner.id, api.Client{}); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.count("select count(*) from sessions"); n != maxSessions {
		t.Errorf("%d sessions", n)
	}
}

func TestChangePassword(t *testing.T) {
	ended := 0
	w := newWorld(t, func(c *Config) { c.OnRevoked = func(uuid.UUID, uuid.UUID) { ended++ } })
	alice := w.add("alice", authz.Member)
	other := w.signIn("alice", goodPassword)
	alice.do("POST", "/me/password", PasswordRequest{Current: "wrong", Next: "another horse battery"}).wantFault(fault.WrongPassword)
	alice.do("POST", "/me/password", PasswordRequest{Current: goodPassword, Next: "short"}).wantFault(fault.WeakPassword)
	other.me()
	alice.do("POST", "/me/password", PasswordRequest{Current: goodPassword, Next: "another horse battery"}).want(204)
	alice.me()
	other.do("GET", "/me", nil).wantFault(fault.Unauthenticated)
	if ended != 1 {
		t.Errorf("%d sessions ended", ended)
	}
	b := &browser{world: w}
	b.do("POST", "/sessions", SignInRequest{Login: "alice", Password: goodPassword}).wantFault(fault.WrongCredentials)
	w.signIn("alice", "another horse battery")
}

func TestChangePasswordIsLimited(t *testing.T) {
	w := newWorld(t)
	untilLimited(t, fault.WrongPassword, func() *response {
		return w.owner.do("POST", "/me/password", PasswordRequest{Current: "wrong", Next: "another horse battery"})
	})
	w.owner.do("POST", "/me/password", PasswordRequest{Current: goodPassword, Next: "another horse battery"}).wantFault(fault.RateLimited)
}

func TestProfile(t *testing.T) {
	w := newWorld(t)
	alice := w.add("alice", authz.Member)
	w.add("bob@example.com", authz.Member)
	alice.do("PATCH", "/me", map[string]any{"name": " 张  伟 ", "locale": "zh-CN", "email": "alice@example.com"}).want(200)
	if me := alice.me(); me.User.Name != "张 伟" || me.User.Locale != "zh-CN" || me.User.Email != "alice@example.com" {
		t.Errorf("me is %+v", me.User)
	}
	cases := []struct {
		change map[string]any
		want   fault.Code
	}{
		{map[string]any{"name": "  "}, fault.NameInvalid},
		{map[string]any{"name": "a\u202eb"}, fault.NameInvalid},
		{map[string]any{"locale": "fr"}, fault.Validation},
		{map[string]any{"email": "no address"}, fault.LoginInvalid},
		{map[string]any{"email": "BOB@example.com"}, fault.NameTaken},
		{map[string]any{"role": "owner"}, fault.Validation},
	}
	for _, c := range cases {
		alice.do("PATCH", "/me", c.change).wantFault(c.want)
	}
	if me := alice.me(); me.User.Email != "alice@example.com" {
		t.Errorf("a refused change left %q", me.User.Email)
	}
	alice.do("PATCH", "/me", map[string]any{"email": ""}).want(200)
	if me := alice.me(); me.User.Email != "" {
		t.Errorf("e-mail stays %q", me.User.Email)
	}
	w.add("alice@example.com", authz.Member)
}

func TestNobodySharesALogin(t *testing.T) {
	w := newWorld(t)
	w.add("alice", authz.Member)
	for _, n := range []NewPerson{
		{Name: "x", Login: "ALICE"},
		{Name: "x", Login: "ａｌｉｃｅ"},
		{Name: "x", Login: "carol", Email: "olivia@example.com"},
	} {
		if n.Email != "" {
			w.owner.do("PATCH", "/me", map[string]any{"email": n.Email}).want(200)
		}
		n.Password, n.Role = goodPassword, authz.Member
		_, err := w.s.AddPerson(t.Context(), n)
		if f := fault.From(err); f == nil || f.Code != fault.NameTaken {
			t.Errorf("%+v: %v", n, err)
		}
	}
	if n := w.count("select count(*) from users"); n != 2 {
		t.Errorf("%d users", n)
	}
}

func TestDeviceOf(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0":                                                       "Firefox on Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Edg/156.0":    "Edge on Windows",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15":           "Safari on macOS",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.50 NetType/WIFI": "WeChat on iPhone",
		"curl/8.0": "curl",
		"":         "",
	} {
		if got := deviceOf(agent); got != want {
			t.Errorf("%q: %q, want %q", agent, got, want)
		}
	}
}

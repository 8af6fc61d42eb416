package identity

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/api"
	"parley/internal/authz"
	"parley/internal/fault"
)

func TestSignIn(t *testing.T) {
	w := newWorld(t)
	b := w.add("Zhang.Wei", authz.Member)
	b.do("PATCH", "/me", map[string]any{"email": "Wei@Example.com"}).want(200)
	for _, typed := range []string{"zhang.wei", " ZHANG.WEI ", "ｚｈａｎｇ．ｗｅｉ", "wei@example.com", "WEI@EXAMPLE.COM"} {
		me := w.signIn(typed, goodPassword).me()
		if me.User.ID != b.id || me.User.Login != "Zhang.Wei" || me.User.Email != "Wei@Example.com" {
			t.Errorf("%q signs in %+v", typed, me.User)
		}
	}
	me := b.me()
	if me.Company.Name != "Parley 公司" || len(me.Modules) != 1 || len(me.Permissions) == 0 || me.User.Role != authz.Member || me.User.Departments == nil {
		t.Errorf("me is %+v", me)
	}
}

func TestCookieAttributes(t *testing.T) {
	for publicURL, secure := range map[string]bool{"https://meet.example.com": true, "http://localhost:8080": false} {
		w := newWorld(t, func(c *Config) { c.PublicURL = publicURL })
		c := w.owner.cookies[api.SessionCookie]
		if c == nil || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.Secure != secure || c.MaxAge < 30*24*3600 {
			t.Errorf("%s: cookie %+v", publicURL, c)
		}
		if n := w.count("select count(*) from sessions where token_hash = $1", []byte(c.Value)); n != 0 {
			t.Error("the cookie is stored as it is")
		}
		w.owner.do("DELETE", "/sessions/current", nil).want(204)
		if w.owner.cookies[api.SessionCookie] != nil {
			t.Error("signing out leaves the cookie")
		}
	}
}

func TestFailedSignInsAlike(t *testing.T) {
	w := newWorld(t)
	w.add("disabled", authz.Member)
	w.exec("update users set disabled_at = now() where login = 'disabled'")
	cases := []struct{ name, login, password string }{
		{"wrong password", "olivia", "not the password"},
		{"unknown account", "nobody", goodPassword},
		{"disabled account", "disabled", goodPassword},
		{"disabled account, wrong password", "disabled", "not the password"},
		{"no possible login", "\x00 ", goodPassword},
		{"empty", "", ""},
	}
	var first string
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			before := w.s.passwords.runs.Load()
			b := &browser{world: w}
			r := b.do("POST", "/sessions", SignInRequest{Login: c.login, Password: c.password})
			r.wantFault(fault.WrongCredentials)
			if ran := w.s.passwords.runs.Load() - before; ran != 1 {
				t.Errorf("%d hashes ran", ran)
			}
			if first == "" {
				first = r.Body.String()
			}
			if r.Body.String() != first || len(r.Result().Cookies()) != 0 {
				t.Errorf("the answer tells: %s", r.Body)
			}
		})
	}
}

func TestRehash(t *testing.T) {
	w := newWorld(t)
	dearer := Params{MemoryKiB: 128, Passes: 2, Threads: 1}
	w.s.passwords = newTestHasher(t, dearer)
	w.signIn("olivia", goodPassword)
	if n := w.count("select count(*) from users where password_hash like '$argon2id$v=19$m=128,t=2,p=1$%'"); n != 1 {
		t.Error("not rehashed")
	}
	before := w.s.passwords.runs.Load()
	w.signIn("olivia", goodPassword)
	if ran := w.s.passwords.runs.Load() - before; ran != 1 {
		t.Errorf("%d hashes ran", ran)
	}
}

func TestAttemptsAreLimited(t *testing.T) {
	t.Run("one account from one address", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a := newAttempts()
			here, there := addr("203.0.113.1"), addr("203.0.113.2")
			for i := range rateOfAccountAndAddress.Burst {
				if _, err := a.begin("alice", here); err != nil {
					t.Fatalf("attempt %d: %v", i, err)
				}
			}
			_, err := a.begin("alice", here)
			if f := fault.From(err); f == nil || f.Code != fault.RateLimited || f.Params["retryAfterSeconds"] != 20 {
				t.Fatalf("got %v", err)
			}
			if _, err := a.begin("bob", here); err != nil {
				t.Errorf("another account: %v", err)
			}
			if try, err := a.begin("alice", there); err != nil {
				t.Errorf("another address: %v", err)
			} else {
				try.right()
			}
			time.Sleep(20 * time.Second)
			if _, err := a.begin("alice", here); err != nil {
				t.Errorf("after the wait: %v", err)
			}
		})
	})
	t.Run("one account from everywhere", func(t *testing.T) {
		a := newAttempts()
		refused := 0
		for i := range 200 {
			if _, err := a.begin("alice", addr(fmt.Sprintf("203.0.113.%d", i))); err != nil {
				refused++
			}
		}
		if refused != 200-rateOfAccount.Burst {
			t.Errorf("%d of 200 refused", refused)
		}
	})
	t.Run("many accounts from one network", func(t *testing.T) {
		a := newAttempts()
		allowed := 0
		for i := range 1000 {
			if _, err := a.begin(fmt.Sprint("user", i), addr(fmt.Sprintf("2001:db8::%x", i))); err == nil {
				allowed++
			}
		}
		if allowed != rateOfAddress.Burst {
			t.Errorf("%d allowed", allowed)
		}
		if n := a.accounts.Len(); n > rateOfAddress.Burst {
			t.Errorf("made-up names cost the memory of %d keys", n)
		}
	})
	t.Run("right passwords do not count", func(t *testing.T) {
		a := newAttempts()
		for i := range 500 {
			try, err := a.begin("alice", addr("203.0.113.1"))
			if err != nil {
				t.Fatalf("sign-in %d: %v", i, err)
			}
			try.right()
		}
	})
}

func TestSignInIsLimitedOverHTTP(t *testing.T) {
	w := newWorld(t)
	b := &browser{world: w, address: "198.51.100.7"}
	untilLimited(t, fault.WrongCredentials, func() *response {
		return b.do("POST", "/sessions", SignInRequest{Login: "olivia", Password: "wrong"})
	})
	before := w.s.passwords.runs.Load()
	r := b.do("POST", "/sessions", SignInRequest{Login: "OLIVIA", Password: goodPassword})
	r.wantFault(fault.RateLimited)
	if r.Header().Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	if w.s.passwords.runs.Load() != before {
		t.Error("a refused attempt costs a hash")
	}
	untilLimited(t, fault.WrongCredentials, func() *response {
		return b.do("POST", "/sessions", SignInRequest{Login: "nobody", Password: "wrong"})
	})
}

// untilLimited tries as often as one may for an account, and then until it is too often: while a machine is slow there is
// another try every now and then.
func untilLimited(t *testing.T, wrong fault.Code, try func() *response) {
	t.Helper()
	for n := 0; ; n++ {
		r := try()
		if n >= rateOfAccountAndAddress.Burst && r.code() == fault.RateLimited {
			return
		}
		r.wantFault(wrong)
		if n == 100 {
			t.Fatal("never too often")
		}
	}
}

func TestLongPasswordsAreRefusedBeforeHashing(t *testing.T) {
	w := newWorld(t)
	before := w.s.passwords.runs.Load()
	b := &browser{world: w}
	b.do("POST", "/sessions", SignInRequest{Login: "olivia", Password: strings.Repeat("x", 257)}).wantFault(fault.Validation)
	if w.s.passwords.runs.Load() != before {
		t.Error("hashed")
	}
}

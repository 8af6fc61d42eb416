package identity

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"parley/api"
	"parley/internal/authz"
	"parley/internal/fault"
)

func TestGuest(t *testing.T) {
	w := newWorld(t)
	meeting := newID()
	id, shown, cookie, err := w.s.CreateGuest(t.Context(), meeting, "  Gast  Eins ", "de")
	if err != nil || shown != "Gast Eins" {
		t.Fatalf("%q, %v", shown, err)
	}
	if cookie.Name != api.GuestCookie || !cookie.HttpOnly || !cookie.Secure || cookie.SameSite != http.SameSiteLaxMode {
		t.Errorf("cookie %+v", cookie)
	}
	b := &browser{world: w, cookies: map[string]*http.Cookie{api.GuestCookie: &cookie}}
	who, err := w.s.Authenticate(b.request("GET", "/", nil))
	want := authz.Principal{Kind: authz.Guest, GuestID: id, MeetingID: meeting, Name: "Gast Eins", Locale: "en"}
	if err != nil || who.Key() != want.Key() || who.MeetingID != meeting || who.Name != want.Name || who.Locale != "en" || who.Kind != authz.Guest {
		t.Errorf("got %+v, %v", who, err)
	}
	b.do("GET", "/me", nil).wantFault(fault.Forbidden)

	b.do("POST", "/sessions", SignInRequest{Login: "olivia", Password: goodPassword}).want(200)
	if me := b.me(); me.User.ID != w.owner.id {
		t.Errorf("a person with a guest cookie is %+v", me.User)
	}
	b.do("DELETE", "/sessions/current", nil).want(204)
	if len(b.cookies) != 0 {
		t.Errorf("cookies stay: %v", b.cookies)
	}
}

func TestDismissGuests(t *testing.T) {
	w := newWorld(t)
	meeting := newID()
	guest := func(m [16]byte) *browser {
		_, _, cookie, err := w.s.CreateGuest(t.Context(), m, "Gast", "en")
		if err != nil {
			t.Fatal(err)
		}
		return &browser{world: w, cookies: map[string]*http.Cookie{api.GuestCookie: &cookie}}
	}
	kind := func(b *browser) authz.Kind {
		who, err := w.s.Authenticate(b.request("GET", "/", nil))
		if err != nil {
			t.Fatal(err)
		}
		return who.Kind
	}
	here, elsewhere, late := guest(meeting), guest(newID()), guest(newID())
	if kind(here) != authz.Guest || kind(elsewhere) != authz.Guest {
		t.Fatal("no guests")
	}
	if err := w.s.DismissGuests(t.Context(), meeting); err != nil {
		t.Fatal(err)
	}
	if kind(here) != authz.Anonymous || kind(elsewhere) != authz.Guest {
		t.Error("the wrong guests are dismissed")
	}
	w.exec("update guest_sessions set expires_at = now()")
	if kind(late) != authz.Anonymous {
		t.Error("an expired guest comes in")
	}
	if err := w.s.Clean(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := w.count("select count(*) from guest_sessions"); n != 0 {
		t.Errorf("%d expired guests stay", n)
	}
}

func TestGuestsAreLimited(t *testing.T) {
	w := newWorld(t)
	for n := 0; ; n++ {
		_, _, _, err := w.s.CreateGuest(t.Context(), newID(), "Gast", "en")
		if n >= rateOfGuests.Burst && errors.Is(err, fault.RateLimited) {
			return
		}
		if err != nil || n == 1000 {
			t.Fatalf("guest %d: %v", n, err)
		}
	}
}

func TestRevocationByAnotherNode(t *testing.T) {
	w := newWorld(t)
	w.owner.me()
	w.exec("delete from sessions")
	w.owner.me()
	for hash, e := range w.s.known.entries {
		e.expires = e.expires.Add(-cacheTTL)
		w.s.known.entries[hash] = e
	}
	w.owner.do("GET", "/me", nil).wantFault(fault.Unauthenticated)
}

func TestCacheForgetsWhatWasReadBeforeARevocation(t *testing.T) {
	c := newCredentialCache()
	who := authz.Principal{Kind: authz.User, UserID: newID()}
	_, _, epoch := c.get([]byte("a"))
	c.dropUser(who.UserID)
	c.put([]byte("a"), who, time.Now().Add(time.Hour), epoch)
	if _, ok, _ := c.get([]byte("a")); ok {
		t.Error("an old answer is remembered")
	}
	_, _, epoch = c.get([]byte("a"))
	c.put([]byte("a"), who, time.Now().Add(-time.Second), epoch)
	if _, ok, _ := c.get([]byte("a")); ok {
		t.Error("an expired session is remembered")
	}
	for i := range maxCached + 10 {
		c.put([]byte{byte(i), byte(i >> 8), byte(i >> 16)}, who, time.Now().Add(time.Hour), epoch)
	}
	if len(c.entries) > maxCached {
		t.Errorf("%d entries", len(c.entries))
	}
}

package identity

import (
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"parley/api"
	"parley/internal/authz"
	"parley/internal/fault"
)

func setupRequest(token, login string) SetupRequest {
	return SetupRequest{Token: token, CompanyName: "示例公司", NewAccount: NewAccount{Name: "Olivia", Login: login, Password: goodPassword, Locale: "zh-CN"}}
}

func TestSetup(t *testing.T) {
	w := emptyWorld(t)
	b := &browser{world: w}
	var state SetupState
	b.do("GET", "/setup", nil).into(&state)
	if !state.Needed || state.CompanyName != "" {
		t.Errorf("before: %+v", state)
	}
	token, needed, err := w.s.SetupToken(t.Context())
	if err != nil || !needed || !strings.HasSuffix(w.s.SetupURL(token), "/setup#"+token) {
		t.Fatalf("token %q, %v, %v", token, needed, err)
	}
	b.do("POST", "/sessions", SignInRequest{Login: "olivia", Password: goodPassword}).wantFault(fault.WrongCredentials)
	b.do("POST", "/setup", setupRequest("guess", "olivia")).wantFault(fault.SetupLinkInvalid)
	weak := setupRequest(token, "olivia")
	weak.Password = "1234567890"
	b.do("POST", "/setup", weak).wantFault(fault.WeakPassword)
	b.do("POST", "/setup", setupRequest(token, "olivia")).want(200)
	me := b.me()
	if me.User.Role != authz.Owner || me.Company.Name != "示例公司" || me.User.Locale != "zh-CN" {
		t.Errorf("me is %+v", me)
	}
	b.do("POST", "/setup", setupRequest(token, "second")).wantFault(fault.SetupDone)
	b.do("POST", "/setup", setupRequest("", "second")).wantFault(fault.SetupDone)
	b.do("GET", "/setup", nil).into(&state)
	if state.Needed || state.CompanyName != "示例公司" {
		t.Errorf("after: %+v", state)
	}
	if _, needed, err := w.s.SetupToken(t.Context()); needed || err != nil {
		t.Errorf("still needed: %v, %v", needed, err)
	}
}

func TestConcurrentSetup(t *testing.T) {
	w := emptyWorld(t)
	token, _, err := w.s.SetupToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const tries = 8
	codes := make([]int, tries)
	var wg sync.WaitGroup
	for i := range tries {
		wg.Go(func() {
			rec := httptest.NewRecorder()
			w.api.ServeHTTP(rec, (&browser{world: w}).request("POST", "/setup", setupRequest(token, "owner"+string(rune('a'+i)))))
			codes[i] = rec.Code
		})
	}
	wg.Wait()
	done := 0
	for _, c := range codes {
		switch c {
		case 200:
			done++
		case 409:
		default:
			t.Errorf("status %d", c)
		}
	}
	if done != 1 || w.count("select count(*) from users") != 1 || w.count("select count(*) from sessions") != 1 {
		t.Errorf("%d of %d succeeded, %d users", done, tries, w.count("select count(*) from users"))
	}
}

func (w *world) invite(b *browser, req InvitationRequest) NewInvitationLink {
	w.t.Helper()
	r := b.do("POST", "/invitations", req)
	r.want(200)
	var link NewInvitationLink
	r.into(&link)
	return link
}

func TestInvitation(t *testing.T) {
	w := newWorld(t)
	sales, it := w.department("Sales"), w.department("IT")
	link := w.invite(w.owner, InvitationRequest{Email: "New@Example.com", Role: authz.Admin, DepartmentIDs: ids(it, sales)})
	if !strings.HasPrefix(link.URL, "https://meet.example.com/invite/") {
		t.Errorf("url %q", link.URL)
	}
	if d := link.ExpiresAt.Sub(link.CreatedAt).Hours(); d < 167 || d > 169 {
		t.Errorf("expires after %v hours", d)
	}
	token := lastPart(link.URL)
	b := &browser{world: w}
	var preview InvitationPreview
	b.do("GET", "/invitations/by-token/"+token, nil).into(&preview)
	if preview != (InvitationPreview{CompanyName: "Parley 公司", InviterName: "Olivia Owner", Email: "New@Example.com"}) {
		t.Errorf("preview %+v", preview)
	}
	w.exec("delete from departments where id = $1", sales)
	account := NewAccount{Name: "新人", Login: "olivia", Password: goodPassword, Locale: "zh-CN"}
	b.do("POST", "/invitations/by-token/"+token+"/accept", account).wantFault(fault.NameTaken)
	account.Login = "newbie"
	b.do("POST", "/invitations/by-token/"+token+"/accept", account).want(200)
	me := b.me()
	if me.User.Role != authz.Admin || len(me.User.Departments) != 1 || me.User.Departments[0].Name != "IT" {
		t.Errorf("me is %+v", me.User)
	}
	account.Login = "second"
	b.do("POST", "/invitations/by-token/"+token+"/accept", account).wantFault(fault.InvitationInvalid)
	b.do("GET", "/invitations/by-token/"+token, nil).wantFault(fault.InvitationInvalid)
}

func TestInvitationLimits(t *testing.T) {
	w := newWorld(t)
	admin := w.add("admin", authz.Admin)
	admin.do("POST", "/invitations", InvitationRequest{Role: authz.Owner}).wantFault(fault.Forbidden)
	admin.do("POST", "/invitations", InvitationRequest{Role: authz.Member, DepartmentIDs: ids(newID())}).wantFault(fault.DepartmentNotFound)
	admin.do("POST", "/invitations", map[string]any{"role": "king"}).wantFault(fault.Validation)
	admin.do("POST", "/invitations", InvitationRequest{Role: authz.Member, Email: "nonsense"}).wantFault(fault.LoginInvalid)

	accept := func(l NewInvitationLink) *response {
		account := NewAccount{Name: "x", Login: "late", Password: goodPassword, Locale: "en"}
		return (&browser{world: w}).do("POST", "/invitations/by-token/"+lastPart(l.URL)+"/accept", account)
	}
	expired := w.invite(admin, InvitationRequest{Role: authz.Member})
	w.exec("update invitations set expires_at = now() where id = $1", expired.ID)
	accept(expired).wantFault(fault.InvitationInvalid)

	withdrawn := w.invite(admin, InvitationRequest{Role: authz.Member})
	var list InvitationList
	w.owner.do("GET", "/invitations", nil).into(&list)
	if len(list.Items) != 1 || list.Items[0].ID != withdrawn.ID || list.Items[0].InviterName != "Person admin" {
		t.Errorf("open invitations: %+v", list.Items)
	}
	w.owner.do("DELETE", "/invitations/"+withdrawn.ID.String(), nil).want(204)
	w.owner.do("DELETE", "/invitations/"+withdrawn.ID.String(), nil).wantFault(fault.NotFound)
	accept(withdrawn).wantFault(fault.InvitationInvalid)

	orphan := w.invite(admin, InvitationRequest{Role: authz.Admin})
	w.owner.do("PATCH", "/users/"+admin.id.String(), map[string]any{"role": "member"}).want(200)
	accept(orphan).wantFault(fault.InvitationInvalid)
	(&browser{world: w}).do("POST", "/invitations/by-token/x/accept", NewAccount{Name: "x", Login: "xx", Password: goodPassword, Locale: "en"}).wantFault(fault.InvitationInvalid)
}

func TestConcurrentAccept(t *testing.T) {
	w := newWorld(t)
	link := w.invite(w.owner, InvitationRequest{Role: authz.Member})
	codes := make([]int, 8)
	var wg sync.WaitGroup
	for i := range codes {
		wg.Go(func() {
			rec := httptest.NewRecorder()
			account := NewAccount{Name: "x", Login: "user" + string(rune('a'+i)), Password: goodPassword, Locale: "en"}
			w.api.ServeHTTP(rec, (&browser{world: w}).request("POST", "/invitations/by-token/"+lastPart(link.URL)+"/accept", account))
			codes[i] = rec.Code
		})
	}
	wg.Wait()
	accepted := 0
	for _, c := range codes {
		if c == 200 {
			accepted++
		} else if c != 404 {
			t.Errorf("status %d", c)
		}
	}
	if accepted != 1 || w.count("select count(*) from users") != 2 {
		t.Errorf("%d accepted", accepted)
	}
}

func TestSetUpNeedsNoDirectory(t *testing.T) {
	w := emptyWorld(t)
	if _, err := w.s.Found(t.Context(), " ", NewPerson{Name: "x", Login: "xx", Password: goodPassword}, api.Client{}); fault.From(err).Code != fault.NameInvalid {
		t.Errorf("got %v", err)
	}
	if w.count("select count(*) from company") != 0 {
		t.Error("a failed set-up leaves a company")
	}
}

package chat

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"parley/api"
	"parley/internal/authz"
)

// TestOverHTTP goes through the operations as clients call them.
func TestOverHTTP(t *testing.T) {
	w := newWorld(t)
	ada := w.member("Ada", full)
	readOnly := ada
	readOnly.Kind, readOnly.Scopes = authz.Token, []authz.Scope{authz.ScopeChatRead}
	var who authz.Principal
	a := api.New(api.Config{Authenticate: func(*http.Request) (authz.Principal, error) { return who, nil }})
	Register(a, w.Service)
	ask := func(p authz.Principal, method, path, body string) (int, string) {
		t.Helper()
		who = p
		r := httptest.NewRequest(method, "/api/v1"+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		rec := httptest.NewRecorder()
		a.ServeHTTP(rec, r)
		return rec.Code, rec.Body.String()
	}
	room := "/conversations/" + w.conversation.String()
	status, body := ask(ada, "POST", room+"/messages", `{"clientId":"`+newID().String()+`","text":"hello"}`)
	var m Message
	if err := json.Unmarshal([]byte(body), &m); err != nil || status != 201 || m.Text != "hello" {
		t.Fatalf("%d %s %v", status, body, err)
	}
	escaped := strings.Repeat(`\u4f60`, 8000)
	cases := []struct {
		name               string
		p                  authz.Principal
		method, path, body string
		status             int
		want               string
	}{
		{"conversation", ada, "GET", room, "", 200, `"selfId":"` + ada.UserID.String()},
		{"newest", ada, "GET", room + "/messages", "", 200, `"hasMore":false`},
		{"after", ada, "GET", room + "/messages?after=0&limit=1", "", 200, m.ID.String()},
		{"both ends", ada, "GET", room + "/messages?after=0&before=4", "", 422, `"validation"`},
		{"changes", ada, "GET", room + "/changes?after=0", "", 200, `"changeSeq":1`},
		{"changes after what", ada, "GET", room + "/changes", "", 422, `"validation"`},
		{"react", ada, "PUT", "/messages/" + m.ID.String() + "/reactions/" + url.PathEscape("👍🏽"), "", 200, `"mine":true`},
		{"react with a word", ada, "PUT", "/messages/" + m.ID.String() + "/reactions/yes", "", 422, `"validation"`},
		{"take back", ada, "DELETE", "/messages/" + m.ID.String() + "/reactions/" + url.PathEscape("👍🏽"), "", 200, `"reactions":[]`},
		{"read", ada, "PUT", room + "/read", `{"seq":1}`, 200, `{"seq":1}`},
		{"longest text, escaped", ada, "POST", room + "/messages", `{"clientId":"` + newID().String() + `","text":"` + escaped + `"}`, 201, ""},
		{"longer", ada, "POST", room + "/messages", `{"clientId":"` + newID().String() + `","text":"` + escaped + `x"}`, 413, `"messageTooLarge"`},
		{"no client id", ada, "POST", room + "/messages", `{"text":"x"}`, 422, `"validation"`},
		{"program that may read", readOnly, "GET", room + "/messages", "", 200, m.ID.String()},
		{"program that may not write", readOnly, "POST", room + "/messages", `{"clientId":"` + newID().String() + `","text":"x"}`, 403, `"forbidden"`},
		{"visitor", authz.Principal{}, "GET", room, "", 401, `"unauthenticated"`},
		{"recall", ada, "POST", "/messages/" + m.ID.String() + "/recall", "", 200, `"recalled":true`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if status, body := ask(c.p, c.method, c.path, c.body); status != c.status || !strings.Contains(body, c.want) {
				t.Errorf("%d %.500s", status, body)
			}
		})
	}
}

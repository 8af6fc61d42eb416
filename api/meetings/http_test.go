package meetings

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"parley/api"
	"parley/internal/authz"
)

// TestOverHTTP goes through the operations as clients call them.
func TestOverHTTP(t *testing.T) {
	w := newWorld(t)
	ada := w.person(t, "Ada")
	var who authz.Principal
	a := api.New(api.Config{Authenticate: func(*http.Request) (authz.Principal, error) { return who, nil }})
	Register(a, w.Service)
	ask := func(p authz.Principal, method, path, body string) (int, string, http.Header) {
		t.Helper()
		who = p
		r := httptest.NewRequest(method, "/api/v1"+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		rec := httptest.NewRecorder()
		a.ServeHTTP(rec, r)
		return rec.Code, rec.Body.String(), rec.Header()
	}
	status, body, _ := ask(ada, "POST", "/meetings", `{"title":"Weekly","startsAt":"2026-05-05T09:00:00+02:00","timezone":"Europe/Berlin","rrule":"FREQ=WEEKLY","lobby":true,"guestsAllowed":true}`)
	var m MeetingDetail
	if err := json.Unmarshal([]byte(body), &m); err != nil || status != 201 || m.Code == "" {
		t.Fatalf("%d %s %v", status, body, err)
	}
	id := "/meetings/" + m.ID.String()
	cases := []struct {
		name               string
		p                  authz.Principal
		method, path, body string
		status             int
		want               string
	}{
		{"list", ada, "GET", "/meetings?view=coming", "", 200, m.Code},
		{"list with a wrong view", ada, "GET", "/meetings?view=all", "", 422, `"validation"`},
		{"read", ada, "GET", id, "", 200, `"whoMayShare":"everyone"`},
		{"edit", ada, "PATCH", id, `{"title":"Daily","rrule":"FREQ=DAILY"}`, 200, `"title":"Daily"`},
		{"keep drawing to hosts", ada, "PATCH", id, `{"whoMayDraw":"hosts"}`, 200, `"whoMayDraw":"hosts"`},
		{"drawing by nobody", ada, "PATCH", id, `{"whoMayDraw":"nobody"}`, 422, "body.whoMayDraw"},
		{"edit to nonsense", ada, "PATCH", id, `{"rrule":"FREQ=SECONDLY"}`, 422, "body.rrule"},
		{"invitation", ada, "GET", id + "/invitation?locale=zh-CN", "", 200, "邀请您参加会议"},
		{"calendar", ada, "GET", id + "/invitation.ics", "", 200, "RRULE:FREQ=DAILY"},
		{"attendance", ada, "GET", id + "/attendance", "", 200, `{"items":[]}`},
		{"attendance table", ada, "GET", id + "/attendance.csv?locale=en", "", 200, "\ufeffName,"},
		{"preview", authz.Principal{}, "GET", "/meetings/by-code/" + m.Code + "/preview", "", 200, `"needsName":true`},
		{"guest", authz.Principal{}, "POST", "/meetings/by-code/" + m.Code + "/guests", `{"name":"Zoë","locale":"en"}`, 201, `"name":"Zoë"`},
		{"create as a visitor", authz.Principal{}, "POST", "/meetings", `{}`, 401, `"unauthenticated"`},
		{"cancel", ada, "DELETE", id, "", 204, ""},
		{"cancel again", ada, "DELETE", id, "", 404, `"meetingNotFound"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			status, body, header := ask(c.p, c.method, c.path, c.body)
			if status != c.status || !strings.Contains(body, c.want) {
				t.Errorf("%d %s", status, body)
			}
			t.Log(header.Get("Content-Type"))
			if c.name == "guest" && !strings.HasPrefix(header.Get("Set-Cookie"), "parley_guest=") {
				t.Errorf("%v", header)
			}
			if c.name == "calendar" && header.Get("Content-Type") != "text/calendar; charset=utf-8; method=PUBLISH" {
				t.Errorf("%v", header)
			}
		})
	}
}

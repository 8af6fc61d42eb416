package main

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"
)

func TestDemo(t *testing.T) {
	dir := dataDir(t)
	p := launch(t, dir, "demo")
	code, text, _ := request(t, "GET", p.url+"/api/v1/demo/people", "")
	var people struct {
		Items []struct{ ID, Name, Login string }
	}
	if err := json.Unmarshal([]byte(text), &people); err != nil || code != 200 || len(people.Items) != len(demoStaff) {
		t.Fatalf("people %d %s", code, text)
	}
	cookie := signInAs(t, p, people.Items[0].ID)
	if code, text, _ := request(t, "GET", p.url+"/api/v1/me", "", "Cookie", cookie); code != 200 || !strings.Contains(text, people.Items[0].Name) {
		t.Errorf("me %d %s", code, text)
	}
	if code, _, _ := request(t, "POST", p.url+"/api/v1/demo/sessions", `{"userId":"01900000-0000-7000-8000-000000000000"}`); code != 404 {
		t.Errorf("a stranger signs in: %d", code)
	}
	for _, person := range people.Items {
		if person.Login == "wangsiyuan" {
			cookie = signInAs(t, p, person.ID)
		}
	}
	lists := map[string]string{}
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		for _, view := range []string{"running", "coming", "past"} {
			_, lists[view], _ = request(t, "GET", p.url+"/api/v1/meetings?view="+view, "", "Cookie", cookie)
		}
		if strings.Contains(lists["running"], `"participantCount":4`) && strings.Contains(lists["past"], "预算") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the meetings are not as they should be:\n%s", lists)
		}
	}
	if !strings.Contains(lists["coming"], "Weekly product review") || !strings.Contains(lists["coming"], "宁波仓") {
		t.Errorf("coming: %s", lists["coming"])
	}
	if strings.Contains(lists["coming"], "预算") {
		t.Errorf("a meeting of yesterday comes: %s", lists["coming"])
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		_, runs, _ := request(t, "GET", p.url+"/api/v1/meeting-quality", "", "Cookie", cookie)
		if strings.Contains(runs, `"troubledCount":3`) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("nobody had trouble in the sample meeting: %s", runs)
		}
	}
	_, found, _ := request(t, "GET", p.url+"/api/v1/boards?query=%E6%B5%B7%E5%85%B3%E7%BC%96%E7%A0%81", "", "Cookie", cookie)
	if !strings.Contains(found, "海外仓收货流程") || !strings.Contains(found, "thumbnailUrl") {
		t.Errorf("boards: %s", found)
	}
	p.stop(t)

	real := invocation{env: environment(dir), stdout: io.Discard, stderr: io.Discard}
	if err := run(t.Context(), &real); err == nil || !strings.Contains(err.Error(), "parley demo") {
		t.Errorf("real work on a demo's data: %v", err)
	}
	again := launch(t, dir, "demo")
	if code, text, _ := request(t, "GET", again.url+"/api/v1/demo/people", ""); code != 200 || strings.Count(text, `"login"`) != len(demoStaff) {
		t.Errorf("people after a restart: %d %s", code, text)
	}
}

func signInAs(t *testing.T, p *process, userID string) string {
	t.Helper()
	code, text, header := request(t, "POST", p.url+"/api/v1/demo/sessions", `{"userId":"`+userID+`"}`)
	cookie, _, _ := strings.Cut(header.Get("Set-Cookie"), ";")
	if code >= 300 || cookie == "" {
		t.Fatalf("sign in: %d %s", code, text)
	}
	return cookie
}

func TestDemoStaysOnLoopback(t *testing.T) {
	for name, env := range map[string]string{
		"every address": "PARLEY_LISTEN=:8080", "a name": "PARLEY_LISTEN=meet.example.com:8080", "tls": "PARLEY_TLS_MODE=self-signed",
	} {
		in := invocation{args: []string{"demo"}, env: append(environment(dataDir(t)), env), stdout: io.Discard, stderr: io.Discard}
		if err := run(t.Context(), &in); err == nil || !strings.Contains(err.Error(), "demo") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

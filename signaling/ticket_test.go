package signaling

import (
	"strings"
	"testing"
	"time"

	"parley/signaling/wire"
)

func TestTickets(t *testing.T) {
	started := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	before := tickets{key: []byte(strings.Repeat("k", MinTicketKeyBytes)), started: started.Add(-time.Hour)}
	after := tickets{key: before.key, started: started}
	token := before.issue(started.Add(-time.Minute), "m", "p", "user:u", true)
	if len(token) > wire.MaxTokenBytes {
		t.Errorf("%d bytes", len(token))
	}
	hello := &wire.Hello{Version: wire.Version, Resume: token}
	if err := hello.Validate(); err != nil {
		t.Errorf("the protocol does not take the token: %v", err)
	}
	held, err := after.read(token)
	if err != nil || held.MeetingID != "m" || held.ParticipantID != "p" || held.PersonKey != "user:u" || !held.Admitted {
		t.Fatalf("%+v, %v", held, err)
	}
	if token == before.issue(started.Add(-time.Minute), "m", "p", "user:u", true) {
		t.Error("two tokens are the same")
	}

	other := tickets{key: []byte(strings.Repeat("o", MinTicketKeyBytes))}
	text, signature, _ := strings.Cut(token, ".")
	for name, forged := range map[string]string{
		"another key":      other.issue(started, "m", "p", "user:u", true),
		"changed":          text[:len(text)-2] + "xx." + signature,
		"no signature":     text,
		"empty signature":  text + ".",
		"empty":            "",
		"not ours at all":  "a.b.c",
		"signature twice":  token + "." + signature,
		"not quite base64": text + ".!" + signature,
	} {
		if _, err := after.read(forged); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestReadmission(t *testing.T) {
	started := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	now := tickets{started: started}
	tests := []struct {
		name   string
		issued time.Time
		at     time.Time
		in     bool
		want   bool
	}{
		{"issued before the restart, back at once", started.Add(-time.Hour), started.Add(5 * time.Second), true, true},
		{"back too late", started.Add(-time.Hour), started.Add(readmission), true, false},
		{"issued by this process", started.Add(time.Second), started.Add(5 * time.Second), true, false},
		{"waited in the lobby", started.Add(-time.Hour), started.Add(5 * time.Second), false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			held := ticket{Admitted: test.in, IssuedAt: test.issued.UnixMilli()}
			if got := now.readmits(test.at, held); got != test.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

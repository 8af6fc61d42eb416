package meetings

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/authz"
	"parley/internal/fault"
	"parley/internal/quality"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// measured is a minute in which each participant's upload loses packets from one second to another.
func measured(at time.Time, lossy map[string][2]int) quality.Block {
	l := quality.NewLog(at)
	for i := range 60 {
		l.Tick(at.Add(time.Duration(i) * time.Second))
		for id, span := range lossy {
			row := quality.Second{RoundTripMs: 40}
			if span[0] <= i && i < span[1] {
				row.Verdict, row.UplinkLoss, row.OthersFrozen = quality.Verdict{Level: quality.Weak, Reason: quality.UplinkLoss}, 80, 2
			}
			l.Person(id, row)
			l.Sent(id, id+"-cam", "camera", quality.Sent{Packets: 100 + i})
			l.Received(id, "other-cam", "camera", quality.Received{Packets: 50, Pause: quality.PausedBandwidth})
		}
	}
	return l.Block()
}

// held is a meeting of two runs: in the first Ada's upload loses packets, on her second device too, and that of a program.
type held struct {
	*world
	ada, bob, mia authz.Principal
	meeting       *MeetingDetail
	first, second time.Time
}

func newHeld(t *testing.T) *held {
	w := newWorld(t)
	h := &held{world: w, ada: w.person(t, "Ada"), bob: w.person(t, "Bob"), mia: w.person(t, "Mia"), first: w.time(), second: w.time().Add(2 * time.Hour)}
	h.meeting = w.create(t, h.ada, Draft{Title: "Weekly", InviteeIDs: []uuid.UUID{h.bob.UserID, h.mia.UserID}, CoHostIDs: []uuid.UUID{h.bob.UserID}})
	id := h.meeting.ID.String()
	r, err := NewRecorder(t.Context(), w.Service, RecorderConfig{Node: "n"})
	if err != nil {
		t.Fatal(err)
	}
	guest := guestOf(h.meeting.ID, "=Zoë")
	for _, run := range []struct {
		at    time.Time
		there map[string]authz.Principal
	}{{h.first, map[string]authz.Principal{"a1": h.ada, "a2": h.ada, "m1": h.mia, "g1": guest}}, {h.second, map[string]authz.Principal{"a3": h.ada}}} {
		r.MeetingStarted(id, run.at)
		for i, who := range slices.Sorted(keys(run.there)) {
			r.ParticipantJoined(id, who, attendeeOf(run.there[who]), run.at.Add(time.Duration(i)*time.Second))
		}
		if run.at == h.first {
			r.ParticipantJoined(id, "s1", Attendee{PersonKey: "stream:1", Name: "OBS"}, run.at.Add(time.Minute))
		}
		r.MeetingEnded(id, run.at.Add(2*time.Minute), true)
	}
	r.Close()
	history, err := NewHistory(t.Context(), w.Service, nil)
	if err != nil {
		t.Fatal(err)
	}
	history.Keep(id, measured(h.first, map[string][2]int{"a1": {10, 30}, "a2": {40, 50}, "m1": {0, 0}, "g1": {0, 0}, "s1": {50, 60}}))
	history.Keep(id, measured(h.first.Add(time.Minute), map[string][2]int{"a1": {0, 5}, "m1": {0, 0}}))
	history.Keep(id, measured(h.second, map[string][2]int{"a3": {20, 25}}))
	history.Close()
	return h
}

func keys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func TestQualityTellsWhoHadTrouble(t *testing.T) {
	h := newHeld(t)
	last, err := h.Quality(t.Context(), h.ada, h.meeting.ID, uuid.Nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(last.Runs) != 2 || !last.StartedAt.Equal(h.second) || len(last.People) != 1 || len(last.People[0].Spans) != 1 {
		t.Errorf("the last run: %+v", last)
	}
	first, err := h.Quality(t.Context(), h.ada, h.meeting.ID, uuid.MustParse(last.Runs[1].SessionID))
	if err != nil || len(first.People) != 4 {
		t.Fatalf("%+v: %v", first, err)
	}
	ada := first.People[0]
	if ada.UserID != h.ada.UserID.String() || len(ada.Stays) != 2 || ada.Seconds != 60+60+60 || len(ada.Spans) != 3 {
		t.Errorf("Ada: %+v", ada)
	}
	if got, want := ada.Spans[0], (QualitySpan{
		ParticipantID: "a1", From: h.first.Add(10 * time.Second), To: h.first.Add(30 * time.Second), Level: "weak", Side: "uplink",
		Reason: "uplinkLoss", LossPercent: 8, OthersFrozen: 2,
	}); got != want {
		t.Errorf("span %+v, want %+v", got, want)
	}
	if ada.Spans[1].ParticipantID != "a2" || ada.Spans[2].From != h.first.Add(time.Minute) {
		t.Errorf("spans %+v", ada.Spans)
	}
	if guest := first.People[1]; !guest.Guest || guest.UserID != "" || len(guest.Spans) != 0 {
		t.Errorf("the guest: %+v", guest)
	}
	if program := first.People[3]; !program.Program || program.Guest || program.Name != "OBS" || len(program.Spans) != 1 || ada.Program {
		t.Errorf("the program: %+v", program)
	}
}

func TestWhoMaySeeQuality(t *testing.T) {
	h := newHeld(t)
	stranger := h.person(t, "Stranger")
	admin := stranger
	admin.Role = authz.Admin
	token := admin
	token.Kind, token.Scopes = authz.Token, []authz.Scope{authz.ScopeMeetingsRead}
	reviewer := token
	reviewer.Scopes = []authz.Scope{authz.ScopeAdmin}
	cases := []struct {
		name string
		p    authz.Principal
		may  bool
	}{
		{"organizer", h.ada, true}, {"co-host", h.bob, true}, {"who attended", h.mia, false}, {"stranger", stranger, false},
		{"admin", admin, true}, {"an admin's token for meetings", token, false}, {"an admin's token", reviewer, true},
	}
	look := map[string]func(authz.Principal) error{
		"quality": func(p authz.Principal) error { _, err := h.Quality(t.Context(), p, h.meeting.ID, uuid.Nil); return err },
		"table": func(p authz.Principal) error {
			_, err := h.QualityTable(t.Context(), p, h.meeting.ID, uuid.Nil)
			return err
		},
		"tracks": func(p authz.Principal) error {
			_, err := h.TrackTable(t.Context(), p, h.meeting.ID, uuid.Nil, "a3")
			return err
		},
	}
	for _, c := range cases {
		for what, look := range look {
			if err := look(c.p); (err == nil) != c.may || err != nil && !errors.Is(err, fault.MeetingNotFound) {
				t.Errorf("%s sees %s: %v", c.name, what, err)
			}
		}
	}
	now := h.second.Add(time.Hour)
	r := newRecorder(t, h.world)
	r.MeetingStarted(h.meeting.ID.String(), now)
	r.ParticipantJoined(h.meeting.ID.String(), "m2", attendeeOf(h.mia), now)
	r.Close()
	h.rooms.set(h.meeting.ID, Room{StartedAt: now, Participants: []Present{presentOf(h.mia, true, now)}})
	running, err := h.Quality(t.Context(), h.mia, h.meeting.ID, uuid.Nil)
	if err != nil || len(running.Runs) != 1 || !running.StartedAt.Equal(now) {
		t.Errorf("who hosts it now: %+v %v", running, err)
	}
	earlier := uuid.MustParse(mustRuns(t, h)[1].SessionID)
	if _, err := h.Quality(t.Context(), h.mia, h.meeting.ID, earlier); !errors.Is(err, fault.MeetingNotFound) {
		t.Errorf("who hosts it now sees a run of before: %v", err)
	}
	h.rooms.set(h.meeting.ID, Room{StartedAt: h.second, Participants: []Present{presentOf(h.mia, false, h.second)}})
	if err := look["quality"](h.mia); !errors.Is(err, fault.MeetingNotFound) {
		t.Errorf("who is only in it: %v", err)
	}
	other := h.create(t, h.ada, Draft{Title: "Other"})
	if _, err := h.Quality(t.Context(), h.ada, other.ID, uuid.MustParse(mustRuns(t, h)[0].SessionID)); !errors.Is(err, fault.MeetingNotFound) {
		t.Errorf("a run of another meeting: %v", err)
	}
	if q, err := h.Quality(t.Context(), h.ada, other.ID, uuid.Nil); err != nil || q.SessionID != "" || len(q.People) != 0 {
		t.Errorf("a meeting that nobody came to: %+v %v", q, err)
	}
}

// TestEveryRunCanBeReviewed: those that are too old to be listed, too.
func TestEveryRunCanBeReviewed(t *testing.T) {
	h := newHeld(t)
	first := uuid.MustParse(mustRuns(t, h)[1].SessionID)
	if _, err := h.pool.Exec(t.Context(), `insert into meeting_sessions (id, meeting_id, node, started_at, heartbeat_at, ended_at)
		select gen_random_uuid(), $1, 'n', at, at, at
		from generate_series($2::timestamptz + interval '1 second', $2::timestamptz + interval '1 hour', interval '10 seconds') at`, h.meeting.ID, h.second); err != nil {
		t.Fatal(err)
	}
	if runs := mustRuns(t, h); len(runs) != maxRuns {
		t.Errorf("%d runs are listed", len(runs))
	}
	q, err := h.Quality(t.Context(), h.ada, h.meeting.ID, first)
	if err != nil || len(q.Runs) != maxRuns+1 || q.Runs[maxRuns].SessionID != first.String() || len(q.People) != 4 || len(q.People[0].Spans) != 3 {
		t.Errorf("the oldest run: %+v %v", q, err)
	}
}

func mustRuns(t *testing.T, h *held) []QualityRun {
	t.Helper()
	q, err := h.Quality(t.Context(), h.ada, h.meeting.ID, uuid.Nil)
	if err != nil {
		t.Fatal(err)
	}
	return q.Runs
}

func TestQualityTables(t *testing.T) {
	h := newHeld(t)
	first := uuid.MustParse(mustRuns(t, h)[1].SessionID)
	people, err := h.QualityTable(t.Context(), h.ada, h.meeting.ID, first)
	if err != nil {
		t.Fatal(err)
	}
	rows := readTable(t, people, qualityColumns)
	if len(rows) != 1+7*60 {
		t.Errorf("%d rows", len(rows))
	}
	at := h.first.Add(10 * time.Second).Format(time.RFC3339)
	want := []string{at, "a1", h.ada.UserID.String(), "Ada", "weak", "uplink", "uplinkLoss", "40", "8.0", "0.0", "0", "0", "0", "0", "0", "0", "0", "0", "2"}
	if !slices.ContainsFunc(rows, func(r []string) bool { return slices.Equal(r, want) }) {
		t.Errorf("no row %v", want)
	}
	if !slices.ContainsFunc(rows, func(r []string) bool { return r[3] == "'=Zoë" }) {
		t.Error("a name that looks like a formula is not quoted")
	}
	tracks, err := h.TrackTable(t.Context(), h.ada, h.meeting.ID, first, "m1")
	if err != nil {
		t.Fatal(err)
	}
	rows = readTable(t, tracks, trackColumns)
	if len(rows) != 1+2*2*60 {
		t.Errorf("%d rows of tracks", len(rows))
	}
	sent := []string{at, "m1", "sent", "m1-cam", "camera", "110", "0", "", "0", "0", "0", "0", "0", "", "", "", "", "0", "0", "0"}
	received := []string{at, "m1", "received", "other-cam", "camera", "50", "0", "0.0", "0", "0", "0", "", "", "0", "bandwidth", "0", "0", "", "", ""}
	for _, want := range [][]string{sent, received} {
		if !slices.ContainsFunc(rows, func(r []string) bool { return slices.Equal(r, want) }) {
			t.Errorf("no row %v", want)
		}
	}
	if _, err := h.TrackTable(t.Context(), h.ada, h.meeting.ID, first, "a3"); !errors.Is(err, fault.ParticipantNotFound) {
		t.Errorf("a participant of another run: %v", err)
	}
}

func readTable(t *testing.T, f *QualityFile, columns []string) [][]string {
	t.Helper()
	var buf bytes.Buffer
	if err := f.Write(t.Context(), &buf); err != nil {
		t.Fatal(err)
	}
	text, marked := strings.CutPrefix(buf.String(), "\ufeff")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || !marked || !slices.Equal(rows[0], columns) {
		t.Fatalf("%v, marked %v, head %v", err, marked, rows[0])
	}
	return rows
}

func TestRecentRunsAreForAdmins(t *testing.T) {
	h := newHeld(t)
	admin := h.person(t, "Admin")
	admin.Role = authz.Admin
	page, err := h.RecentRuns(t.Context(), admin, "", 1)
	if err != nil || len(page.Items) != 1 || page.NextCursor == "" || !page.Items[0].StartedAt.Equal(h.second) || page.Items[0].Host.Name != "Ada" {
		t.Fatalf("%+v: %v", page, err)
	}
	rest, err := h.RecentRuns(t.Context(), admin, page.NextCursor, 10)
	if err != nil || len(rest.Items) != 1 || rest.NextCursor != "" {
		t.Fatalf("%+v: %v", rest, err)
	}
	if run := rest.Items[0]; run.ParticipantCount != 3 || run.TroubledCount != 1 {
		t.Errorf("%+v", run)
	}
	if own, err := h.RecentRuns(t.Context(), h.ada, "", 10); err != nil || len(own.Items) != 0 {
		t.Errorf("a member sees %+v: %v", own, err)
	}
}

func TestABlockReplacesWhatWasKeptOfIt(t *testing.T) {
	w := newWorld(t)
	ada := w.person(t, "Ada")
	m := w.create(t, ada, Draft{Title: "Now"})
	l := quality.NewLog(w.time())
	var blocks []quality.Block
	for i := range 3 {
		l.Tick(w.time().Add(time.Duration(i) * time.Second))
		l.Person("a", quality.Second{RoundTripMs: i})
		blocks = append(blocks, l.Block())
	}
	for _, i := range []int{0, 2, 1} { // the second one comes late
		if err := w.keepQuality(t.Context(), m.ID, blocks[i]); err != nil {
			t.Fatal(err)
		}
	}
	var stored []byte
	if err := w.pool.QueryRow(t.Context(), "select people from meeting_quality where meeting_id = $1", m.ID).Scan(&stored); err != nil {
		t.Fatal(err)
	}
	if people, err := quality.DecodePeople(stored); err != nil || len(people[0].Seconds) != 3 {
		t.Errorf("%+v: %v", people, err)
	}
	if _, err := w.pool.Exec(t.Context(), "delete from meetings where id = $1", m.ID); err != nil {
		t.Fatal(err)
	}
	var left int
	if err := w.pool.QueryRow(t.Context(), "select count(*) from meeting_quality").Scan(&left); err != nil || left != 0 {
		t.Errorf("%d blocks outlive their meeting: %v", left, err)
	}
}

func TestWhatWaitsForTheDatabaseIsBounded(t *testing.T) {
	h := &History{dropped: prometheus.NewCounter(prometheus.CounterOpts{Name: "dropped"})}
	big := make([]byte, maxPendingBytes/4)
	ids := make([]uuid.UUID, 6)
	for i := range ids {
		ids[i] = newID()
		h.putLocked(pendingBlock{block: quality.Block{ID: ids[i], Tracks: big}})
	}
	h.putLocked(pendingBlock{block: quality.Block{ID: ids[5], Tracks: big[:10]}})
	if len(h.pending) != 4 || h.pending[0].block.ID != ids[2] || h.bytes != 3*len(big)+10 || testutil.ToFloat64(h.dropped) != 2 {
		t.Errorf("%d blocks of %d bytes wait, %v dropped", len(h.pending), h.bytes, testutil.ToFloat64(h.dropped))
	}
	first := h.takeLocked()
	h.putBackLocked(first)
	h.putBackLocked(first)
	if len(h.pending) != 4 || h.pending[0].block.ID != ids[2] || h.bytes != 3*len(big)+10 {
		t.Errorf("after a block came back %d of %d bytes wait", len(h.pending), h.bytes)
	}
	for range 4 {
		h.takeLocked()
	}
	if h.bytes != 0 {
		t.Errorf("%d bytes of nothing", h.bytes)
	}
}

// TestHistoryWaitsForTheDatabase: what cannot be written now is written later, once; what nobody wants is given up.
func TestHistoryWaitsForTheDatabase(t *testing.T) {
	w := newWorld(t)
	m := w.create(t, w.person(t, "Ada"), Draft{Title: "Now"})
	if _, err := w.pool.Exec(t.Context(), "alter table meeting_quality rename to away"); err != nil {
		t.Fatal(err)
	}
	h, err := NewHistory(context.Background(), w.Service, nil)
	if err != nil {
		t.Fatal(err)
	}
	h.Keep("no id", quality.Block{})
	h.Keep(newID().String(), measured(w.time(), map[string][2]int{"a": {0, 0}})) // of no meeting
	l := quality.NewLog(w.time())
	for i := range 3 {
		l.Tick(w.time().Add(time.Duration(i) * time.Second))
		l.Person("a", quality.Second{})
		h.Keep(m.ID.String(), l.Block())
	}
	if n := h.waiting(); n > 2 {
		t.Errorf("%d blocks wait", n)
	}
	if _, err := w.pool.Exec(t.Context(), "alter table away rename to meeting_quality"); err != nil {
		t.Fatal(err)
	}
	h.Close()
	var ended time.Time
	if err := w.pool.QueryRow(t.Context(), "select ended_at from meeting_quality").Scan(&ended); err != nil || !ended.Equal(w.time().Add(2*time.Second)) {
		t.Errorf("kept to %v: %v", ended, err)
	}
}

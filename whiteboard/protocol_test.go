package whiteboard

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"parley/whiteboard/ydoc"
)

// section answers the rows of the tables below a heading of PROTOCOL.md, without their heads.
func section(t testing.TB, heading string) (rows [][]string) {
	t.Helper()
	text, err := os.ReadFile("PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "\n"+heading+"\n")
	if !found {
		t.Fatalf("PROTOCOL.md has no %q", heading)
	}
	if end := regexp.MustCompile(`(?m)^#`).FindStringIndex(rest); end != nil {
		rest = rest[:end[0]]
	}
	head := true
	for line := range strings.Lines(rest) {
		line = strings.TrimSpace(line)
		switch {
		case !strings.HasPrefix(line, "|"):
			head = true
		case strings.HasPrefix(line, "| ---"):
			head = false
		case !head:
			cells := strings.Split(strings.Trim(line, "|"), "|")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			rows = append(rows, cells)
		}
	}
	return rows
}

func vectors(t testing.TB) map[string][]byte {
	t.Helper()
	list := map[string][]byte{}
	for _, row := range section(t, "## Test vectors") {
		b, err := hex.DecodeString(strings.ReplaceAll(strings.Trim(row[1], "`"), " ", ""))
		if err != nil {
			t.Fatalf("%s: %v", row[0], err)
		}
		list[row[0]] = b
	}
	return list
}

// payload takes a short frame's head off.
func payload(frame []byte) []byte { return frame[2:] }

func TestVectorsOfTheServer(t *testing.T) {
	one := &client{id: 7, last: map[string]ydoc.ID{}}
	update := one.entry("a", "1")
	d := ydoc.New(ydoc.Limits{})
	if _, err := d.Apply(update); err != nil {
		t.Fatal(err)
	}
	shown := encodePresences([]presence{{7, 3, []byte(`{"x":12}`)}})
	no := false
	want := map[string][]byte{
		"step 1 with an empty state vector":                    payload(appendSync(nil, messageStep1, ydoc.StateVector{}.Encode())),
		"step 1 of a document that has one change of client 7": payload(appendSync(nil, messageStep1, d.StateVector().Encode())),
		"step 2 without anything":                              payload(appendSync(nil, messageStep2, emptyUpdate)),
		"update":                                               payload(appendSync(nil, messageUpdate, d.Encode())),
		"awareness":                                            payload(appendAwareness(nil, shown)),
		"awareness of a client that has gone":                  payload(appendAwareness(nil, encodePresences([]presence{{7, 3, gone}}))),
		"awareness about nobody":                               payload(keepalive[:5]),
		"permission denied":                                    payload(deniedFrame(codeReadOnly)),
		"query":                                                {typeQuery},
		"event":                                                payload(eventFrame(event{Type: eventRole, Role: RoleViewer, CanWrite: &no})),
	}
	have := vectors(t)
	for name, b := range want {
		if !bytes.Equal(have[name], b) {
			t.Errorf("%s: PROTOCOL.md has % x, the code writes % x", name, have[name], b)
		}
		delete(have, name)
	}
	for name := range have {
		t.Errorf("nothing writes %q", name)
	}
}

func TestVectorsOfClients(t *testing.T) {
	have := vectors(t)
	for name, want := range map[string]messageKind{
		"step 1 with an empty state vector": messageStep1, "step 2 without anything": messageStep2, "update": messageUpdate,
		"awareness": messageAwareness, "query": messageQuery,
	} {
		m, err := decodeMessage(have[name])
		if err != nil || m.kind != want {
			t.Errorf("%s: kind %d, %v", name, m.kind, err)
		}
	}
	list, err := decodePresences(have["awareness"][2:], func(uint64) bool { return true })
	if err != nil || len(list) != 1 || list[0].client != 7 || list[0].clock != 3 || string(list[0].state) != `{"x":12}` {
		t.Errorf("awareness %+v, %v", list, err)
	}
	for _, name := range []string{"permission denied", "event"} {
		if _, err := decodeMessage(have[name]); err == nil {
			t.Errorf("a client may send %q", name)
		}
	}
}

func TestTablesOfTheProtocol(t *testing.T) {
	limits := map[string]int{}
	for _, row := range section(t, "## Limits") {
		n, err := strconv.Atoi(row[1])
		if err != nil {
			t.Fatal(err)
		}
		limits[row[0]] = n
	}
	want := map[string]int{
		"bytes of a frame": maxFrameBytes,
		"bytes of a step 2 that the server asked for":  maxStateBytes,
		"bytes of an update":                           maxUpdateBytes,
		"bytes of the document, with 48 for each item": maxStateBytes,
		"elements":                     maxElements,
		"bytes of one awareness state": maxAwarenessBytes,
		"messages a second, without awareness; 120 at once":                                     messagesPerSecond,
		"awareness messages of one's own a second; 120 at once":                                 messagesPerSecond,
		"awareness messages about others only a second; 2000 at once":                           echoesPerSecond,
		"step 1 messages a second; 10 at once":                                                  statesPerSecond,
		"steps of work a second for a person, over all connections to a board; 4000000 at once": stepsPerSecond,
		"connections of a person to a board":                                                    maxConnectionsOfPerson,
		"connections to a board":                                                                maxConnectionsOfBoard,
		"bytes that wait for a client, beside states it asked for":                              maxQueueBytes,
	}
	if !maps.Equal(limits, want) || messagesBurst != 120 || echoesBurst != 2000 || statesBurst != 10 || stepsBurst != 4_000_000 {
		t.Errorf("limits\nPROTOCOL.md %v\ncode        %v", limits, want)
	}
	var codes, wantCodes []string
	for _, row := range section(t, "## Close codes") {
		codes = append(codes, row[0]+" "+strings.Trim(row[1], "`"))
	}
	for _, e := range []ending{
		endMalformed, endUnauthenticated, endDenied, endNotFound, endTooLarge, endUnavailable, endMoved, endShutdown, endSlow,
		endTooMany, endCrowded,
	} {
		wantCodes = append(wantCodes, fmt.Sprint(e.code, " ", e.reason))
	}
	if !slices.Equal(codes, wantCodes) {
		t.Errorf("close codes\nPROTOCOL.md %v\ncode        %v", codes, wantCodes)
	}
	var events []string
	for _, row := range section(t, "### Events") {
		events = append(events, strings.Trim(row[0], "`"))
	}
	wantEvents := []string{
		eventReady, eventRole, eventRefused, eventAccepted, eventTrouble, eventHealed,
		codeReadOnly, codeTooManyElements, codeBoardFull, codeUpdateTooLarge, codeNotSaved,
	}
	if !slices.Equal(events, wantEvents) {
		t.Errorf("events\nPROTOCOL.md %v\ncode        %v", events, wantEvents)
	}
}

// FuzzMessage throws bytes at what reads frames: it must answer, and what it takes must be written the same way again.
func FuzzMessage(f *testing.F) {
	for _, b := range vectors(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := decodeMessage(b)
		if err != nil {
			return
		}
		if len(m.body) > len(b) {
			t.Fatal("the body is longer than the frame")
		}
		if m.kind != messageAwareness {
			return
		}
		list, err := decodePresences(m.body, func(uint64) bool { return true })
		if err != nil {
			return
		}
		again, err := decodePresences(encodePresences(list), func(uint64) bool { return true })
		if err != nil || len(again) != len(list) {
			t.Fatalf("%d states become %d, %v", len(list), len(again), err)
		}
		for i, p := range list {
			if again[i].client != p.client || again[i].clock != p.clock || !bytes.Equal(again[i].state, p.state) {
				t.Fatalf("%+v becomes %+v", p, again[i])
			}
			if _, err := decodePresences(encodePresences([]presence{{p.client, p.clock, stamp(p.state, Grant{Role: RoleEditor})}}), func(uint64) bool { return true }); err != nil && len(p.state) < maxAwarenessBytes/8 {
				t.Fatalf("the stamped state does not parse: %v", err)
			}
		}
	})
}

// TestFrames reads what appendFrame writes by the rules of RFC 6455 section 5.2.
func TestFrames(t *testing.T) {
	for _, n := range []int{0, 1, 125, 126, 127, 65535, 65536, 1 << 20} {
		body := bytes.Repeat([]byte{7}, n)
		frame := appendFrame([]byte("before"), opBinary, body[:n/2], body[n/2:])[len("before"):]
		head := 2
		length := int(frame[1])
		switch length {
		case 126:
			head, length = 4, int(frame[2])<<8|int(frame[3])
		case 127:
			head, length = 10, int(frame[6])<<24|int(frame[7])<<16|int(frame[8])<<8|int(frame[9])
		}
		if frame[0] != 0x82 || length != n || !bytes.Equal(frame[head:], body) {
			t.Errorf("frame of %d bytes: % x…", n, frame[:head])
		}
	}
	if got := hex.EncodeToString(closeFrame(4403, "no")); got != "880411336e6f" {
		t.Errorf("close frame %s", got)
	}
}

package wire

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"parley/internal/fault"
)

// vector is a fenced example of PROTOCOL.md.
type vector struct {
	kind string // client, server, or refused
	code fault.Code
	line int
	text string
}

func protocol(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("../PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func vectors(t testing.TB) (list []vector) {
	t.Helper()
	var open *vector
	for i, line := range strings.Split(protocol(t), "\n") {
		switch {
		case open != nil && line == "```":
			list = append(list, *open)
			open = nil
		case open != nil:
			open.text += line
		case strings.HasPrefix(line, "```"):
			words := strings.Fields(strings.TrimPrefix(line, "```json"))
			if len(words) == 0 {
				t.Fatalf("line %d: an example without a direction", i+1)
			}
			open = &vector{kind: words[0], line: i + 1}
			if len(words) > 1 {
				open.code = fault.Code(words[1])
			}
		}
	}
	return list
}

func TestExamplesOfTheProtocol(t *testing.T) {
	seen := map[string]map[string]bool{"client": {}, "server": {}}
	for _, v := range vectors(t) {
		t.Run(fmt.Sprintf("line %d", v.line), func(t *testing.T) {
			var again []byte
			switch v.kind {
			case "client":
				request, err := Decode([]byte(v.text))
				if err != nil {
					t.Fatalf("%v: %v", err, fault.From(err).Params)
				}
				seen["client"][request.Type] = true
				again = EncodeClient(request.Message, request.ID)
			case "server":
				message, id, err := DecodeServer([]byte(v.text))
				if err != nil {
					t.Fatal(err)
				}
				seen["server"][TypeOf(message)] = true
				again = Encode(message, id)
			case "refused":
				_, err := Decode([]byte(v.text))
				if err == nil || fault.From(err).Code != v.code {
					t.Fatalf("got %v, want %s", err, v.code)
				}
				return
			default:
				t.Fatalf("unknown direction %q", v.kind)
			}
			if !sameJSON(t, again, []byte(v.text)) {
				t.Errorf("became %s", again)
			}
		})
	}
	for _, name := range ClientNames().Sorted() {
		if !seen["client"][name] {
			t.Errorf("client message %s has no example", name)
		}
	}
	for _, name := range ServerNames().Sorted() {
		if !seen["server"][name] {
			t.Errorf("server message %s has no example", name)
		}
	}
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal(a, &x); err != nil {
		t.Fatalf("%v in %s", err, a)
	}
	if err := json.Unmarshal(b, &y); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	return reflect.DeepEqual(x, y)
}

func TestLimitsOfTheProtocol(t *testing.T) {
	text := protocol(t)
	for row, limit := range map[string]int{
		"message of a client, bytes":             MaxMessageBytes,
		"session description, bytes":             MaxSDPBytes,
		"tracks in `publish`":                    MaxTracks,
		"tiles in `view`":                        MaxTiles,
		"ids in `admit` and `refuse`":            MaxPeople,
		"name, characters":                       MaxNameRunes,
		"emoji, bytes":                           MaxEmojiBytes,
		"id, bytes":                              MaxIDBytes,
		"mid, bytes":                             MaxMIDBytes,
		"candidate, bytes":                       MaxCandidateBytes,
		"client in `hello`, bytes":               MaxClientBytes,
		"resume token, bytes":                    MaxTokenBytes,
		"width and height of a tile, pixels":     MaxPixels,
		"entries of `received` in `reportStats`": MaxReceived,
	} {
		if want := fmt.Sprintf("| %s | %d |", row, limit); !strings.Contains(text, want) {
			t.Errorf("missing: %s", want)
		}
	}
}

func TestErrorsOfTheProtocolExist(t *testing.T) {
	text := protocol(t)
	table := text[strings.Index(text, "| Code | When |"):]
	table = table[:strings.Index(table, "\n\n")]
	rows := regexp.MustCompile("(?m)^\\| `(\\w+)`").FindAllStringSubmatch(table, -1)
	if len(rows) < 20 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, row := range rows {
		if !slices.ContainsFunc(fault.Codes, func(c fault.CodeInfo) bool { return string(c.Code) == row[1] }) {
			t.Errorf("there is no code %s", row[1])
		}
	}
}

func TestEnvelope(t *testing.T) {
	tests := []struct {
		name, text string
		id         int64
		code       fault.Code
	}{
		{"no type", `{"id":3}`, 3, fault.UnknownMessage},
		{"type of the server", `{"type":"joined","id":3}`, 3, fault.UnknownMessage},
		{"id of zero", `{"type":"ping","id":0}`, 0, fault.BadMessage},
		{"fraction as id", `{"type":"ping","id":1.5}`, 0, fault.BadMessage},
		{"id beyond what a browser counts", `{"type":"ping","id":9007199254740992}`, 0, fault.BadMessage},
		{"text behind", `{"type":"ping"}{}`, 0, fault.BadMessage},
		{"field of another kind keeps the id", `{"type":"rename","id":8,"name":[]}`, 8, fault.BadMessage},
		{"too large", `{"type":"ping","x":"` + strings.Repeat("x", MaxMessageBytes) + `"}`, 0, fault.MessageTooLarge},
		{"unknown fields are ignored", `{"type":"ping","id":4,"later":true}`, 4, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			request, err := Decode([]byte(test.text))
			var code fault.Code
			if err != nil {
				code = fault.From(err).Code
			}
			if code != test.code || request.ID != test.id {
				t.Errorf("id %d, %v", request.ID, err)
			}
		})
	}
}

func TestListsAreNeverNull(t *testing.T) {
	for _, message := range []ServerMessage{&Joined{}, &MeetingUpdated{}, &Published{}, &SubscribeOffer{}, &LobbyUpdated{}, &Speakers{}, &Welcome{}} {
		if frame := Encode(message, 0); strings.Contains(string(frame), "null") {
			t.Errorf("%s", frame)
		}
	}
}

func TestEmoji(t *testing.T) {
	for _, good := range []string{"👍", "👍🏽", "❤️", "❤", "🎉", "👨‍👩‍👧‍👦", "🇨🇳", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "1️⃣", "☺️", "🏳️‍🌈", "👩🏻‍💻", "😂"} {
		if !isEmoji(good) {
			t.Errorf("%q (%d bytes) is refused", good, len(good))
		}
	}
	for _, bad := range []string{"", "a", "1", "👍👍", "👍a", "<b>", "王", "\u200d", "🇨", "👍\u200d", strings.Repeat("👍\u200d", 8) + "👍"} {
		if isEmoji(bad) {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func TestValidation(t *testing.T) {
	long := strings.Repeat("x", 2000)
	minus := -1
	tests := map[string]struct {
		message ClientMessage
		field   string
	}{
		"long client":           {&Hello{Version: 1, Client: long}, "client"},
		"odd locale":            {&Hello{Version: 1, Locale: "en/US"}, "locale"},
		"long token":            {&Hello{Version: 1, Resume: long}, "resume"},
		"mid twice":             {&Publish{SDP: "x", Tracks: []PublishTrack{{MID: "0", Source: SourceCamera}, {MID: "0", Source: SourceMicrophone}}}, "tracks.mid"},
		"no mid":                {&Publish{SDP: "x", Tracks: []PublishTrack{{Source: SourceCamera}}}, "tracks.mid"},
		"unknown source":        {&Publish{SDP: "x", Tracks: []PublishTrack{{MID: "0", Source: "lidar"}}}, "tracks.source"},
		"unknown hint":          {&Publish{SDP: "x", Tracks: []PublishTrack{{MID: "0", Source: SourceCamera, Hint: "art"}}}, "tracks.hint"},
		"many tracks":           {&Publish{SDP: "x", Tracks: make([]PublishTrack, MaxTracks+1)}, "tracks"},
		"long sdp":              {&Publish{SDP: strings.Repeat("x", MaxSDPBytes+1)}, "sdp"},
		"negative section":      {&Candidate{Target: TargetPublish, SDPMLineIndex: &minus}, "sdpMLineIndex"},
		"candidate of two rows": {&Candidate{Target: TargetPublish, Candidate: "a\r\nb"}, "candidate"},
		"many tiles":            {&View{Tiles: make([]Tile, MaxTiles+1)}, "tiles"},
		"huge tile":             {&View{Tiles: []Tile{{PublicationID: "p", Width: MaxPixels + 1}}}, "tiles.width"},
		"no publication":        {&SetMuted{}, "publicationId"},
		"no hint":               {&SetHint{PublicationID: "p"}, "hint"},
		"odd id":                {&Remove{ParticipantID: "a b"}, "participantId"},
		"nobody to refuse":      {&Refuse{}, "participantIds"},
		"crowd to admit":        {&Admit{ParticipantIDs: make([]string, MaxPeople+1)}, "participantIds"},
		"long freeze":           {&ReportStats{FreezeMs: MaxDurationMs + 1}, "freezeMs"},
		"many received":         {&ReportStats{Received: make([]ReceivedReport, MaxReceived+1)}, "received"},
		"many sent":             {&ReportStats{Sent: make([]SentReport, MaxTracks+1)}, "sent"},
		"sent by nobody":        {&ReportStats{Sent: []SentReport{{}}}, "sent.publicationId"},
		"found more than lost":  {&ReportStats{Received: []ReceivedReport{{PublicationID: "p", Lost: -1}}}, "received.lost"},
		"negative estimate":     {&ReportStats{AvailableBitsPerSecond: -1}, "availableBitsPerSecond"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := test.message.Validate()
			f := fault.From(err)
			if f == nil || f.Code != fault.BadMessage || f.Params["field"] != test.field {
				t.Errorf("got %v", f)
			}
		})
	}
}

// Whatever comes in, the decoder answers with a fault or with a message that survives a round trip.
func FuzzDecode(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add([]byte(v.text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		request, err := Decode(data)
		if err != nil {
			if code := fault.From(err).Code; code == fault.Internal {
				t.Fatalf("no code for %v", err)
			}
			return
		}
		again, err := Decode(EncodeClient(request.Message, request.ID))
		if err != nil {
			if code := fault.From(err).Code; code == fault.MessageTooLarge {
				return // escapes made it longer
			}
			t.Fatalf("round trip of %s: %v", data, err)
		}
		first, second := EncodeClient(request.Message, request.ID), EncodeClient(again.Message, again.ID)
		if string(first) != string(second) {
			t.Fatalf("%s became %s", first, second)
		}
	})
}

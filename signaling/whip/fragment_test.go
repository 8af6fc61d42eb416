package whip

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"parley/internal/fault"
	"parley/internal/ratelimit"
	"parley/signaling/room"
	"parley/signaling/wire"
)

// The example of RFC 9725 section 4.3.2.
var trickled = lines(
	"a=group:BUNDLE 0 1", "m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=mid:0", "a=ice-ufrag:EsAw", "a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1",
	"a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1",
	"a=candidate:3471623853 1 udp 2122194687 198.51.100.2 61765 typ host generation 0 ufrag EsAw network-id 2", "a=end-of-candidates",
)

func TestReadFragment(t *testing.T) {
	f, err := readFragment(trickled)
	if err != nil || f.ufrag != "EsAw" || f.password != "P2uYro0UCOQ4zxjKXaWCBui1" || len(f.candidates) != 2 {
		t.Fatalf("%+v, %v", f, err)
	}
	if c := f.candidates[0]; c.SDPMid != "0" || !strings.HasPrefix(c.Candidate, "candidate:1387637174 1 udp") {
		t.Errorf("candidate %+v", c)
	}
	if f, err := readFragment("a=candidate:1 1 udp 1 192.0.2.1 9 typ host\nm=video 9 X 0\n\na=mid:v\n"); err != nil || f.candidates[0].SDPMid != "" {
		t.Errorf("before a section: %+v, %v", f, err)
	}
	for name, text := range map[string]string{
		"no lines":            "hello",
		"a user alone":        "a=ice-ufrag:abcd\r\n",
		"a word alone":        "a=ice-pwd:abcd\r\n",
		"a very long line":    "a=candidate:" + strings.Repeat("x", wire.MaxCandidateBytes) + "\r\n",
		"a very long section": "a=mid:" + strings.Repeat("x", wire.MaxIDBytes+1) + "\r\na=candidate:1\r\n",
		"a very long user":    "a=ice-ufrag:" + strings.Repeat("x", 300) + "\r\na=ice-pwd:abcd\r\n",
		"too many":            strings.Repeat("a=candidate:1\r\n", maxFragmentCandidates+1),
	} {
		if _, err := readFragment(text); fault.From(err).Code != fault.BadRequest {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRestartedOffer(t *testing.T) {
	offer := lines("v=0", "a=ice-ufrag:old", "a=ice-pwd:oldpassword", "m=audio 9 X 111", "a=mid:0", "a=ice-ufrag:old", "a=ice-pwd:oldpassword",
		"a=candidate:1 1 udp 1 192.0.2.1 9 typ host", "a=end-of-candidates", "a=sendonly")
	want := lines("v=0", "a=ice-ufrag:new", "a=ice-pwd:newpassword", "m=audio 9 X 111", "a=mid:0", "a=ice-ufrag:new", "a=ice-pwd:newpassword", "a=sendonly")
	f := fragment{ufrag: "new", password: "newpassword"}
	if got := f.restarted(offer); got != want {
		t.Errorf("got %q", got)
	}
	if ufragOf(offer) != "old" || ufragOf(want) != "new" || ufragOf("v=0") != "" {
		t.Error("user names")
	}
}

func TestFragmentOfAnAnswer(t *testing.T) {
	answer := lines("v=0", "o=- 1 1 IN IP4 0.0.0.0", "a=group:BUNDLE 0 1", "m=audio 9 UDP/TLS/RTP/SAVPF 111", "c=IN IP4 0.0.0.0", "a=mid:0",
		"a=ice-ufrag:abcd", "a=ice-pwd:word", "a=rtpmap:111 opus/48000/2", "a=candidate:1 1 udp 1 192.0.2.1 9 typ host", "a=end-of-candidates",
		"m=video 9 UDP/TLS/RTP/SAVPF 96", "a=mid:1", "a=ice-ufrag:abcd", "a=ice-pwd:word")
	want := lines("a=group:BUNDLE 0 1", "m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=mid:0", "a=ice-ufrag:abcd", "a=ice-pwd:word",
		"a=candidate:1 1 udp 1 192.0.2.1 9 typ host", "a=end-of-candidates")
	if got := fragmentOf(answer); got != want {
		t.Errorf("got %q", got)
	}
	if f, err := readFragment(want); err != nil || f.ufrag != "abcd" || len(f.candidates) != 1 {
		t.Errorf("%+v, %v", f, err)
	}
}

func FuzzReadFragment(f *testing.F) {
	f.Add(trickled)
	f.Add("a=ice-ufrag:\na=ice-pwd:x\r\nm=\na=candidate")
	f.Fuzz(func(t *testing.T, text string) {
		read, err := readFragment(text)
		if err != nil {
			return
		}
		if len(read.candidates) > maxFragmentCandidates || len(read.ufrag) > wire.MaxUfragBytes {
			t.Errorf("%+v", read)
		}
		_ = fragmentOf(read.restarted(text))
	})
}

func TestLinks(t *testing.T) {
	got := iceLinks([]wire.ICEServer{
		{URLs: []string{"stun:stun.example.net"}},
		{URLs: []string{"turn:turn.example.net?transport=udp", "turns:turn.example.net"}, Username: `us"er`, Credential: `pass\word`},
	})
	want := []string{
		`<stun:stun.example.net>; rel="ice-server"`,
		`<turn:turn.example.net?transport=udp>; rel="ice-server"; username="us\"er"; credential="pass\\word"; credential-type="password"`,
		`<turns:turn.example.net>; rel="ice-server"; username="us\"er"; credential="pass\\word"; credential-type="password"`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestLimitsOfTheProtocol(t *testing.T) {
	b, err := os.ReadFile("PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{
		"offer, bytes": strconv.Itoa(MaxOfferBytes), "fragment, bytes": strconv.Itoa(MaxFragmentBytes),
		"candidates in a fragment": strconv.Itoa(maxFragmentCandidates), "programs of a meeting": strconv.Itoa(room.MaxPrograms),
		"viewers with one token": strconv.Itoa(room.MaxViewersPerToken),
	}
	for what, rate := range map[string]ratelimit.Rate{
		"starts with one token": rateOfStarts, "changes of one session": rateOfChanges, "restarts of one session": rateOfRestarts,
		"wrong tokens from one address": rateOfWrongTokens,
	} {
		rows[what+", burst"] = strconv.Itoa(rate.Burst)
		every := strings.NewReplacer("ms", " ms").Replace(rate.Every.String())
		if !strings.Contains(every, "ms") {
			every = strings.Replace(every, "s", " s", 1)
		}
		rows[what+", then one every"] = every
	}
	for row, limit := range rows {
		if want := "| " + row + " | " + limit + " |"; !strings.Contains(string(b), want) {
			t.Errorf("missing: %s", want)
		}
	}
}

func TestErrorsOfTheProtocolExist(t *testing.T) {
	b, err := os.ReadFile("PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(b), "| Status | Code | When |\n| --- | --- | --- |\n")
	rows := 0
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		status, _ := strconv.Atoi(strings.TrimSpace(cells[1]))
		for code := range strings.SplitSeq(cells[2], ",") {
			rows++
			info := fault.Code(strings.Trim(strings.TrimSpace(code), "`")).Info()
			if info.Status != status {
				t.Errorf("%s is told with %d", strings.TrimSpace(code), info.Status)
			}
		}
	}
	if rows < 20 {
		t.Errorf("%d rows", rows)
	}
}

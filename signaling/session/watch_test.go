package session

import (
	"errors"
	"log/slog"
	"reflect"
	"testing"
	"time"

	"parley/internal/fault"
	"parley/internal/quality"
	"parley/sfu"
	"parley/signaling/wire"
)

func up(id string, packets uint64, lost int64, recovered uint64) sfu.UpStats {
	return sfu.UpStats{TrackID: id, Kind: sfu.KindVideo, Layers: []sfu.LayerStats{
		{RID: "q", Packets: packets, Lost: lost, Recovered: recovered, Height: 180, BitsPerSecond: 120_000, Jitter: 4 * time.Millisecond, KeyframesAskedFor: packets / 100},
		{RID: "f", Height: 720},
	}}
}

func testLink(id string, publications map[string]string) *link {
	m := NewMedia(nil, slog.New(slog.DiscardHandler))
	for publication, owner := range publications {
		m.tracks[publication] = published{owner: owner, source: wire.SourceCamera}
	}
	return newLink(m, id, "", nil)
}

func TestWhoseFreezeItIs(t *testing.T) {
	room := overview{
		publications: map[string]published{"b-cam": {owner: "b"}, "b-screen": {owner: "b"}, "c-cam": {owner: "c"}, "d-cam": {owner: "d"}},
		troubled:     map[string]bool{"c": true},
	}
	freeze := func(id string, ms, lost int) wire.ReceivedReport {
		return wire.ReceivedReport{PublicationID: id, FreezeMs: ms, Lost: lost}
	}
	tests := []struct {
		name     string
		loss     float64
		received []wire.ReceivedReport
		want     int
	}{
		{"none", 0.1, nil, 0},
		{"packets of it were missing, maybe at its sender", 0, []wire.ReceivedReport{freeze("b-cam", 400, 3)}, 0},
		{"packets were lost on the way", 0.02, []wire.ReceivedReport{freeze("b-cam", 400, 0)}, 400},
		{"nothing was lost, others move", 0, []wire.ReceivedReport{freeze("b-cam", 400, 0), freeze("b-screen", 900, 0)}, 0},
		{"pictures of several stand", 0, []wire.ReceivedReport{freeze("b-cam", 400, 0), freeze("d-cam", 900, 0)}, 900},
		{"its sender is not well", 0.02, []wire.ReceivedReport{freeze("c-cam", 400, 3)}, 0},
		{"it is gone", 0.02, []wire.ReceivedReport{freeze("e-cam", 400, 3)}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := &reading{stats: sfu.PeerStats{DownlinkLoss: test.loss}, report: &wire.ReportStats{Received: test.received}}
			if got := r.ownFreeze(room); got != test.want {
				t.Errorf("%d ms, want %d", got, test.want)
			}
		})
	}
}

func TestUplinkLossCountsWhatCameOnASecondTry(t *testing.T) {
	before := countersOf(sfu.PeerStats{Up: []sfu.UpStats{up("a", 100, 5, 5)}})
	now := countersOf(sfu.PeerStats{Up: []sfu.UpStats{up("a", 196, 9, 11), up("new", 50, 0, 0)}})
	if sent, lost := before.lostSince(now); sent != 96+4+50 || lost != 4+6 {
		t.Errorf("%d of %d lost", lost, sent)
	}
	if sent, lost := now.lostSince(before); sent != 0 || lost != 0 {
		t.Errorf("a stream that begins again lost %d of %d", lost, sent)
	}
}

func TestFewPacketsSayNothing(t *testing.T) {
	var w lossWindow
	for i, second := range []struct {
		sent, lost int64
		want       float64
	}{{8, 4, 0}, {8, 0, 0}, {24, 0, 0.1}, {100, 0, 0}, {100, 28, 0.125}} {
		if got := w.add(second.sent, second.lost); got != second.want {
			t.Errorf("second %d: %v, want %v", i, got, second.want)
		}
	}
}

func TestSampleOfAReading(t *testing.T) {
	room := overview{
		publications: map[string]published{"b-cam": {owner: "b"}, "c-cam": {owner: "c"}},
		troubled:     map[string]bool{"c": true},
	}
	r := &reading{
		interrupted: true, uplinkLoss: 0.02,
		stats: sfu.PeerStats{
			RoundTrip: 30 * time.Millisecond, DownlinkLoss: 0.01, UplinkBitsPerSecond: 300_000,
			Down: []sfu.DownStats{
				{Kind: sfu.KindVideo}, {Kind: sfu.KindVideo, PausedReason: "bandwidth"}, {Kind: sfu.KindVideo, PausedReason: "hidden"},
				{Kind: sfu.KindVideo, PausedReason: "muted"}, {Kind: sfu.KindAudio},
			},
		},
		report: &wire.ReportStats{
			IntervalMs: 2000, RoundTripMs: 50, DownlinkLoss: 0.03, CPULimitedMs: 500, BandwidthLimitedMs: 4000, AvailableBitsPerSecond: 640_000,
			Received: []wire.ReceivedReport{{PublicationID: "b-cam", FreezeMs: 400}, {PublicationID: "c-cam", FreezeMs: 1500}},
		},
	}
	want := quality.Sample{
		Interrupted: true, Late: time.Second, RoundTrip: 50 * time.Millisecond, UplinkLoss: 0.02, DownlinkLoss: 0.03, UplinkLimited: 1,
		CPULimited: 0.25, UplinkBitsPerSecond: 640_000, Frozen: 0.2, PausedVideos: 1, ShownVideos: 2,
	}
	if got := r.sample(time.Second, room); got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	r.stats.Down = append(r.stats.Down, sfu.DownStats{TrackID: "c-cam", Kind: sfu.KindAudio})
	if got := r.sample(0, room); got.DownlinkLoss != 0.01 || r.downlinkLoss != 0.01 {
		t.Errorf("what a sender lost is missing here: %+v", got)
	}
	r.report = nil
	if got := r.sample(0, room); got.Frozen != 0 || got.RoundTrip != 30*time.Millisecond {
		t.Errorf("without a report %+v", got)
	}
}

func TestAClientReportsOfItselfOnly(t *testing.T) {
	l := testLink("a", map[string]string{"a-cam": "a", "b-cam": "b", "c-cam": "c"})
	l.wanted = []string{"b-cam"}
	now := time.Now()
	report := &wire.ReportStats{
		Sent:     []wire.SentReport{{PublicationID: "a-cam"}, {PublicationID: "b-cam"}, {PublicationID: "gone"}},
		Received: []wire.ReceivedReport{{PublicationID: "b-cam"}, {PublicationID: "c-cam"}, {PublicationID: "a-cam"}},
	}
	if err := l.noteReport(now, report); err != nil {
		t.Fatal(err)
	}
	if s, r := l.report.Sent, l.report.Received; len(s) != 1 || s[0].PublicationID != "a-cam" || len(r) != 1 || r[0].PublicationID != "b-cam" {
		t.Errorf("sent %v, received %v", s, r)
	}
	for range reportsBurst - 1 {
		if err := l.noteReport(now, &wire.ReportStats{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.noteReport(now, &wire.ReportStats{}); !errors.Is(err, fault.RateLimited) {
		t.Errorf("a flood of reports: %v", err)
	}
}

func TestWhatIsKeptOfASecond(t *testing.T) {
	l := testLink("a", nil)
	room := overview{
		publications: map[string]published{"a-cam": {owner: "a", source: wire.SourceCamera}, "b-cam": {owner: "b", source: wire.SourceScreen}},
		layers:       map[string][]string{"b-cam": {"q", "h", "f"}}, frozen: map[string]int{"a": 3},
	}
	down := sfu.DownStats{TrackID: "b-cam", Kind: sfu.KindVideo, RID: "h", Packets: 300, Bytes: 250_000, Retransmitted: 7, Dropped: 2, Lost: 0.05}
	stats := sfu.PeerStats{RoundTrip: 30 * time.Millisecond, EstimateBitsPerSecond: 2_000_000, Up: []sfu.UpStats{up("a-cam", 250, 12, 4)}, Down: []sfu.DownStats{down}}
	earlier := down
	earlier.Packets, earlier.Bytes, earlier.Retransmitted, earlier.Dropped = 100, 100_000, 5, 2
	r := &reading{
		link: l, stats: stats, fresh: true, uplinkLoss: 0.08,
		before: countersOf(sfu.PeerStats{Up: []sfu.UpStats{up("a-cam", 150, 10, 4)}, Down: []sfu.DownStats{earlier}}),
		report: &wire.ReportStats{
			RoundTripMs: 55, FreezeMs: 200, CPULimitedMs: 100, AvailableBitsPerSecond: 640_000,
			Sent:     []wire.SentReport{{PublicationID: "a-cam", FramesPerSecond: 24, CPULimitedMs: 100}},
			Received: []wire.ReceivedReport{{PublicationID: "b-cam", Lost: 3, JitterMs: 31, FreezeMs: 200}},
		},
	}
	l.counters = countersOf(stats)
	log := quality.NewLog(time.Now())
	log.Tick(time.Now())
	r.note(log, room)
	b := log.Block()
	people, err := quality.DecodePeople(b.People)
	if err != nil {
		t.Fatal(err)
	}
	sent, received, err := quality.DecodeTracks(b.Tracks)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := people[0].Seconds[0].Row, (quality.Second{
		RoundTripMs: 55, UplinkLoss: 80, EstimateKbps: 2000, AvailableKbps: 640, FreezeMs: 200, CPULimitedMs: 100, OthersFrozen: 3,
	}); got != want {
		t.Errorf("person %+v", got)
	}
	if got, want := sent[0].Seconds[0].Row, (quality.Sent{
		Packets: 100, Lost: 2, Kbps: 120, JitterMs: 4, Layers: 1, Height: 180, KeyframeRequests: 1, FramesPerSecond: 24, CPULimitedMs: 100,
	}); got != want || sent[0].Source != "camera" {
		t.Errorf("sent %+v", got)
	}
	if got, want := received[0].Seconds[0].Row, (quality.Received{
		Packets: 200, Kbps: 1200, Retransmitted: 2, Loss: 50, Layer: 2, Lost: 3, JitterMs: 31, FreezeMs: 200,
	}); got != want || received[0].Source != "screen" {
		t.Errorf("received %+v", got)
	}
}

func TestOthersFrozenCountsReceivers(t *testing.T) {
	publications := map[string]published{"b-cam": {owner: "b"}, "b-screen": {owner: "b"}, "c-cam": {owner: "c"}}
	report := func(fresh bool, received ...wire.ReceivedReport) *reading {
		return &reading{link: testLink("x", nil), fresh: fresh, report: &wire.ReportStats{Received: received}}
	}
	frozen := func(id string) wire.ReceivedReport { return wire.ReceivedReport{PublicationID: id, FreezeMs: 100} }
	got := look([]*reading{
		report(true, frozen("b-cam"), frozen("b-screen")),
		report(true, frozen("b-cam"), wire.ReceivedReport{PublicationID: "c-cam", Lost: 1}),
		report(false, frozen("b-cam")), // told a second ago already
	}, publications).frozen
	if want := map[string]int{"b": 2}; !reflect.DeepEqual(got, want) {
		t.Errorf("frozen %v, want %v", got, want)
	}
}

package session

import (
	"log/slog"
	"reflect"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/sfu"
	"parley/signaling/wire"
)

// ear is a Seat that remembers what it was told.
type ear struct {
	t     *testing.T
	mu    sync.Mutex
	heard []wire.ServerMessage
}

func (e *ear) Send(frame []byte) {
	m, _, err := wire.DecodeServer(frame)
	if err != nil {
		e.t.Error(err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard = append(e.heard, m)
}

func (*ear) Close(wire.EndReason, bool) {}

// expect takes everything that was told.
func (e *ear) expect(when string, want ...wire.ServerMessage) {
	e.t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.heard)+len(want) > 0 && !reflect.DeepEqual(e.heard, want) {
		e.t.Errorf("%s: told %v, want %v", when, e.heard, want)
	}
	e.heard = nil
}

// audience is one who publishes a camera and two who watch it.
type audience struct {
	media                  *Media
	publisher, first, next *ear
}

func newAudience(t *testing.T, kind wire.ParticipantKind) *audience {
	a := &audience{NewMedia(nil, slog.New(slog.DiscardHandler)), &ear{t: t}, &ear{t: t}, &ear{t: t}}
	a.media.links["ann"] = newLink(a.media, "ann", kind, a.publisher)
	a.media.links["bob"] = newLink(a.media, "bob", wire.KindPerson, a.first)
	a.media.links["eve"] = newLink(a.media, "eve", wire.KindPerson, a.next)
	a.media.tracks["cam"] = published{owner: "ann", source: wire.SourceCamera}
	return a
}

func asked(codecs ...string) wire.ServerMessage {
	return &wire.SecondEncoding{PublicationID: "cam", Codecs: append([]string{}, codecs...)}
}

func TestSecondEncodingIsAskedForAsLongAsItIsNeeded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAudience(t, wire.KindPerson)
		defer func() { close(a.media.stop); a.media.work.Wait() }()
		a.media.needSecond("bob", "cam", []string{"H264", "VP8"})
		a.publisher.expect("bob needs it", asked("VP8", "H264"))
		a.media.needSecond("eve", "cam", []string{"H264"})
		a.publisher.expect("eve takes only one of them", asked("H264", "VP8"))
		second := new(sfu.Track)
		a.media.setSeconds("ann", map[string]*sfu.Track{"cam": second})
		if a.media.trackFor("bob", "cam") != second || a.media.trackFor("ann", "cam") == second {
			t.Error("the second encoding is for those who need it")
		}
		a.media.askAgain("ann")
		a.publisher.expect("ann comes back", asked("H264", "VP8"))
		a.media.releaseSeconds("eve", map[string]bool{"cam": true})
		a.publisher.expect("eve still watches")
		a.media.releaseSeconds("eve", nil)
		a.publisher.expect("eve does not watch any more", asked("VP8", "H264"))
		a.media.releaseSeconds("bob", nil)
		a.publisher.expect("nobody needs it", asked())
		a.media.setSeconds("ann", nil)
		if len(a.media.seconds) != 0 {
			t.Error("it is not forgotten")
		}
		time.Sleep(2 * secondTime)
		a.first.expect("in the end")
	})
}

func TestWhoWaitsForASecondEncodingInVainIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAudience(t, wire.KindPerson)
		defer func() { close(a.media.stop); a.media.work.Wait() }()
		if !a.media.needSecond("bob", "cam", []string{"VP8"}) {
			t.Fatal("a person is not asked")
		}
		time.Sleep(secondTime - time.Millisecond)
		a.first.expect("before the time is over")
		time.Sleep(2 * time.Millisecond)
		a.first.expect("after it", &wire.StreamState{PublicationID: "cam", Paused: true, Reason: "codec"})
		a.next.expect("who does not need it")
	})
}

func TestProgramsAreNotAskedForASecondEncoding(t *testing.T) {
	a := newAudience(t, wire.KindIngest)
	defer a.media.work.Wait()
	events := newPeerEvents(a.media.links["bob"], 0)
	events.OnUnsupported("cam", "AV1", []string{"VP8"})
	a.publisher.expect("a program")
	a.first.expect("who cannot decode it", &wire.StreamState{PublicationID: "cam", Paused: true, Reason: "codec"})
	if a.media.needSecond("bob", "gone", []string{"VP8"}) {
		t.Error("of a publication that is gone")
	}
}

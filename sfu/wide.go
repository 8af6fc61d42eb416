package sfu

import (
	"sync"

	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtcp"

	"parley/sfu/packet"
)

// maxToldAtOnce bounds the packets that one feedback tells of, so that it fits a datagram.
const maxToldAtOnce = 300

// wideArrivals tells a publisher which of its packets came and when, by their transport-wide numbers
// (draft-holmer-rmcat-transport-wide-cc-extensions-01). What was lost while the link was cut is never told: libwebrtc
// sends such packets again, ahead of new pictures, and takes them for a sign of how much the link carries.
type wideArrivals struct {
	ssrc uint32 // of the feedback

	// Guarded by mu.
	mu       sync.Mutex
	recorder *twcc.Recorder
	recorded int           // since feedback was built
	built    []rtcp.Packet // and is not told yet
	last     int64         // arrival of the packet before, in nanoseconds
	told     uint8         // feedback packets built
}

func newWideArrivals(ssrc uint32) *wideArrivals {
	return &wideArrivals{ssrc: ssrc, recorder: twcc.NewRecorder(ssrc)}
}

// record takes note of a packet that arrived at that time in nanoseconds.
func (w *wideArrivals) record(ssrc uint32, number uint16, at int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if at-w.last > int64(packet.CutAfter) {
		w.recorder = twcc.NewRecorder(w.ssrc)
	}
	w.last = max(w.last, at)
	w.recorder.Record(ssrc, number, at/1000)
	if w.recorded++; w.recorded >= maxToldAtOnce {
		w.build()
	}
}

// build makes feedback of what was recorded. mu is held.
func (w *wideArrivals) build() {
	w.recorded = 0
	for _, p := range w.recorder.BuildFeedbackPacket() {
		if f, ok := p.(*rtcp.TransportLayerCC); ok {
			f.FbPktCount = w.told
			w.told++
		}
		w.built = append(w.built, p)
	}
}

// feedback returns what is to be told since the last call.
func (w *wideArrivals) feedback() []rtcp.Packet {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.build()
	packets := w.built
	w.built = nil
	return packets
}

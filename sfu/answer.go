package sfu

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

// maxWatchSections bounds the media sections of an offer that watches.
const maxWatchSections = 32

// NewPublishPeer makes a peer that only publishes. What needs the other connection answers ErrOneWay. The peer closes
// itself when its client closes the connection.
func (s *SFU) NewPublishPeer(id string, h PeerHandler) (*Peer, error) {
	return s.newPeer(id, h, TargetPublish)
}

// NewWatchPeer makes a peer that only receives, on a connection where the client offers: see Watch and Show. The peer
// closes itself when its client closes the connection.
func (s *SFU) NewWatchPeer(id string, h PeerHandler) (*Peer, error) {
	return s.newPeer(id, h, TargetSubscribe)
}

// WatchSection is a media section of the client's offer in which a track can be shown.
type WatchSection struct {
	MID    string
	Kind   Kind
	Codecs []string // such as "VP8", in the order of the answer
}

// Watch takes the client's offer of sections that receive, and returns the answer and those sections in the order of the
// offer. It may be called again with the same sections and new ICE credentials, which restarts ICE (RFC 8839).
func (p *Peer) Watch(ctx context.Context, offerSDP string) (answerSDP string, sections []WatchSection, err error) {
	if p.sub == nil || !p.oneWay() {
		return "", nil, ErrOneWay
	}
	type result struct {
		answer   string
		sections []WatchSection
	}
	var r result
	err = p.call(ctx, func() error {
		answer, sections, err := p.sub.watch(offerSDP)
		r = result{answer, sections}
		return err
	})
	if err != nil {
		return "", nil, err
	}
	return r.answer, r.sections, nil
}

// Show says which track flows in each section of Watch, without negotiation; nil is silence. It replaces what was shown
// before: a section that keeps its track is not interrupted, another one goes on with a keyframe and continuous numbers.
// A track whose codec or kind a section cannot carry is left out.
func (p *Peer) Show(tracks []*Track) {
	p.toSubscriber(func(s *subscriber) { s.show(tracks) })
}

// section is a media section of an offer that watches: one outgoing stream that carries one track after another. To Pion
// it is the TrackLocal.
type section struct {
	// Static after the first answer.
	sub    *subscriber
	mid    string
	kind   Kind
	codecs []webrtc.RTPCodecParameters

	bound atomic.Pointer[sectionContext] // nil until bound

	// Owned by the peer's goroutine.
	down   *downTrack // nil while nothing is shown
	ending bool       // it only completes its frame
	last   *downTrack // shown last
}

// sectionContext is the binding of a section with the codecs of its own answer: Pion narrows those of the original to the
// one that was bound first.
type sectionContext struct {
	webrtc.TrackLocalContext
	codecs []webrtc.RTPCodecParameters
}

// CodecParameters implements webrtc.TrackLocalContext.
func (c sectionContext) CodecParameters() []webrtc.RTPCodecParameters { return c.codecs }

// ID implements webrtc.TrackLocal.
func (x *section) ID() string { return "section-" + x.mid }

// RID implements webrtc.TrackLocal.
func (x *section) RID() string { return "" }

// StreamID implements webrtc.TrackLocal: players take everything from one stream.
func (x *section) StreamID() string { return "meeting" }

// Kind implements webrtc.TrackLocal.
func (x *section) Kind() webrtc.RTPCodecType { return webrtc.NewRTPCodecType(string(x.kind)) }

// Bind implements webrtc.TrackLocal.
func (x *section) Bind(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	codecs := c.CodecParameters()
	if len(codecs) == 0 {
		return webrtc.RTPCodecParameters{}, webrtc.ErrUnsupportedCodec
	}
	x.bound.Store(&sectionContext{TrackLocalContext: c})
	return codecs[0], nil
}

// Unbind implements webrtc.TrackLocal. It comes with the end of the connection, after which nothing is written.
func (x *section) Unbind(webrtc.TrackLocalContext) error {
	x.bound.Store(nil)
	return nil
}

// watch applies the client's offer and answers it.
func (s *subscriber) watch(text string) (string, []WatchSection, error) {
	offer, err := parseWatch(text)
	if err != nil {
		return "", nil, err
	}
	if s.sections == nil {
		if err := s.open(offer); err != nil {
			return "", nil, err
		}
	} else if !offer.repeats(s.sections) {
		return "", nil, fmt.Errorf("%w: its sections are not those of before", ErrBadSDP)
	}
	if err := s.conn.setRemote(webrtc.SDPTypeOffer, offer.text); err != nil {
		return "", nil, err
	}
	answer, err := s.conn.pc.CreateAnswer(nil)
	if err != nil {
		return "", nil, fmt.Errorf("%w: %w", ErrBadSDP, err)
	}
	if answer.SDP, err = offer.narrow(answer.SDP); err != nil {
		return "", nil, err
	}
	if text, err = s.conn.describe(answer); err != nil {
		return "", nil, fmt.Errorf("sfu: describe: %w", err)
	}
	sections, err := s.learnSections(text)
	return text, sections, err
}

// open makes a section for each one of the offer that receives.
func (s *subscriber) open(offer *watchOffer) error {
	for _, in := range offer.sections {
		x := &section{sub: s, mid: in.mid, kind: in.kind}
		tr, err := s.conn.pc.AddTransceiverFromTrack(x, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
		if err != nil {
			return fmt.Errorf("sfu: add section: %w", err)
		}
		if err := tr.SetMid(in.mid); err != nil {
			return fmt.Errorf("%w: %w", ErrBadSDP, err)
		}
		s.sections = append(s.sections, x)
	}
	return nil
}

// learnSections takes from the answer which codecs each section carries.
func (s *subscriber) learnSections(answer string) ([]WatchSection, error) {
	d := &sdp.SessionDescription{}
	if err := d.UnmarshalString(answer); err != nil {
		return nil, fmt.Errorf("sfu: own answer: %w", err)
	}
	list := make([]WatchSection, 0, len(s.sections))
	for _, x := range s.sections {
		for _, m := range d.MediaDescriptions {
			if mid, _ := m.Attribute(sdp.AttrKeyMID); mid == x.mid {
				x.codecs = sectionCodecs(m)
			}
		}
		list = append(list, WatchSection{MID: x.mid, Kind: x.kind, Codecs: codecNames(x.codecs)})
	}
	return list, nil
}

// show says which track every section is to carry.
func (s *subscriber) show(tracks []*Track) {
	s.shown = tracks
	s.showNext()
	s.changed.Store(true)
	s.peer.nudge()
}

// showNext brings every section to its track as soon as the frame of the one before is complete. A track that moves to
// another section is taken out of the first one before.
func (s *subscriber) showNext() {
	wanted := make([]*Track, len(s.sections))
	seen := map[*Track]bool{}
	for i, t := range s.shown[:min(len(s.shown), len(s.sections))] {
		if t != nil && !seen[t] && t.kind == s.sections[i].kind {
			wanted[i], seen[t] = t, true
		}
	}
	for i, x := range s.sections {
		if x.down != nil && (x.ending || x.down.track != wanted[i]) {
			if x.ending = !x.down.finish(); !x.ending {
				x.drop()
			}
		}
	}
	for i, x := range s.sections {
		if t := wanted[i]; t != nil && x.down == nil && s.down(t) == nil {
			x.carry(t)
		}
	}
}

// drop ends what the section carries.
func (x *section) drop() {
	if bound := x.bound.Load(); bound != nil {
		_ = x.down.Unbind(bound)
	}
	x.sub.remove(x.down)
	x.last, x.down, x.ending = x.down, nil, false
}

// carry makes the section, which is free, go on with a track.
func (x *section) carry(t *Track) {
	bound, s := x.bound.Load(), x.sub
	if bound == nil {
		return
	}
	if _, ok := best(t.capability(), x.codecs); !ok {
		s.refuse(t, x.codecs)
		return
	}
	d := newDownTrack(t, s)
	d.follow(x.last)
	s.mu.Lock()
	s.downs[t] = d
	s.mu.Unlock()
	if !t.attach(d, nil) {
		s.mu.Lock()
		delete(s.downs, t)
		s.mu.Unlock()
		return
	}
	s.peer.sfu.metrics.downTracks.Inc()
	x.down = d
	_, _ = d.Bind(sectionContext{bound.TrackLocalContext, x.codecs})
	s.changed.Store(true)
	s.peer.nudge()
}

// follow makes d go on where the track before it in the section stopped: with its numbers and counts. The one before is
// not bound any more.
func (d *downTrack) follow(before *downTrack) {
	if before == nil {
		return
	}
	before.mu.Lock()
	defer before.mu.Unlock()
	d.fwd.rw = before.fwd.rw
	d.fwd.base = before.fwd.base + len(*before.track.sources.Load())
	d.rtxNumber = before.rtxNumber
	d.answered = before.answered // the one before sends nothing more
	d.packets, d.octets = before.packets, before.octets
}

// skew is what is added to the publisher's clock in reports: sections show one person after another, whose clocks differ
// but whose sound and picture belong together.
func (d *downTrack) skew() int64 {
	if d.sub.peer.pub != nil {
		return 0
	}
	return d.track.publisher.clockShift.get()
}

package sfu

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/webrtc/v4"

	"parley/sfu/seal"
)

const (
	// gatherTimeout bounds how long a description waits for the candidates of the machine, which come within milliseconds;
	// the rest is trickled.
	gatherTimeout = 300 * time.Millisecond
	// maxEarlyCandidates bounds the candidates that are kept until their description comes.
	maxEarlyCandidates = 64
)

// connection is a peer connection with what both directions need.
type connection struct {
	// Static after construction.
	peer   *Peer
	target Target
	taps   taps
	pc     *webrtc.PeerConnection

	trickle   atomic.Bool  // candidates are told one by one; before that the description carries them
	connected atomic.Bool  // now
	ready     atomic.Bool  // was connected once, so that media has keys
	open      atomic.Bool  // media may be sent: it has keys, and the client has not fallen silent for good (RFC 7675)
	state     atomic.Value // State
	keys      seal.KeyTap
	session   atomic.Pointer[seal.Session] // nil where Pion encrypts
	opener    atomic.Pointer[seal.Opener]  // nil where Pion decrypts
	route     atomic.Pointer[route]        // nil before ICE selected one

	gathered gathered

	stateMu sync.Mutex // lets one change of state after the other be told

	// Guarded by routeMu.
	routeMu sync.Mutex
	ended   bool

	// Owned by the peer's goroutine.
	early []webrtc.ICECandidateInit
}

func newConnection(p *Peer, target Target, t taps) (*connection, error) {
	c := &connection{peer: p, target: target, taps: t}
	c.state.Store(StateNew)
	pc, err := p.sfu.newPeerConnection(c)
	if err != nil {
		return nil, fmt.Errorf("sfu: new %s connection: %w", target, err)
	}
	c.pc = pc
	pc.OnICECandidate(c.onICECandidate)
	pc.OnConnectionStateChange(c.onConnectionState)
	c.ice().OnSelectedCandidatePairChange(c.onPair)
	return c, nil
}

// carries tells whether media can be sent now.
func (c *connection) carries() bool {
	return c.open.Load() && (c.session.Load() == nil || c.route.Load() != nil)
}

func (c *connection) onICECandidate(found *webrtc.ICECandidate) {
	if !c.trickle.Load() {
		return
	}
	if found == nil {
		c.peer.post(func() { c.peer.handler.OnCandidate(c.target, Candidate{}) })
		return
	}
	init := found.ToJSON()
	for _, text := range c.peer.sfu.advertise(init.Candidate) {
		told := Candidate{Candidate: text}
		if init.SDPMid != nil {
			told.SDPMid = *init.SDPMid
		}
		if init.SDPMLineIndex != nil {
			line := int(*init.SDPMLineIndex)
			told.SDPMLineIndex = &line
		}
		if init.UsernameFragment != nil {
			told.UsernameFragment = *init.UsernameFragment
		}
		c.peer.post(func() { c.peer.handler.OnCandidate(c.target, told) })
	}
}

// onConnectionState takes the state of now: Pion calls on a goroutine for each change, so that what it tells may come late.
func (c *connection) onConnectionState(webrtc.PeerConnectionState) {
	c.stateMu.Lock()
	defer c.stateMu.Unlock()
	state := map[webrtc.PeerConnectionState]State{
		webrtc.PeerConnectionStateNew:          StateNew,
		webrtc.PeerConnectionStateConnecting:   StateConnecting,
		webrtc.PeerConnectionStateConnected:    StateConnected,
		webrtc.PeerConnectionStateDisconnected: StateDisconnected,
		webrtc.PeerConnectionStateFailed:       StateFailed,
		webrtc.PeerConnectionStateClosed:       StateClosed,
	}[c.pc.ConnectionState()]
	if c.state.Swap(state) == state {
		return
	}
	again := state == StateConnected && c.ready.Load()
	c.connected.Store(state == StateConnected)
	if state == StateConnected && !c.ready.Load() {
		c.takeOver()
		c.ready.Store(true)
	}
	switch state {
	case StateConnected:
		c.open.Store(true)
	case StateFailed, StateClosed:
		c.open.Store(false)
	}
	c.peer.log.Debug("connection", "target", c.target, "state", state)
	if state == StateClosed {
		if c.peer.oneWay() {
			c.peer.giveUp() // the client closed the only connection
		}
		return // told once, at the end of the peer
	}
	c.peer.post(func() {
		c.peer.handler.OnState(c.target, state)
		if again && c.target == TargetSubscribe {
			c.peer.sub.refresh()
		}
	})
	c.peer.nudge()
}

// describe sets d as the local description and returns it with the machine's candidates in it.
func (c *connection) describe(d webrtc.SessionDescription) (string, error) {
	gathered := webrtc.GatheringCompletePromise(c.pc)
	if err := c.pc.SetLocalDescription(d); err != nil {
		return "", err
	}
	select {
	case <-gathered:
	case <-time.After(gatherTimeout):
	case <-c.peer.stop:
		return "", ErrClosed
	}
	c.trickle.Store(true)
	return c.peer.sfu.advertiseAll(c.pc.LocalDescription().SDP), nil
}

// setRemote sets the remote description and then the candidates that came before it.
func (c *connection) setRemote(t webrtc.SDPType, text string) error {
	if err := c.pc.SetRemoteDescription(webrtc.SessionDescription{Type: t, SDP: withOurOpus(text)}); err != nil {
		return fmt.Errorf("%w: %w", ErrBadSDP, err)
	}
	early := c.early
	c.early = nil
	for _, init := range early {
		if err := c.pc.AddICECandidate(init); err != nil {
			c.peer.log.Debug("early candidate not usable", "target", c.target, "error", err)
		}
	}
	return nil
}

func (c *connection) addCandidate(in Candidate) error {
	if in.Candidate == "" {
		return nil
	}
	init := webrtc.ICECandidateInit{Candidate: in.Candidate}
	if in.SDPMid != "" {
		init.SDPMid = &in.SDPMid
	}
	if in.SDPMLineIndex != nil {
		line := uint16(*in.SDPMLineIndex)
		init.SDPMLineIndex = &line
	}
	if in.UsernameFragment != "" {
		init.UsernameFragment = &in.UsernameFragment
	}
	if c.pc.RemoteDescription() == nil {
		if len(c.early) >= maxEarlyCandidates {
			return fmt.Errorf("%w: too many before a description", ErrBadCandidate)
		}
		c.early = append(c.early, init)
		return nil
	}
	if err := c.pc.AddICECandidate(init); err != nil {
		return fmt.Errorf("%w: %w", ErrBadCandidate, err)
	}
	return nil
}

func (c *connection) stats() ConnectionStats {
	s := ConnectionStats{State: c.state.Load().(State)}
	if !c.ready.Load() {
		return s // Pion may be starting ICE at this moment, and does not guard what it is asked for
	}
	pair, err := c.ice().GetSelectedCandidatePair()
	if err != nil || pair == nil {
		return s
	}
	s.Local, s.Remote = candidateText(pair.Local), candidateText(pair.Remote)
	s.Protocol = pair.Local.Protocol.String()
	return s
}

// roundTrip is what the connectivity checks measured last, 0 when unknown.
func (c *connection) roundTrip() time.Duration {
	pair, ok := c.ice().GetSelectedCandidatePairStats()
	if !ok {
		return 0
	}
	return time.Duration(pair.CurrentRoundTripTime * float64(time.Second))
}

func candidateText(c *webrtc.ICECandidate) string {
	a, err := netip.ParseAddr(c.Address)
	if err != nil {
		return c.Address
	}
	return netip.AddrPortFrom(a, c.Port).String()
}

// advertise returns the candidate as clients are told it: with the advertised addresses in place of the machine's.
func (s *SFU) advertise(candidate string) []string {
	if len(s.cfg.AdvertisedIPs) == 0 {
		return []string{candidate}
	}
	fields := strings.Fields(candidate)
	if len(fields) < 8 {
		return nil
	}
	local, err := netip.ParseAddr(fields[4])
	if err != nil {
		return nil
	}
	var told []string
	for _, ip := range s.cfg.AdvertisedIPs {
		if ip.Unmap().Is4() == local.Unmap().Is4() {
			fields[4] = ip.Unmap().String()
			told = append(told, strings.Join(fields, " "))
		}
	}
	return told
}

// advertiseAll does that for every candidate in a description, without repeating any in a section.
func (s *SFU) advertiseAll(text string) string {
	if len(s.cfg.AdvertisedIPs) == 0 {
		return text
	}
	var out strings.Builder
	seen := map[string]bool{}
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "m="):
			clear(seen)
		case strings.HasPrefix(line, "a=candidate:"):
			for _, told := range s.advertise(strings.TrimSpace(strings.TrimPrefix(line, "a="))) {
				// The foundation and priority of the first address stand for all.
				f := strings.Fields(told)
				if key := f[2] + f[4] + f[5]; !seen[key] {
					seen[key] = true
					out.WriteString("a=" + told + "\r\n")
				}
			}
			continue
		}
		out.WriteString(line)
	}
	return out.String()
}

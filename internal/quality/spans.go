package quality

import "time"

// joinWithin is how long it may have been good between two spans of the same trouble for people to call them one.
const joinWithin = 15 * time.Second

// Span is trouble of one kind from one moment to another, with the figures that describe it; those that do not belong to
// its reason are zero.
type Span struct {
	From, To     time.Time
	Verdict      Verdict       // its worst level
	Loss         float64       // fraction 0..1 of the packets on the side that lost them, in the seconds in which it did
	RoundTrip    time.Duration // the longest
	Kbps         int           // the least that the side carried
	Frozen       time.Duration // pictures stood still, altogether
	OthersFrozen int           // the most others at one time to whom this person's pictures stood still
}

// Spanner joins the seconds of one participant to spans. Seconds come in their order.
type Spanner struct {
	spans []Span
	open  *spanSum
}

// spanSum is the span that goes on.
type spanSum struct {
	span   Span
	losses int // thousandths, of all lossy seconds
	lossy  int // seconds
}

// Add takes the next second.
func (s *Spanner) Add(at time.Time, row Second) {
	if s.open != nil && at.Sub(s.open.span.To) > joinWithin {
		s.end()
	}
	v := row.Verdict
	if v.Level == Good {
		return
	}
	if s.open != nil && s.open.span.Verdict.Reason != v.Reason {
		s.open.span.To = minTime(s.open.span.To, at)
		s.end()
	}
	if s.open == nil {
		s.open = &spanSum{span: Span{From: at, Verdict: v}}
	}
	s.open.add(at, row)
}

// Spans returns what was found, in the order of time.
func (s *Spanner) Spans() []Span {
	s.end()
	return s.spans
}

func (s *Spanner) end() {
	if s.open == nil {
		return
	}
	o := s.open
	if o.lossy > 0 {
		o.span.Loss = float64(o.losses) / float64(o.lossy) / 1000
	}
	s.spans = append(s.spans, o.span)
	s.open = nil
}

func (o *spanSum) add(at time.Time, row Second) {
	p := &o.span
	p.To = at.Add(time.Second)
	p.Verdict.Level = max(p.Verdict.Level, row.Verdict.Level)
	p.OthersFrozen = max(p.OthersFrozen, row.OthersFrozen)
	p.Frozen += time.Duration(row.FreezeMs) * time.Millisecond
	switch p.Verdict.Reason {
	case UplinkLoss:
		o.addLoss(row.UplinkLoss)
	case DownlinkLoss:
		o.addLoss(row.DownlinkLoss)
	case ServerLoss:
		o.addLoss(max(row.UplinkLoss, row.DownlinkLoss))
	case UplinkBandwidth:
		p.Kbps = least(p.Kbps, max(row.AvailableKbps, row.UplinkKbps))
	case DownlinkBandwidth:
		p.Kbps = least(p.Kbps, row.EstimateKbps)
	case RoundTrip:
		p.RoundTrip = max(p.RoundTrip, time.Duration(row.RoundTripMs)*time.Millisecond)
	}
}

func (o *spanSum) addLoss(thousandths int) {
	if thousandths > 0 {
		o.losses += thousandths
		o.lossy++
	}
}

// least is the smaller one, where zero is unknown.
func least(a, b int) int {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

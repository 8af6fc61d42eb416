package quality

// Second is what was measured of a participant's connections in one second. What the client reported stands in the
// second in which the report came, for the whole time since the report before.
type Second struct {
	Verdict                          Verdict
	RoundTripMs                      int
	UplinkLoss, DownlinkLoss         int // thousandths of the packets
	UplinkKbps, DownlinkKbps         int
	EstimateKbps                     int // what the server believes that the downlink carries
	AvailableKbps                    int // what the client believes that its uplink carries, 0 when it does not say
	FreezeMs                         int // of the picture that stood still longest, reported
	CPULimitedMs, BandwidthLimitedMs int // of the encoder that was held back longest, reported
	PausedVideos                     int // for want of bandwidth
	OthersFrozen                     int // who reported that this participant's pictures stood still
}

// Sent is what a participant sent of one publication in one second.
type Sent struct {
	Packets, Lost                    int // received by the server, and missing
	Kbps                             int
	JitterMs                         int
	Layers                           int // that flow
	Height                           int // of the largest of them, 0 while it is unknown
	KeyframeRequests                 int
	FramesPerSecond                  int // reported
	CPULimitedMs, BandwidthLimitedMs int // reported
}

// Pause is why a subscribed video does not flow.
type Pause int

// The pauses. The values are kept in logs and never change.
const (
	Flows Pause = iota
	PausedHidden
	PausedBandwidth
	PausedNoLayer
	PausedMuted
)

var pauses = [...]string{"", "hidden", "bandwidth", "noLayer", "muted"}

// String returns the word that the SFU and files know, empty for Flows.
func (p Pause) String() string { return pauses[p] }

// PauseOf is the inverse of String. Unknown words count as Flows.
func PauseOf(word string) Pause {
	for i, p := range pauses {
		if p == word {
			return Pause(i)
		}
	}
	return Flows
}

// Received is what a participant was sent of one publication in one second.
type Received struct {
	Packets       int // sent by the server
	Kbps          int
	Retransmitted int
	Dropped       int // not sent because the participant could not keep up
	Loss          int // thousandths, as the client's RTCP reports say
	Layer         int // that flows, 1 for the smallest; 0 for none
	Pause         Pause
	Lost          int // packets, reported
	JitterMs      int // reported; 0 when it is small
	FreezeMs      int // reported
}

// kbpsUnit is the step in which rates are kept.
const kbpsUnit = 8

func (s Second) columns() []int64 {
	return []int64{
		s.Verdict.code(), int64(s.RoundTripMs), int64(s.UplinkLoss), int64(s.DownlinkLoss), steps(s.UplinkKbps), steps(s.DownlinkKbps),
		steps(s.EstimateKbps), steps(s.AvailableKbps), int64(s.FreezeMs), int64(s.CPULimitedMs), int64(s.BandwidthLimitedMs),
		int64(s.PausedVideos), int64(s.OthersFrozen),
	}
}

func secondOf(c []int64) Second {
	return Second{
		verdictOf(c[0]), int(c[1]), int(c[2]), int(c[3]), kbps(c[4]), kbps(c[5]), kbps(c[6]), kbps(c[7]), int(c[8]), int(c[9]), int(c[10]),
		int(c[11]), int(c[12]),
	}
}

func (s Sent) columns() []int64 {
	return []int64{
		int64(s.Packets), int64(s.Lost), steps(s.Kbps), int64(s.JitterMs), int64(s.Layers), int64(s.Height), int64(s.KeyframeRequests),
		int64(s.FramesPerSecond), int64(s.CPULimitedMs), int64(s.BandwidthLimitedMs),
	}
}

func sentOf(c []int64) Sent {
	return Sent{
		int(c[0]), int(c[1]), kbps(c[2]), int(c[3]), int(c[4]), int(c[5]), int(c[6]), int(c[7]), int(c[8]), int(c[9]),
	}
}

func (r Received) columns() []int64 {
	return []int64{
		int64(r.Packets), steps(r.Kbps), int64(r.Retransmitted), int64(r.Dropped), int64(r.Loss), int64(r.Layer), int64(r.Pause),
		int64(r.Lost), int64(r.JitterMs), int64(r.FreezeMs),
	}
}

func receivedOf(c []int64) Received {
	pause := Pause(c[6])
	if pause < Flows || int(pause) >= len(pauses) {
		pause = Flows
	}
	return Received{
		int(c[0]), kbps(c[1]), int(c[2]), int(c[3]), int(c[4]), int(c[5]), pause, int(c[7]), int(c[8]), int(c[9]),
	}
}

func steps(kbps int) int64 { return int64(kbps+kbpsUnit/2) / kbpsUnit }
func kbps(steps int64) int { return int(steps) * kbpsUnit }

// Numbers of columns, a part of the format.
const (
	secondColumns   = 13
	sentColumns     = 10
	receivedColumns = 10
)

package quality

// Level is how good a connection is. The values are kept in logs and never change.
type Level int

// The levels.
const (
	Good Level = iota
	Weak       // speech and picture suffer
	Bad        // they break
)

// String returns the word that clients and files know.
func (l Level) String() string { return [...]string{"good", "weak", "bad"}[l] }

// Side is where trouble has its cause.
type Side int

// The sides.
const (
	NoSide   Side = iota
	Uplink        // what the person sends is lost or does not fit
	Downlink      // what the person is sent is lost or does not fit
	Link          // the person's connection in both directions
	Device        // the person's computer
	Server        // our server, or the network it is in
)

// String returns the word that clients and files know, empty for NoSide.
func (s Side) String() string {
	return [...]string{"", "uplink", "downlink", "link", "device", "server"}[s]
}

// Reason is why a connection is not good. The values are kept in logs and never change.
type Reason int

// The reasons, in the order in which they explain a connection when several hold.
const (
	NoReason Reason = iota
	Lost            // the media connection is interrupted
	ServerBusy
	ServerLoss // most of the meeting loses packets at the same time
	UplinkLoss
	UplinkBandwidth // the upload carries too little for a good picture
	DownlinkLoss
	DownlinkBandwidth // the server pauses videos that the download does not carry
	Frozen            // pictures stand still at the receiver though their senders are well
	RoundTrip
	CPU // the encoder is held back by the processor
)

var reasons = [...]struct {
	name string
	side Side
}{
	NoReason:          {"", NoSide},
	Lost:              {"lost", Link},
	ServerBusy:        {"serverBusy", Server},
	ServerLoss:        {"serverLoss", Server},
	UplinkLoss:        {"uplinkLoss", Uplink},
	UplinkBandwidth:   {"uplinkBandwidth", Uplink},
	DownlinkLoss:      {"downlinkLoss", Downlink},
	DownlinkBandwidth: {"downlinkBandwidth", Downlink},
	Frozen:            {"frozen", Downlink},
	RoundTrip:         {"roundTrip", Link},
	CPU:               {"cpu", Device},
}

// String returns the word that clients and files know, empty for NoReason.
func (r Reason) String() string { return reasons[r].name }

// Side returns where a reason has its cause.
func (r Reason) Side() Side { return reasons[r].side }

// Verdict is a judgement. Only a Good one has no reason.
type Verdict struct {
	Level  Level
	Reason Reason
}

// code packs a verdict into one number for the log.
func (v Verdict) code() int64 { return int64(v.Reason)*4 + int64(v.Level) }

// verdictOf is the inverse of code; a number that is no verdict counts as good.
func verdictOf(code int64) Verdict {
	level, reason := Level(code&3), Reason(code>>2)
	if level > Bad || reason < NoReason || int(reason) >= len(reasons) || (level == Good) != (reason == NoReason) {
		return Verdict{}
	}
	return Verdict{level, reason}
}

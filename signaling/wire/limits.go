package wire

// Limits of what crosses the wire. PROTOCOL.md lists them; a test holds the two together.
const (
	MaxMessageBytes          = 64 << 10
	MaxSDPBytes              = 60 << 10
	MaxTiles                 = 100
	MaxTracks                = 8
	MaxNameRunes             = 64
	MaxClientBytes           = 128
	MaxLocaleBytes           = 35
	MaxTokenBytes            = 1024
	MaxEmojiBytes            = 32
	MaxIDBytes               = 64
	MaxMIDBytes              = 16
	MaxCandidateBytes        = 1024
	MaxUfragBytes            = 256
	MaxPixels                = 16384
	MaxPeople                = 500 // in one admit or refuse
	MaxReceived              = 64  // streams in one report
	MaxDurationMs            = 600_000
	MaxLost                  = 1_000_000 // packets of one stream in one report
	MaxFramesPerSecond       = 1000
	MaxRequestID       int64 = 1<<53 - 1
)

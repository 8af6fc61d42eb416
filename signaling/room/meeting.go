package room

import (
	"time"

	"parley/signaling/wire"
)

// Person is who somebody is, as the directory knows him. The same person may be in a meeting several times, with
// several devices.
type Person struct {
	Key        string // stable identity: "user:<id>", "guest:<id>", or "stream:<id of the token>" for a program
	Kind       wire.ParticipantKind
	UserID     string // empty for guests and programs
	Name       string
	AvatarURL  string
	Department string
	Guest      bool
	MayHost    bool // the organizer or somebody he named: becomes host before others
	SkipsLobby bool
}

// program tells a stream that a program sends or shows from somebody who can act.
func (p Person) program() bool { return p.Kind != wire.KindPerson }

// Settings are the rules of the meeting that its hosts may change.
type Settings struct {
	Lobby           bool
	GuestsAllowed   bool
	WhoMayShare     wire.WhoMayShare
	WhoMayDraw      wire.WhoMayDraw
	ChatAllowed     bool
	MaxParticipants int // Defaults to 300
}

func (s Settings) withDefaults() Settings {
	if s.MaxParticipants <= 0 {
		s.MaxParticipants = DefaultMaxParticipants
	}
	if s.WhoMayShare == "" {
		s.WhoMayShare = wire.ShareEveryone
	}
	if s.WhoMayDraw == "" {
		s.WhoMayDraw = wire.DrawEveryone
	}
	return s
}

// Meeting is what a room is made for.
type Meeting struct {
	ID             string
	Code           string
	Title          string
	ConversationID string
	OrganizerKey   string    // key of the person who is host whenever he comes
	StartedAt      time.Time // zero, or when it began before the server restarted
	Settings       Settings
	Access         Access // kept from before the server restarted
	Boards         Boards // likewise
}

// Access is who may not enter or write in a running meeting, and who may more than others.
type Access struct {
	Locked     bool     // nobody new
	Removed    []string // keys of people whom a host removed, in order
	ChatClosed bool     // by a host
	CoHosts    []string // keys of people whom a host made co-hosts, in order
}

// Bounds of a room.
const (
	DefaultMaxParticipants = 300
	MaxWaiting             = 200
	MaxShares              = 4
	MaxSharesPerPerson     = 2
	MaxDevices             = 5 // participants that are the same person
	MaxPrograms            = 50
	MaxBoards              = 8  // that are open at once
	MaxViewersPerToken     = 20 // viewers that came with the same token

	// MaxAudios and MaxVideos bound what one participant receives, so that its answers stay below wire.MaxSDPBytes and
	// wire.MaxMessageBytes. Beyond them the audios that have been muted longest and the videos longest out of view are
	// given up. A media section that is given up is free only once the client knows, so who turns a whole page of videos
	// has sections for two of them from then on.
	MaxAudios = 30
	MaxVideos = 25

	ResumeGrace = 30 * time.Second // how long a dropped participant is kept
	EmptyGrace  = 60 * time.Second // how long a meeting goes on without participants

	reactionsPerSecond = 2
	reactionsBurst     = 6
	changesPerSecond   = 4 // of what a participant changes of itself, for everybody is told
	changesBurst       = 20
	firstKnockPause    = 10 * time.Second // after a refusal; doubles with each
	longestKnockPause  = 5 * time.Minute
)

// GoneReason says why a participant left, for attendance.
type GoneReason string

// The reasons.
const (
	GoneLeft     GoneReason = "leave"
	GoneTimeout  GoneReason = "timeout"
	GoneRemoved  GoneReason = "removed"
	GoneEnded    GoneReason = "ended"
	GoneShutdown GoneReason = "shutdown"
)

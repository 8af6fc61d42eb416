package wire

import (
	"maps"
	"reflect"
	"slices"
)

// ClientMessage is a message that a client may send: a pointer to one of the structs in clientTypes.
type ClientMessage interface {
	// Validate returns an *Invalid when a field is outside its limits.
	Validate() error
}

// ServerMessage is a message that the server sends: a pointer to one of the structs in serverTypes.
type ServerMessage any

// clientTypes and serverTypes are the only places that map the "type" of a message to its struct.
var clientTypes = map[string]func() ClientMessage{
	"hello":           func() ClientMessage { return new(Hello) },
	"publish":         func() ClientMessage { return new(Publish) },
	"subscribeAnswer": func() ClientMessage { return new(SubscribeAnswer) },
	"candidate":       func() ClientMessage { return new(Candidate) },
	"restartIce":      func() ClientMessage { return new(RestartICE) },
	"view":            func() ClientMessage { return new(View) },
	"setMuted":        func() ClientMessage { return new(SetMuted) },
	"setHint":         func() ClientMessage { return new(SetHint) },
	"raiseHand":       func() ClientMessage { return new(RaiseHand) },
	"sendReaction":    func() ClientMessage { return new(SendReaction) },
	"rename":          func() ClientMessage { return new(Rename) },
	"leave":           func() ClientMessage { return new(Leave) },
	"ping":            func() ClientMessage { return new(Ping) },
	"admit":           func() ClientMessage { return new(Admit) },
	"refuse":          func() ClientMessage { return new(Refuse) },
	"muteParticipant": func() ClientMessage { return new(MuteParticipant) },
	"muteAll":         func() ClientMessage { return new(MuteAll) },
	"askUnmute":       func() ClientMessage { return new(AskUnmute) },
	"remove":          func() ClientMessage { return new(Remove) },
	"lowerHands":      func() ClientMessage { return new(LowerHands) },
	"setRole":         func() ClientMessage { return new(SetRole) },
	"transferHost":    func() ClientMessage { return new(TransferHost) },
	"spotlight":       func() ClientMessage { return new(Spotlight) },
	"presentBoard":    func() ClientMessage { return new(PresentBoard) },
	"updateSettings":  func() ClientMessage { return new(UpdateSettings) },
	"end":             func() ClientMessage { return new(End) },
	"reportStats":     func() ClientMessage { return new(ReportStats) },
}

var serverTypes = map[string]func() ServerMessage{
	"welcome":            func() ServerMessage { return new(Welcome) },
	"joined":             func() ServerMessage { return new(Joined) },
	"published":          func() ServerMessage { return new(Published) },
	"subscribeOffer":     func() ServerMessage { return new(SubscribeOffer) },
	"candidate":          func() ServerMessage { return new(Candidate) },
	"participantJoined":  func() ServerMessage { return new(ParticipantJoined) },
	"participantUpdated": func() ServerMessage { return new(ParticipantUpdated) },
	"participantLeft":    func() ServerMessage { return new(ParticipantLeft) },
	"publicationAdded":   func() ServerMessage { return new(PublicationAdded) },
	"publicationUpdated": func() ServerMessage { return new(PublicationUpdated) },
	"publicationRemoved": func() ServerMessage { return new(PublicationRemoved) },
	"meetingUpdated":     func() ServerMessage { return new(MeetingUpdated) },
	"permissionsUpdated": func() ServerMessage { return new(PermissionsUpdated) },
	"lobbyUpdated":       func() ServerMessage { return new(LobbyUpdated) },
	"speakers":           func() ServerMessage { return new(Speakers) },
	"reaction":           func() ServerMessage { return new(Reaction) },
	"muted":              func() ServerMessage { return new(Muted) },
	"askedToUnmute":      func() ServerMessage { return new(AskedToUnmute) },
	"quality":            func() ServerMessage { return new(Quality) },
	"streamState":        func() ServerMessage { return new(StreamState) },
	"secondEncoding":     func() ServerMessage { return new(SecondEncoding) },
	"unwantedLayers":     func() ServerMessage { return new(UnwantedLayers) },
	"closing":            func() ServerMessage { return new(Closing) },
	"ok":                 func() ServerMessage { return new(OK) },
	"pong":               func() ServerMessage { return new(Pong) },
	"error":              func() ServerMessage { return new(Error) },
}

// Names maps the "type" of each message of one direction to the name of its Go struct.
type Names map[string]string

// ClientNames returns the messages that clients send.
func ClientNames() Names { return structNames(clientTypes) }

// ServerNames returns the messages that the server sends.
func ServerNames() Names { return structNames(serverTypes) }

// Sorted returns the types in alphabetical order.
func (n Names) Sorted() []string { return slices.Sorted(maps.Keys(n)) }

func structNames[M any](types map[string]func() M) Names {
	names := make(Names, len(types))
	for name, construct := range types {
		names[name] = reflect.TypeOf(construct()).Elem().Name()
	}
	return names
}

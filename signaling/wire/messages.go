package wire

import "encoding/json"

// Version is the protocol version that hello must carry.
const Version = 1

// Role is a participant's role in a meeting.
type Role string

// The roles, from the most to the least capable.
const (
	RoleHost        Role = "host"
	RoleCoHost      Role = "cohost"
	RoleParticipant Role = "participant"
	RoleGuest       Role = "guest"
)

// Source says what a publication shows or sounds.
type Source string

// The sources. A participant has at most one microphone and one camera, and up to Limits.SharesPerParticipant shares.
const (
	SourceMicrophone  Source = "microphone"
	SourceCamera      Source = "camera"
	SourceScreen      Source = "screen"
	SourceScreenAudio Source = "screenAudio"
)

// Kind is the media kind of a track.
type Kind string

// The media kinds.
const (
	KindAudio Kind = "audio"
	KindVideo Kind = "video"
)

// ContentHint tells the encoder what matters in a share: sharp text or smooth motion.
type ContentHint string

// The content hints.
const (
	HintText   ContentHint = "text"
	HintMotion ContentHint = "motion"
)

// Target names one of the two peer connections of a participant.
type Target string

// The targets: the client always offers on publish, the server always offers on subscribe.
const (
	TargetPublish   Target = "publish"
	TargetSubscribe Target = "subscribe"
)

// Connection tells whether a participant can be reached, over the WebSocket and over its peer connections.
type Connection string

// The connection states.
const (
	Connected    Connection = "connected"
	Reconnecting Connection = "reconnecting"
)

// WhoMayShare is a meeting's rule for screen sharing.
type WhoMayShare string

// The sharing rules.
const (
	ShareEveryone WhoMayShare = "everyone"
	ShareHosts    WhoMayShare = "hosts"
)

// WhoMayDraw is a meeting's rule for opening boards in it and drawing on them.
type WhoMayDraw string

// The drawing rules.
const (
	DrawEveryone WhoMayDraw = "everyone"
	DrawHosts    WhoMayDraw = "hosts"
)

// ParticipantKind tells programs, which take part over HTTP (WHIP and WHEP), from people, who have none.
type ParticipantKind string

// The kinds.
const (
	KindPerson ParticipantKind = ""
	KindIngest ParticipantKind = "ingest" // sends a stream into the meeting
	KindViewer ParticipantKind = "viewer" // shows the meeting elsewhere
)

// Participant is a member of the meeting as everybody sees it.
type Participant struct {
	ID         string          `json:"id"`
	Kind       ParticipantKind `json:"kind,omitempty"`
	UserID     string          `json:"userId,omitempty"` // empty for guests and programs
	Name       string          `json:"name"`
	AvatarURL  string          `json:"avatarUrl,omitempty"`
	Department string          `json:"department,omitempty"`
	Role       Role            `json:"role"`
	JoinedAt   int64           `json:"joinedAt"`         // Unix milliseconds
	HandAt     int64           `json:"handAt,omitempty"` // Unix milliseconds when the hand went up, 0 when down
	Connection Connection      `json:"connection"`
}

// Publication is a track that a participant offers to the meeting.
type Publication struct {
	ID            string      `json:"id"`
	ParticipantID string      `json:"participantId"`
	Source        Source      `json:"source"`
	Kind          Kind        `json:"kind"`
	Muted         bool        `json:"muted"`
	Codec         string      `json:"codec,omitempty"` // "VP8", "opus", ...
	Hint          ContentHint `json:"hint,omitempty"`
	ShareID       string      `json:"shareId,omitempty"` // binds a screen and its screenAudio
}

// Waiting is a person in the lobby, seen by those who may admit.
type Waiting struct {
	ID         string          `json:"id"`
	Kind       ParticipantKind `json:"kind,omitempty"`
	Name       string          `json:"name"`
	Guest      bool            `json:"guest"`
	Department string          `json:"department,omitempty"`
	AvatarURL  string          `json:"avatarUrl,omitempty"`
	Since      int64           `json:"since"` // Unix milliseconds
}

// Meeting is the shared state of the meeting.
type Meeting struct {
	ID               string      `json:"id"`
	Code             string      `json:"code"`
	Title            string      `json:"title"`
	ConversationID   string      `json:"conversationId"`
	StartedAt        int64       `json:"startedAt"` // Unix milliseconds
	Lobby            bool        `json:"lobby"`
	Locked           bool        `json:"locked"`
	GuestsAllowed    bool        `json:"guestsAllowed"`
	WhoMayShare      WhoMayShare `json:"whoMayShare"`
	WhoMayDraw       WhoMayDraw  `json:"whoMayDraw"`
	ChatAllowed      bool        `json:"chatAllowed"`
	SpotlightID      string      `json:"spotlightId,omitempty"`      // participant spotlit for all
	Boards           []Board     `json:"boards"`                     // that are open, in the order of opening
	PresentedBoardID string      `json:"presentedBoardId,omitempty"` // the one of them that is presented to all
}

// Board is a board that is open in the meeting.
type Board struct {
	ID           string `json:"id"`
	Title        string `json:"title"`
	OpenedBy     string `json:"openedBy,omitempty"` // participant that is the person who opened it; empty while away
	OpenedByName string `json:"openedByName"`
	OpenedAt     int64  `json:"openedAt"` // Unix milliseconds
}

// Permissions is what the receiver may do; the client shows no more than this and the server refuses the rest.
type Permissions struct {
	PublishMicrophone bool `json:"publishMicrophone"`
	PublishCamera     bool `json:"publishCamera"`
	Share             bool `json:"share"`
	Draw              bool `json:"draw"` // open boards and draw on them
	Chat              bool `json:"chat"`
	Rename            bool `json:"rename"`
	Admit             bool `json:"admit"`
	Moderate          bool `json:"moderate"` // mute, ask to unmute, stop camera or share, remove, lower hands, spotlight
	ChangeSettings    bool `json:"changeSettings"`
	AssignRoles       bool `json:"assignRoles"` // co-hosts, transfer of host
	End               bool `json:"end"`
}

// ICEServer is an entry of RTCConfiguration.iceServers.
type ICEServer struct {
	URLs       []string `json:"urls"`
	Username   string   `json:"username,omitempty"`
	Credential string   `json:"credential,omitempty"`
}

// ---- client to server ----
// Each message is a JSON object with "type" and, where an answer is wanted, "id" (a positive integer chosen by the
// client). The server answers each message that has an id with "ok" or "error" carrying the same id, except publish,
// which is answered by "published".

// Hello opens the connection; it must be the first message, within 10 s.
type Hello struct {
	Version int    `json:"version"`
	Client  string `json:"client"`           // name and version of the client, for logs
	Locale  string `json:"locale,omitempty"` // BCP 47
	Name    string `json:"name,omitempty"`   // display name wanted
	Resume  string `json:"resume,omitempty"` // resume token of an earlier connection
	// NewMedia resumes with new peer connections, as after a reload of the page: the publications and the peer
	// connections of before are given up.
	NewMedia bool `json:"newMedia,omitempty"`
}

// Publish carries an offer for the publish connection with what each new or kept media section is.
type Publish struct {
	SDP    string         `json:"sdp"`
	Tracks []PublishTrack `json:"tracks"` // all live publications of the sender; one that is missing has ended
}

// PublishTrack binds a media section to a publication.
type PublishTrack struct {
	MID     string      `json:"mid"`
	Source  Source      `json:"source"`
	Muted   bool        `json:"muted"`
	Hint    ContentHint `json:"hint,omitempty"`
	ShareID string      `json:"shareId,omitempty"`
	// SecondOf is the mid of the track that this one is a second encoding of, in another codec.
	SecondOf string `json:"secondOf,omitempty"`
}

// SubscribeAnswer answers the latest subscribeOffer.
type SubscribeAnswer struct {
	SDP   string `json:"sdp"`
	Offer int    `json:"offer"` // number of the offer it answers
}

// Candidate trickles an ICE candidate (RFC 8838) in either direction; an empty candidate ends them.
type Candidate struct {
	Target           Target `json:"target"`
	Candidate        string `json:"candidate"`
	SDPMid           string `json:"sdpMid,omitempty"`
	SDPMLineIndex    *int   `json:"sdpMLineIndex,omitempty"`
	UsernameFragment string `json:"usernameFragment,omitempty"`
}

// RestartICE asks the server for a subscribeOffer with new ICE credentials.
type RestartICE struct{}

// View says which video publications the sender shows and how large; it replaces the view before it.
// What is not named is not sent.
type View struct {
	Tiles []Tile `json:"tiles"`
}

// Tile is one shown video in device pixels.
type Tile struct {
	PublicationID string `json:"publicationId"`
	Width         int    `json:"width"`
	Height        int    `json:"height"`
	Pinned        bool   `json:"pinned,omitempty"`
}

// SetMuted mutes or unmutes one's own publication.
type SetMuted struct {
	PublicationID string `json:"publicationId"`
	Muted         bool   `json:"muted"`
}

// SetHint changes the content hint of one's own share.
type SetHint struct {
	PublicationID string      `json:"publicationId"`
	Hint          ContentHint `json:"hint"`
}

// RaiseHand raises or lowers one's own hand.
type RaiseHand struct {
	Raised bool `json:"raised"`
}

// SendReaction shows an emoji to everybody for a few seconds.
type SendReaction struct {
	Emoji string `json:"emoji"`
}

// Rename changes one's own display name.
type Rename struct {
	Name string `json:"name"`
}

// Leave ends one's own participation.
type Leave struct{}

// Ping measures the round trip; the server answers pong with the same id.
type Ping struct{}

// Admit lets people in from the lobby; All admits everybody who waits.
type Admit struct {
	ParticipantIDs []string `json:"participantIds,omitempty"`
	All            bool     `json:"all,omitempty"`
}

// Refuse turns people away from the lobby.
type Refuse struct {
	ParticipantIDs []string `json:"participantIds"`
}

// MuteParticipant mutes a microphone, or stops a camera or share, of another participant.
type MuteParticipant struct {
	ParticipantID string `json:"participantId"`
	Source        Source `json:"source"`
}

// MuteAll mutes every microphone but those of hosts and co-hosts.
type MuteAll struct{}

// AskUnmute asks a participant to unmute; it never unmutes by itself.
type AskUnmute struct {
	ParticipantID string `json:"participantId"`
	Source        Source `json:"source"`
}

// Remove removes a participant; who was removed cannot come back by himself unless admitted.
type Remove struct {
	ParticipantID string `json:"participantId"`
}

// LowerHands lowers the hand of one participant, or of all when ParticipantID is empty.
type LowerHands struct {
	ParticipantID string `json:"participantId,omitempty"`
}

// SetRole makes or unmakes a co-host.
type SetRole struct {
	ParticipantID string `json:"participantId"`
	Role          Role   `json:"role"` // cohost or participant
}

// TransferHost gives the host role to another participant; the sender becomes a co-host.
type TransferHost struct {
	ParticipantID string `json:"participantId"`
}

// Spotlight shows a participant large to everybody; empty ends it.
type Spotlight struct {
	ParticipantID string `json:"participantId"`
}

// PresentBoard presents an open board to everybody; empty ends it.
type PresentBoard struct {
	BoardID string `json:"boardId,omitempty"`
}

// UpdateSettings changes the meeting's settings; absent fields stay.
type UpdateSettings struct {
	Lobby         *bool        `json:"lobby,omitempty"`
	Locked        *bool        `json:"locked,omitempty"`
	GuestsAllowed *bool        `json:"guestsAllowed,omitempty"`
	WhoMayShare   *WhoMayShare `json:"whoMayShare,omitempty"`
	WhoMayDraw    *WhoMayDraw  `json:"whoMayDraw,omitempty"`
	ChatAllowed   *bool        `json:"chatAllowed,omitempty"`
}

// End ends the meeting for all.
type End struct{}

// ReportStats carries what only the client can see, every 2 s. Times are since the report before.
type ReportStats struct {
	IntervalMs   int     `json:"intervalMs"` // since the report before
	RoundTripMs  float64 `json:"roundTripMs"`
	DownlinkLoss float64 `json:"downlinkLoss"` // 0..1
	// FreezeMs, CPULimitedMs and BandwidthLimitedMs are of the stream that suffered longest.
	FreezeMs               int              `json:"freezeMs"`
	CPULimitedMs           int              `json:"cpuLimitedMs"`
	BandwidthLimitedMs     int              `json:"bandwidthLimitedMs"`
	AvailableBitsPerSecond int              `json:"availableBitsPerSecond,omitempty"` // what the client believes it can send
	Sent                   []SentReport     `json:"sent,omitempty"`
	Received               []ReceivedReport `json:"received,omitempty"`
}

// SentReport is about one of the sender's own videos; one that is not named is not held back.
type SentReport struct {
	PublicationID      string `json:"publicationId"`
	FramesPerSecond    int    `json:"framesPerSecond,omitempty"`
	CPULimitedMs       int    `json:"cpuLimitedMs,omitempty"`
	BandwidthLimitedMs int    `json:"bandwidthLimitedMs,omitempty"`
}

// ReceivedReport is about a publication that the sender receives; one that is not named lost nothing, did not stand still
// and has a jitter below 20 ms.
type ReceivedReport struct {
	PublicationID string `json:"publicationId"`
	Lost          int    `json:"lost,omitempty"` // packets
	JitterMs      int    `json:"jitterMs,omitempty"`
	FreezeMs      int    `json:"freezeMs,omitempty"`
}

// ---- server to client ----

// Welcome answers hello.
type Welcome struct {
	Version       int         `json:"version"`
	ParticipantID string      `json:"participantId"`
	ResumeToken   string      `json:"resumeToken"`
	Resumed       bool        `json:"resumed"` // true: same participant as before; peer connections live on
	Waiting       bool        `json:"waiting"` // true: in the lobby; joined follows when admitted
	Title         string      `json:"title"`
	ICEServers    []ICEServer `json:"iceServers"`
	Codecs        Codecs      `json:"codecs"`
	PingSeconds   int         `json:"pingSeconds"`   // send ping this often; silence of three times as long means the link is dead
	ResumeSeconds int         `json:"resumeSeconds"` // how long a dropped participant is kept
	ServerTime    int64       `json:"serverTime"`    // Unix milliseconds
}

// Codecs are those that a client should prefer for what it publishes, such as "VP8".
type Codecs struct {
	Camera string `json:"camera"`
	Share  string `json:"share"`
}

// Joined is the whole state of the meeting at the moment of entering or resuming; later messages change it.
type Joined struct {
	Meeting      Meeting       `json:"meeting"`
	Self         string        `json:"self"` // own participant id
	Participants []Participant `json:"participants"`
	Publications []Publication `json:"publications"`
	Waiting      []Waiting     `json:"waiting"` // empty for those who may not admit
	Permissions  Permissions   `json:"permissions"`
	ResumeToken  string        `json:"resumeToken,omitempty"` // replaces the token of welcome, after a wait in the lobby
}

// Published answers publish.
type Published struct {
	SDP          string           `json:"sdp"`
	Publications []PublishedTrack `json:"publications"`
	Refused      []RefusedTrack   `json:"refused,omitempty"`
}

// PublishedTrack gives the publication id of a media section.
type PublishedTrack struct {
	MID           string `json:"mid"`
	PublicationID string `json:"publicationId"`
}

// RefusedTrack tells which media section was not accepted and why.
type RefusedTrack struct {
	MID  string `json:"mid"`
	Code string `json:"code"`
}

// SubscribeOffer is the server's offer for the subscribe connection.
type SubscribeOffer struct {
	SDP    string            `json:"sdp"`
	Offer  int               `json:"offer"` // increasing number
	Tracks []SubscribedTrack `json:"tracks"`
}

// SubscribedTrack binds a media section of the offer to a publication.
type SubscribedTrack struct {
	MID           string `json:"mid"`
	PublicationID string `json:"publicationId"`
}

// ParticipantJoined and the following tell changes of the shared state.
type ParticipantJoined struct {
	Participant Participant `json:"participant"`
}

// ParticipantUpdated replaces a participant.
type ParticipantUpdated struct {
	Participant Participant `json:"participant"`
}

// LeftReason says why a participant is gone.
type LeftReason string

// The reasons.
const (
	LeftLeave   LeftReason = "leave"
	LeftTimeout LeftReason = "timeout"
	LeftRemoved LeftReason = "removed"
)

// ParticipantLeft tells that a participant is gone, with its publications.
type ParticipantLeft struct {
	ParticipantID string     `json:"participantId"`
	Reason        LeftReason `json:"reason"`
}

// PublicationAdded tells of a new publication.
type PublicationAdded struct {
	Publication Publication `json:"publication"`
}

// PublicationUpdated replaces a publication.
type PublicationUpdated struct {
	Publication Publication `json:"publication"`
}

// PublicationRemoved tells that a publication ended.
type PublicationRemoved struct {
	PublicationID string `json:"publicationId"`
}

// MeetingUpdated replaces the shared state of the meeting.
type MeetingUpdated struct {
	Meeting Meeting `json:"meeting"`
}

// PermissionsUpdated replaces the receiver's permissions.
type PermissionsUpdated struct {
	Permissions Permissions `json:"permissions"`
}

// LobbyUpdated replaces the list of those who wait; only sent to those who may admit.
type LobbyUpdated struct {
	Waiting []Waiting `json:"waiting"`
}

// Speakers lists who speaks now, loudest first.
type Speakers struct {
	Speakers []Speaker `json:"speakers"`
}

// Speaker is one who speaks; Level is 0 (silence) to 1.
type Speaker struct {
	ParticipantID string  `json:"participantId"`
	Level         float64 `json:"level"`
}

// Reaction tells of an emoji.
type Reaction struct {
	ParticipantID string `json:"participantId"`
	Emoji         string `json:"emoji"`
}

// Muted tells the receiver that a host muted or stopped one of its sources.
type Muted struct {
	ByID   string `json:"byId"`
	Source Source `json:"source"`
}

// AskedToUnmute tells the receiver that a host asks it to unmute.
type AskedToUnmute struct {
	ByID   string `json:"byId"`
	Source Source `json:"source"`
}

// QualityLevel is a participant's connection quality.
type QualityLevel string

// The quality levels.
const (
	QualityGood QualityLevel = "good"
	QualityWeak QualityLevel = "weak"
	QualityBad  QualityLevel = "bad"
)

// Quality tells how a participant's connection is, and why.
type Quality struct {
	ParticipantID string       `json:"participantId"`
	Level         QualityLevel `json:"level"`
	Side          string       `json:"side,omitempty"`   // uplink, downlink, link, device, server
	Reason        string       `json:"reason,omitempty"` // see PROTOCOL.md
}

// StreamState tells that the server pauses or resumes a video for the receiver.
type StreamState struct {
	PublicationID string `json:"publicationId"`
	Paused        bool   `json:"paused"`
	Reason        string `json:"reason,omitempty"` // bandwidth
}

// UnwantedLayers tells which layers of an own video nobody uses: they need not be sent. All others are wanted.
type UnwantedLayers struct {
	PublicationID string   `json:"publicationId"`
	RIDs          []string `json:"rids"` // "" for the stream of a video without simulcast
	// SpatialLayers is how many spatial layers of a stream that has more are used, from the lowest on; 0 stands for all.
	SpatialLayers int `json:"spatialLayers,omitempty"`
	// Second tells that it is about the second encoding.
	Second bool `json:"second,omitempty"`
}

// SecondEncoding asks for an own video in a second codec, for those who cannot decode the first: the first of these that the
// client can encode. Without codecs nobody needs it any more.
type SecondEncoding struct {
	PublicationID string   `json:"publicationId"`
	Codecs        []string `json:"codecs"`
}

// EndReason says why the connection or the meeting ends for the receiver.
type EndReason string

// The end reasons.
const (
	EndMeetingEnded EndReason = "ended"
	EndRemoved      EndReason = "removed"
	EndRefused      EndReason = "refused"
	EndReplaced     EndReason = "replaced" // the same session joined from another tab
	EndShutdown     EndReason = "shutdown" // the server restarts; reconnect with the resume token
	EndOverflow     EndReason = "overflow" // the client did not read fast enough; reconnect
	EndProtocol     EndReason = "protocol"
	EndLeft         EndReason = "left"
	// EndUnauthenticated: the person signed out, the session was revoked, or the account was disabled.
	EndUnauthenticated EndReason = "unauthenticated"
)

// Closing precedes a close by the server. Reconnect tells whether resuming is welcome.
type Closing struct {
	Reason    EndReason `json:"reason"`
	Reconnect bool      `json:"reconnect"`
}

// OK answers a request that succeeded.
type OK struct{}

// Pong answers ping.
type Pong struct {
	ServerTime int64 `json:"serverTime"`
}

// Error answers a request that failed, or tells of a message that could not be taken.
type Error struct {
	Code    string          `json:"code"`
	Message string          `json:"message"` // English, for developers; clients translate the code
	Params  json.RawMessage `json:"params,omitempty"`
}

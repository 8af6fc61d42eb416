package meetings

import (
	"context"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"parley/api/meetings/meetingsdb"
	"parley/internal/authz"
	"parley/internal/fault"
	"parley/internal/names"

	"github.com/google/uuid"
)

const (
	maxGuestName    = 64 // characters
	maxParticipants = 300
	previewPeople   = 12
)

// Preview is what somebody with the code sees before entering. Who is not signed in learns no more than is needed to
// know that this is the right meeting, and nothing about one that does not admit guests.
type Preview struct {
	ID               *uuid.UUID      `json:"id,omitempty" doc:"Only for those who are signed in"`
	Code             string          `json:"code"`
	Title            string          `json:"title" doc:"Empty for a visitor to a meeting without guests"`
	Host             PreviewHost     `json:"host"`
	Status           Status          `json:"status" enum:"scheduled,running,ended"`
	Cancelled        bool            `json:"cancelled"`
	StartsAt         *time.Time      `json:"startsAt" doc:"Of the occurrence that runs or comes next, else of the first"`
	StartedAt        *time.Time      `json:"startedAt" doc:"Of the meeting that runs"`
	ParticipantCount int             `json:"participantCount"`
	Participants     []PreviewPerson `json:"participants" doc:"The first of them, only for those who are signed in"`
	GuestsAllowed    bool            `json:"guestsAllowed"`
	Lobby            bool            `json:"lobby" doc:"The reader would wait to be admitted"`
	SignedIn         bool            `json:"signedIn"`
	NeedsName        bool            `json:"needsName" doc:"The reader enters as a guest and has given no name yet"`
	GuestName        string          `json:"guestName,omitempty" doc:"The name that the reader gave"`
	CanStart         bool            `json:"canStart" doc:"The reader may be the first"`
	Recorded         bool            `json:"recorded"`
}

// PreviewHost is the organizer.
type PreviewHost struct {
	Name string `json:"name"`
}

// PreviewPerson is somebody in the meeting.
type PreviewPerson struct {
	Name      string `json:"name"`
	AvatarURL string `json:"avatarUrl,omitempty"`
}

// byCode finds a meeting by what somebody typed; address limits how often a visitor may try.
func (s *Service) byCode(ctx context.Context, p authz.Principal, code, address string) (meetingsdb.Meeting, error) {
	if !p.SignedIn() {
		if ok, wait := s.lookups.Take(address); !ok {
			return meetingsdb.Meeting{}, retryAfter(wait)
		}
	}
	code, ok := parseCode(code)
	if !ok {
		return meetingsdb.Meeting{}, fault.MeetingNotFound
	}
	m, err := s.db.MeetingByCode(ctx, code)
	if err != nil {
		return meetingsdb.Meeting{}, found(err)
	}
	return s.advanced(ctx, m)
}

func retryAfter(wait time.Duration) *fault.Fault {
	return fault.RateLimited.With(map[string]any{"retryAfterSeconds": int(wait.Seconds()) + 1})
}

// Preview answers what is shown before entering.
func (s *Service) Preview(ctx context.Context, p authz.Principal, code, address string) (*Preview, error) {
	m, err := s.byCode(ctx, p, code, address)
	if err != nil {
		return nil, err
	}
	guest := p.Kind == authz.Guest && p.MeetingID == m.ID
	v := &Preview{
		Code: m.Code, Status: statusOf(m, s.now()), Cancelled: m.CancelledAt != nil, GuestsAllowed: m.GuestsAllowed,
		Participants: []PreviewPerson{}, SignedIn: p.SignedIn(), NeedsName: !p.SignedIn() && !guest,
	}
	if !p.SignedIn() && !m.GuestsAllowed {
		return v, nil
	}
	people, err := s.people.People(ctx, []uuid.UUID{m.OrganizerID})
	if err != nil {
		return nil, err
	}
	v.Title, v.Host.Name, v.Lobby, v.StartsAt = m.Title, people[m.OrganizerID].Name, m.Lobby, &m.StartsAt
	if m.NextAt != nil {
		v.StartsAt = m.NextAt
	}
	if v.Status == Running {
		v.StartedAt = m.SessionStartedAt
	}
	if guest {
		v.GuestName = p.Name
	}
	if !p.SignedIn() {
		return v, nil
	}
	return v, s.previewMember(ctx, p, m, v)
}

// previewMember adds what only people of the company see.
func (s *Service) previewMember(ctx context.Context, p authz.Principal, m meetingsdb.Meeting, v *Preview) error {
	standing, err := s.standing(ctx, m, p.UserID)
	if err != nil {
		return err
	}
	present, _, err := s.present(ctx, m)
	if err != nil {
		return err
	}
	present = slices.DeleteFunc(slices.Clone(present), func(one Present) bool { return isProgram(one.PersonKey) })
	v.ID = &m.ID
	v.Lobby = m.Lobby && !standing.invited()
	v.CanStart = m.CancelledAt == nil && !v.Lobby
	v.ParticipantCount = len(present)
	for _, one := range present[:min(len(present), previewPeople)] {
		v.Participants = append(v.Participants, PreviewPerson{one.Name, one.AvatarURL})
	}
	return nil
}

// Guest is a visitor with a name.
type Guest struct {
	ID     uuid.UUID
	Name   string
	Cookie http.Cookie // proves it to the server
}

// EnterAsGuest gives a visitor a name and the cookie that proves it.
func (s *Service) EnterAsGuest(ctx context.Context, p authz.Principal, code, name, locale, address string) (Guest, error) {
	m, err := s.byCode(ctx, p, code, address)
	switch {
	case err != nil:
		return Guest{}, err
	case m.CancelledAt != nil:
		return Guest{}, fault.MeetingEnded
	case !m.GuestsAllowed:
		return Guest{}, fault.GuestsNotAllowed
	}
	name, err = names.Clean(name)
	if err != nil || utf8.RuneCountInString(name) > maxGuestName {
		return Guest{}, fault.NameInvalid
	}
	var g Guest
	g.ID, g.Name, g.Cookie, err = s.guests.CreateGuest(ctx, m.ID, name, locale)
	return g, err
}

// Admission is what the room of a meeting needs to know about the meeting and about who wants to enter.
type Admission struct {
	MeetingID, Code, Title, ConversationID string
	Lobby, GuestsAllowed, ChatAllowed      bool
	WhoMayShare, WhoMayDraw                string // everyone or hosts
	MaxParticipants                        int
	OrganizerKey                           string // user:<id>; comes before others who may host
	Access                                 Access // of a run that was lost with its server
	Boards                                 Boards // likewise

	PersonKey  string // user:<id> or guest:<id>
	UserID     string // empty for guests
	Name       string
	AvatarURL  string
	Department string
	Guest      bool
	MayHost    bool // organizer or co-host
	SkipsLobby bool // is expected: organizer, co-host or invitee
}

// Admit answers whether the principal may go to the door of the meeting; the room decides whether it opens.
func (s *Service) Admit(ctx context.Context, p authz.Principal, code string) (Admission, error) {
	if err := p.Require(authz.EnterMeetings); err != nil {
		return Admission{}, err
	}
	m, err := s.byCode(ctx, p, code, p.Key())
	switch {
	case err != nil:
		return Admission{}, err
	case m.CancelledAt != nil:
		return Admission{}, fault.MeetingEnded
	}
	a := Admission{
		MeetingID: m.ID.String(), Code: m.Code, Title: m.Title, ConversationID: m.ConversationID.String(), Lobby: m.Lobby,
		GuestsAllowed: m.GuestsAllowed, ChatAllowed: m.ChatAllowed, WhoMayShare: m.WhoMayShare, WhoMayDraw: m.WhoMayDraw, MaxParticipants: maxParticipants,
		OrganizerKey: userKey(m.OrganizerID), Access: s.accessOf(m), PersonKey: p.Key(),
	}
	if a.Boards, err = s.boardsOf(ctx, m); err != nil {
		return Admission{}, err
	}
	if p.Kind == authz.Guest {
		return a, admitGuest(&a, p, m)
	}
	return a, s.admitMember(ctx, &a, p, m)
}

func admitGuest(a *Admission, p authz.Principal, m meetingsdb.Meeting) error {
	switch {
	case p.MeetingID != m.ID:
		return fault.Unauthenticated // a name was given for another meeting; ask again
	case !m.GuestsAllowed:
		return fault.GuestsNotAllowed
	}
	a.Name, a.Guest = p.Name, true
	return nil
}

func (s *Service) admitMember(ctx context.Context, a *Admission, p authz.Principal, m meetingsdb.Meeting) error {
	standing, err := s.standing(ctx, m, p.UserID)
	if err != nil {
		return err
	}
	people, err := s.people.People(ctx, []uuid.UUID{p.UserID})
	if err != nil {
		return err
	}
	person := people[p.UserID]
	a.UserID, a.Name, a.AvatarURL, a.Department = p.UserID.String(), person.Name, person.AvatarURL, person.Department
	a.MayHost, a.SkipsLobby = standing.hosts(), standing.invited()
	return nil
}

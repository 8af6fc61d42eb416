package meetings

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"parley/api/meetings/meetingsdb"
	"parley/internal/fault"
	"parley/internal/ratelimit"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Person is a member of the company as meetings show one.
type Person struct {
	ID         uuid.UUID
	Name       string
	Email      string // empty when there is none
	AvatarURL  string // empty when there is none
	Department string // the first one, empty when there is none
}

// People knows the members of the company; who is disabled has a name all the same.
type People interface {
	People(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]Person, error)
}

// Guests makes guests, who may enter one meeting by name only. The cookie proves who they are; shown is the name as it
// is shown.
type Guests interface {
	CreateGuest(ctx context.Context, meetingID uuid.UUID, name, locale string) (id uuid.UUID, shown string, cookie http.Cookie, err error)
}

// Conversations makes the conversation that belongs to a meeting, in the transaction that makes the meeting.
type Conversations interface {
	CreateForMeeting(ctx context.Context, tx pgx.Tx, meetingID uuid.UUID) (conversationID uuid.UUID, err error)
}

// Present is a participant of a running meeting.
type Present struct {
	ParticipantID string
	PersonKey     string // user:<id> or guest:<id>
	UserID        string // empty for guests
	Name          string
	AvatarURL     string
	Host          bool // host or co-host
	JoinedAt      time.Time
}

// Room is a running meeting on this node.
type Room struct {
	StartedAt    time.Time
	ChatAllowed  bool
	Access       Access
	Boards       Boards
	Participants []Present // without who waits in the lobby
}

// Rooms are the running meetings of this node.
type Rooms interface {
	Room(meetingID string) (Room, bool)
	End(meetingID string)
}

// Events reaches the event streams of people.
type Events interface {
	// Publish sends event, one JSON object, to the streams of the people with these keys.
	Publish(ctx context.Context, to []string, event any)
	// Recheck makes the streams that follow the conversation ask again whether they may.
	Recheck(ctx context.Context, conversationID uuid.UUID)
}

// Config is what meetings need.
type Config struct {
	Pool          *pgxpool.Pool
	People        People
	Guests        Guests
	Conversations Conversations
	Rooms         Rooms
	Events        Events
	// ChangeRoom brings the room of a meeting that runs up to date with an edit. Defaults to nothing.
	ChangeRoom func(meetingID, title string, to SettingsChange)
	// StreamRevoked ends what programs do with a stream token. Defaults to nothing.
	StreamRevoked func(tokenID uuid.UUID)
	PublicURL     string           // of this server
	Now           func() time.Time // Defaults to time.Now
	Log           *slog.Logger
}

// Service is what can be done with meetings.
type Service struct {
	pool          *pgxpool.Pool
	db            *meetingsdb.Queries
	people        People
	guests        Guests
	conversations Conversations
	rooms         Rooms
	events        Events
	changeRoom    func(meetingID, title string, to SettingsChange)
	streamRevoked func(tokenID uuid.UUID)
	publicURL     string
	now           func() time.Time
	log           *slog.Logger
	lookups       *ratelimit.Limiter // of codes, by the address of who is not signed in
	creations     *ratelimit.Limiter // by organizer
}

// creationsBurst is how many meetings one person makes at once: the calendar of a year, but no flood of lists of others.
const creationsBurst = 200

// New makes the service.
func New(cfg Config) *Service {
	s := &Service{
		pool: cfg.Pool, db: meetingsdb.New(cfg.Pool), people: cfg.People, guests: cfg.Guests, conversations: cfg.Conversations,
		rooms: cfg.Rooms, changeRoom: cfg.ChangeRoom, events: cfg.Events, publicURL: strings.TrimSuffix(cfg.PublicURL, "/"), now: cfg.Now, log: cfg.Log,
		lookups:   ratelimit.New(ratelimit.Rate{Burst: 60, Every: time.Second}, 10_000),
		creations: ratelimit.New(ratelimit.Rate{Burst: creationsBurst, Every: 2 * time.Second}, 10_000),
	}
	s.streamRevoked = cfg.StreamRevoked
	if s.streamRevoked == nil {
		s.streamRevoked = func(uuid.UUID) {}
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.changeRoom == nil {
		s.changeRoom = func(string, string, SettingsChange) {}
	}
	return s
}

// url is the link of a meeting.
func (s *Service) url(code string) string { return s.publicURL + "/m/" + code }

// transact runs fn in one transaction.
func (s *Service) transact(ctx context.Context, fn func(tx pgx.Tx, q *meetingsdb.Queries) error) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return fn(tx, s.db.WithTx(tx)) })
}

// found turns the absence of a row into meetingNotFound: who may not see a meeting learns nothing about it.
func found(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.MeetingNotFound
	}
	return err
}

func scheduleOf(m meetingsdb.Meeting) (Schedule, error) {
	schedule, err := NewSchedule(m.StartsAt, time.Duration(m.DurationMinutes)*time.Minute, m.Timezone, m.Rrule)
	if err != nil {
		return Schedule{}, fmt.Errorf("schedule of meeting %s: %w", m.ID, err)
	}
	return schedule, nil
}

func userKey(id uuid.UUID) string { return "user:" + id.String() }

func isUnique(err error, constraint string) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pg.Code == "23505" && pg.ConstraintName == constraint
}

package chat

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"parley/api/chat/chatdb"
	"parley/internal/authz"
	"parley/internal/fault"
	"parley/internal/ratelimit"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// KindMeeting is a conversation that belongs to a meeting.
const KindMeeting = "meeting"

// Person is a member of the company as chat shows one.
type Person struct {
	ID        uuid.UUID
	Name      string
	AvatarURL string // empty when there is none
}

// People knows the members of the company; who is disabled has a name all the same.
type People interface {
	People(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]Person, error)
}

// Standing is what somebody may do in a conversation.
type Standing struct {
	Title    string
	Read     bool
	Write    bool
	Moderate bool      // recall what others wrote
	Since    time.Time // what was written before is not shown; zero: all is
	Refusal  error     // why Write, or Read too, is refused
}

// Subject is what a conversation belongs to; it knows who may do what there.
type Subject interface {
	Standing(ctx context.Context, p authz.Principal, subjectID uuid.UUID) (Standing, error)
	// MemberIDs are the people of the company who are told what is written.
	MemberIDs(ctx context.Context, subjectID uuid.UUID) ([]uuid.UUID, error)
}

// Events reaches the event streams of people.
type Events interface {
	PublishChange(ctx context.Context, conversationID uuid.UUID, changeSeq int64, written time.Time, to []string, event any)
	Publish(ctx context.Context, to []string, event any)
}

// Config is what chat needs.
type Config struct {
	Pool     *pgxpool.Pool
	People   People
	Meetings Subject
	Events   Events
	Now      func() time.Time // Defaults to time.Now
	Log      *slog.Logger
}

// Service is what can be done with conversations.
type Service struct {
	pool     *pgxpool.Pool
	db       *chatdb.Queries
	people   People
	subjects map[string]Subject // by kind
	events   Events
	now      func() time.Time
	log      *slog.Logger
	writes   *ratelimit.Limiter // by author
}

// New makes the service.
func New(cfg Config) *Service {
	s := &Service{
		pool: cfg.Pool, db: chatdb.New(cfg.Pool), people: cfg.People, subjects: map[string]Subject{KindMeeting: cfg.Meetings},
		events: cfg.Events, now: cfg.Now, log: cfg.Log,
		writes: ratelimit.New(ratelimit.Rate{Burst: 20, Every: 500 * time.Millisecond}, 20_000),
	}
	if s.now == nil {
		s.now = time.Now
	}
	return s
}

// CreateForMeeting makes the conversation of a meeting in the transaction that makes the meeting.
func CreateForMeeting(ctx context.Context, tx pgx.Tx, meetingID uuid.UUID) (uuid.UUID, error) {
	id := newID()
	return id, chatdb.New(tx).InsertConversation(ctx, chatdb.InsertConversationParams{
		ID: id, Kind: KindMeeting, SubjectID: meetingID, Now: time.Now(),
	})
}

// place is a conversation with what the principal may do there.
type place struct {
	chatdb.Conversation
	Standing
	subject Subject
}

// enter finds a conversation that the principal may read. What one may not read does not exist for one.
func (s *Service) enter(ctx context.Context, p authz.Principal, id uuid.UUID) (place, error) {
	c, err := s.db.Conversation(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return place{}, fault.ConversationNotFound
	} else if err != nil {
		return place{}, err
	}
	return s.stand(ctx, p, c)
}

// enterByMessage is enter for the conversation of a message.
func (s *Service) enterByMessage(ctx context.Context, p authz.Principal, message uuid.UUID) (place, error) {
	c, err := s.db.ConversationOfMessage(ctx, message)
	if errors.Is(err, pgx.ErrNoRows) {
		return place{}, fault.MessageNotFound
	} else if err != nil {
		return place{}, err
	}
	at, err := s.stand(ctx, p, c)
	if errors.Is(err, fault.ConversationNotFound) {
		return place{}, fault.MessageNotFound
	}
	return at, err
}

func (s *Service) stand(ctx context.Context, p authz.Principal, c chatdb.Conversation) (place, error) {
	subject := s.subjects[c.Kind]
	if subject == nil {
		return place{}, fault.ConversationNotFound
	}
	standing, err := subject.Standing(ctx, p, c.SubjectID)
	if err != nil {
		return place{}, err
	}
	if !standing.Read {
		if standing.Refusal != nil {
			return place{}, standing.Refusal
		}
		return place{}, fault.ConversationNotFound
	}
	return place{c, standing, subject}, nil
}

// mayWrite answers why not.
func (at place) mayWrite() error {
	switch {
	case at.Write:
		return nil
	case at.Refusal != nil:
		return at.Refusal
	default:
		return fault.ChatClosed
	}
}

// Follow answers whether the principal may follow a conversation on an event stream, and since when it may see what
// was written; the zero time is always.
func (s *Service) Follow(ctx context.Context, p authz.Principal, id uuid.UUID) (since time.Time, err error) {
	if err := p.Require(authz.ReadChat); err != nil {
		return time.Time{}, err
	}
	at, err := s.enter(ctx, p, id)
	return at.Since, err
}

// personID is the id behind a key.
func personID(p authz.Principal) uuid.UUID {
	if p.Kind == authz.Guest {
		return p.GuestID
	}
	return p.UserID
}

// newID answers a UUIDv7; the random source of the system does not fail.
func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

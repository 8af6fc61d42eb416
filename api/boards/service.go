package boards

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"parley/api/boards/boardsdb"
	"parley/internal/fault"
	"parley/internal/objectstore"
	"parley/internal/ratelimit"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const prefix = "/api/v1"

// What is more is refused with a fault that names the number.
const (
	maxTitle         = 200   // characters
	maxBoards        = 2_000 // of one person, those in the trash included
	maxAccessEntries = 200   // of one board
	maxFiles         = 500   // of one board
	maxMeetingBoards = 100   // of one meeting that are listed
)

// maxImportBytes bounds a drawing with its pictures, which are a third larger in it than by themselves.
const maxImportBytes = 32 << 20

// trashTime is how long a deleted board can be had back.
const trashTime = 30 * 24 * time.Hour

// Person is a member of the company.
type Person struct {
	ID        uuid.UUID
	Name      string
	AvatarURL string
}

// People knows the members of the company; who is disabled has a name all the same.
type People interface {
	People(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]Person, error)
}

// Groups knows who is in which group conversation.
type Groups interface {
	// GroupIDs are the groups that a person is in.
	GroupIDs(ctx context.Context, userID uuid.UUID) ([]uuid.UUID, error)
	// GroupNames answers those of the groups that exist.
	GroupNames(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error)
	// MemberIDs are the people who are in any of the groups.
	MemberIDs(ctx context.Context, ids []uuid.UUID) ([]uuid.UUID, error)
}

// Change is a time of activity on a board.
type Change struct {
	Seq     int64     // of the last change in it: names the state after it
	At      time.Time // of the last change
	Authors []string  // keys of people
	Bytes   int64
}

// Documents keeps what is drawn, as Yjs documents. Errors are faults; of a board without a document boardNotFound.
type Documents interface {
	// Create keeps the first state of a board.
	Create(ctx context.Context, board uuid.UUID, state []byte, author string) error
	// State is the document as it is.
	State(ctx context.Context, board uuid.UUID) ([]byte, error)
	// At is the document as it was after change seq; boardStateNotFound when the history does not have it.
	At(ctx context.Context, board uuid.UUID, seq int64) ([]byte, error)
	// History lists changes before seq, the last one first; zero is from the newest on.
	History(ctx context.Context, board uuid.UUID, before int64, limit int) ([]Change, error)
	// Restore shows an earlier state again, as a new change.
	Restore(ctx context.Context, board uuid.UUID, seq int64, author string) error
	// Delete deletes a document for good, with its history.
	Delete(ctx context.Context, board uuid.UUID) error
	// Recheck asks again what those may do who have the board open.
	Recheck(board uuid.UUID)
	// Close sends away all who have the board open: it was deleted.
	Close(board uuid.UUID)
}

// Rooms are the running meetings. A person is named by the key of a principal; errors are faults.
type Rooms interface {
	// MayOpenBoard says whether somebody may open a board in a meeting.
	MayOpenBoard(ctx context.Context, meeting uuid.UUID, person string) error
	// OpenBoard shows a board to everybody in a meeting.
	OpenBoard(ctx context.Context, meeting uuid.UUID, person string, board uuid.UUID, title string) error
	// CloseBoard takes it away again.
	CloseBoard(ctx context.Context, meeting uuid.UUID, person string, board uuid.UUID) error
	// BoardRenamed and BoardDeleted tell the meetings in which the board is open.
	BoardRenamed(board uuid.UUID, title string)
	BoardDeleted(board uuid.UUID)
	// BoardRole is what a meeting that runs lends to somebody who is in it, empty for nothing. It does no I/O.
	BoardRole(board uuid.UUID, person string) Role
}

// Config is what boards need.
type Config struct {
	Pool      *pgxpool.Pool
	People    People
	Objects   objectstore.Store
	Documents Documents
	// Rooms and Meetings are what lends roles on boards. They default to no meetings.
	Rooms    Rooms
	Meetings Meetings
	// Groups are what boards can be shared with besides people and departments. Defaults to none.
	Groups Groups
	// Events tell people's clients that boards changed. Defaults to nobody.
	Events Events
	// Audit keeps who used a right over others' boards. Defaults to nobody.
	Audit Audit
	// Now is the clock. Defaults to time.Now.
	Now func() time.Time
	Log *slog.Logger
}

// Service is what can be done with boards. It is safe for concurrent use.
type Service struct {
	pool      *pgxpool.Pool
	db        *boardsdb.Queries
	people    People
	objects   objectstore.Store
	documents Documents
	rooms     Rooms
	meetings  Meetings
	groups    Groups
	events    Events
	audit     Audit
	now       func() time.Time
	log       *slog.Logger
	creations *ratelimit.Limiter // by owner
	uploads   *ratelimit.Limiter // by person
	importing chan struct{}      // holds one while a file is read
	decoding  chan struct{}      // holds one for each picture being decoded
	refresher *refresher
}

// New makes the service. Close ends it.
func New(cfg Config) *Service {
	s := &Service{
		pool: cfg.Pool, db: boardsdb.New(cfg.Pool), people: cfg.People, objects: cfg.Objects, documents: cfg.Documents,
		rooms: cfg.Rooms, meetings: cfg.Meetings, groups: cfg.Groups, events: cfg.Events, audit: cfg.Audit, now: cfg.Now, log: cfg.Log,
		creations: ratelimit.New(ratelimit.Rate{Burst: 60, Every: 2 * time.Second}, 10_000),
		importing: make(chan struct{}, 1),
		decoding:  make(chan struct{}, maxPicturesAtOnce),
		uploads:   ratelimit.New(ratelimit.Rate{Burst: 120, Every: 500 * time.Millisecond}, 10_000),
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.groups == nil {
		s.groups = noGroups{}
	}
	if s.audit == nil {
		s.audit = noAudit{}
	}
	if s.events == nil {
		s.events = noEvents{}
	}
	if s.rooms == nil {
		s.rooms = noMeetings{}
	}
	if s.meetings == nil {
		s.meetings = noMeetings{}
	}
	s.refresher = startRefresher(s)
	return s
}

// Close finishes the work behind requests, until ctx ends.
func (s *Service) Close(ctx context.Context) error { return s.refresher.close(ctx) }

// noGroups is a company without group conversations.
type noGroups struct{}

func (noGroups) GroupIDs(context.Context, uuid.UUID) ([]uuid.UUID, error) { return nil, nil }

func (noGroups) GroupNames(context.Context, []uuid.UUID) (map[uuid.UUID]string, error) {
	return map[uuid.UUID]string{}, nil
}

func (noGroups) MemberIDs(context.Context, []uuid.UUID) ([]uuid.UUID, error) { return nil, nil }

// transact runs fn in one transaction.
func (s *Service) transact(ctx context.Context, fn func(q *boardsdb.Queries) error) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return fn(s.db.WithTx(tx)) })
}

// time is now as the database keeps it.
func (s *Service) time() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// found turns the absence of a row into boardNotFound: who may not see a board learns nothing about it.
func found(err error) error {
	if noRow(err) {
		return fault.BoardNotFound
	}
	return err
}

func noRow(err error) bool { return errors.Is(err, pgx.ErrNoRows) }

// limitReached is the fault of what there may be max of.
func limitReached(max int) error { return fault.LimitReached.With(map[string]any{"max": max}) }

// newID answers a UUIDv7; the random source of the system does not fail.
func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

package meetings

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"parley/api/meetings/meetingsdb"
	"parley/internal/authz"
	"parley/internal/fault"
	"parley/internal/names"
	"parley/internal/secret"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const (
	maxStreamTokens    = 20 // of one meeting that are good
	maxStreamTokenName = 64 // characters
	streamTokenPrefix  = "pst_"
	keepExpired        = 30 * 24 * time.Hour // a token that has expired is listed so long
)

// StreamRight is what a stream token opens.
type StreamRight string

// The rights.
const (
	StreamPublish StreamRight = "publish"
	StreamWatch   StreamRight = "watch"
)

// StreamToken lets programs send a stream into one meeting, or show it elsewhere.
type StreamToken struct {
	ID         uuid.UUID   `json:"id" format:"uuid"`
	Name       string      `json:"name" doc:"What programs with the token are shown as"`
	Right      StreamRight `json:"right" enum:"publish,watch" doc:"publish: send a stream into the meeting (WHIP). watch: show the meeting (WHEP)"`
	URL        string      `json:"url" doc:"Where programs send their offer"`
	CreatedAt  time.Time   `json:"createdAt"`
	ExpiresAt  *time.Time  `json:"expiresAt,omitempty" doc:"Absent: it does not expire"`
	LastUsedAt *time.Time  `json:"lastUsedAt,omitempty" doc:"To the minute; absent: never"`
}

// StreamTokenDraft is a stream token to be made.
type StreamTokenDraft struct {
	Name      string      `json:"name" minLength:"1" maxLength:"256" doc:"1 to 64 characters that can be seen"`
	Right     StreamRight `json:"right" enum:"publish,watch"`
	ExpiresAt *time.Time  `json:"expiresAt,omitempty"`
}

// StreamGrant is what a stream token says.
type StreamGrant struct {
	TokenID   uuid.UUID
	MeetingID uuid.UUID
	Code      string // of the meeting
	Right     StreamRight
	Name      string
	ExpiresAt *time.Time // nil: never
}

// isProgram tells programs in a meeting from people, whom counts are about.
func isProgram(personKey string) bool { return strings.HasPrefix(personKey, "stream:") }

// hosted finds a meeting for somebody who hosts it: the organizer, a co-host, or who is host or co-host in it now. Others who
// know of the meeting are refused; who does not learns nothing.
func (s *Service) hosted(ctx context.Context, p authz.Principal, id uuid.UUID) (meetingsdb.Meeting, error) {
	m, err := s.db.MeetingByID(ctx, id)
	if err != nil {
		return m, found(err)
	}
	is, err := s.standing(ctx, m, p.UserID)
	if err != nil || is.hosts() {
		return m, err
	}
	present, _, err := s.present(ctx, m)
	if err != nil {
		return m, err
	}
	at := slices.IndexFunc(present, func(one Present) bool { return one.PersonKey == p.Key() && one.Host })
	switch {
	case at >= 0:
		return m, nil
	case is.member():
		return m, fault.Forbidden
	}
	return m, fault.MeetingNotFound
}

// StreamTokens lists the tokens of a meeting to its hosts.
func (s *Service) StreamTokens(ctx context.Context, p authz.Principal, meeting uuid.UUID) ([]StreamToken, error) {
	m, err := s.hosted(ctx, p, meeting)
	if err != nil {
		return nil, err
	}
	rows, err := s.db.StreamTokens(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	list := make([]StreamToken, 0, len(rows))
	for _, r := range rows {
		list = append(list, s.streamToken(m, r))
	}
	return list, nil
}

func (s *Service) streamToken(m meetingsdb.Meeting, r meetingsdb.StreamToken) StreamToken {
	path := "/whip/"
	if StreamRight(r.StreamRight) == StreamWatch {
		path = "/whep/"
	}
	return StreamToken{
		ID: r.ID, Name: r.Name, Right: StreamRight(r.StreamRight), URL: s.publicURL + path + m.Code,
		CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt, LastUsedAt: r.LastUsedAt,
	}
}

// MakeStreamToken makes a token of a meeting, and its secret, which is not kept.
func (s *Service) MakeStreamToken(ctx context.Context, p authz.Principal, meeting uuid.UUID, d StreamTokenDraft) (t StreamToken, text string, err error) {
	m, err := s.hosted(ctx, p, meeting)
	if err != nil {
		return t, "", err
	}
	name, err := names.Clean(d.Name)
	switch {
	case err != nil || utf8.RuneCountInString(name) > maxStreamTokenName:
		return t, "", fault.NameInvalid
	case d.Right != StreamPublish && d.Right != StreamWatch:
		return t, "", fault.Invalid("body.right", "must be publish or watch")
	case d.ExpiresAt != nil && !d.ExpiresAt.After(s.now()):
		return t, "", fault.Invalid("body.expiresAt", "is in the past")
	case m.CancelledAt != nil:
		return t, "", fault.MeetingEnded
	}
	row := meetingsdb.StreamToken{ID: newID(), MeetingID: m.ID, StreamRight: string(d.Right), Name: name, CreatedAt: s.now(), ExpiresAt: d.ExpiresAt}
	text, hash := secret.New(streamTokenPrefix)
	err = s.transact(ctx, func(_ pgx.Tx, q *meetingsdb.Queries) error {
		good, err := q.LockStreamTokens(ctx, meetingsdb.LockStreamTokensParams{MeetingID: m.ID, Now: row.CreatedAt})
		if err != nil {
			return err
		}
		if good >= maxStreamTokens {
			return fault.LimitReached.With(map[string]any{"max": maxStreamTokens})
		}
		if err := q.DeleteExpiredStreamTokens(ctx, meetingsdb.DeleteExpiredStreamTokensParams{MeetingID: m.ID, ExpiredBefore: row.CreatedAt.Add(-keepExpired)}); err != nil {
			return err
		}
		return q.InsertStreamToken(ctx, meetingsdb.InsertStreamTokenParams{
			ID: row.ID, MeetingID: m.ID, StreamRight: row.StreamRight, Name: name, TokenHash: hash, CreatedBy: p.UserID, Now: row.CreatedAt,
			ExpiresAt: row.ExpiresAt,
		})
	})
	return s.streamToken(m, row), text, err
}

// RevokeStreamToken makes a token void and ends what programs do with it.
func (s *Service) RevokeStreamToken(ctx context.Context, p authz.Principal, meeting, id uuid.UUID) error {
	m, err := s.hosted(ctx, p, meeting)
	if err != nil {
		return err
	}
	n, err := s.db.DeleteStreamToken(ctx, meetingsdb.DeleteStreamTokenParams{ID: id, MeetingID: m.ID})
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.NotFound
	}
	s.streamRevoked(id)
	return nil
}

// StreamGrant returns what a token grants, fault.Unauthenticated when it is none or not good any more.
func (s *Service) StreamGrant(ctx context.Context, token string) (StreamGrant, error) {
	if !secret.Plausible(token, streamTokenPrefix) {
		return StreamGrant{}, fault.Unauthenticated
	}
	row, err := s.db.StreamTokenByHash(ctx, meetingsdb.StreamTokenByHashParams{TokenHash: secret.Hash(token), Now: s.now()})
	if errors.Is(err, pgx.ErrNoRows) {
		return StreamGrant{}, fault.Unauthenticated
	}
	if err != nil {
		return StreamGrant{}, err
	}
	t := row.StreamToken
	now := s.now()
	if err := s.db.UseStreamToken(ctx, meetingsdb.UseStreamTokenParams{ID: t.ID, Now: now, UsedBefore: now.Add(-time.Minute)}); err != nil {
		return StreamGrant{}, err
	}
	return StreamGrant{
		TokenID: t.ID, MeetingID: t.MeetingID, Code: row.Code, Right: StreamRight(t.StreamRight), Name: t.Name, ExpiresAt: t.ExpiresAt,
	}, nil
}

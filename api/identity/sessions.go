package identity

import (
	"context"
	"net/http"
	"time"

	"parley/api"
	"parley/api/identity/identitydb"
	"parley/internal/authz"
	"parley/internal/fault"
	"parley/internal/secret"

	"github.com/google/uuid"
)

const (
	sessionLifetime = 30 * 24 * time.Hour // since it was last used
	lastSeenEvery   = time.Minute
	maxSessions     = 50 // of one person; the longest unused go first

	// The server decides when a cookie stops working; browsers keep one for at
	// most 400 days.
	cookieLifetime = 400 * 24 * time.Hour
)

// Session is one signed-in browser.
type Session struct {
	ID         uuid.UUID `json:"id" format:"uuid"`
	Device     string    `json:"device" doc:"Browser and system in words." example:"Firefox on Linux"`
	Address    string    `json:"address" doc:"IP address that it was last used from."`
	CreatedAt  time.Time `json:"createdAt"`
	LastSeenAt time.Time `json:"lastSeenAt" doc:"To the minute."`
	Current    bool      `json:"current" doc:"It is the one that asks."`
}

// OpenSession signs a person in without a password and answers the cookie.
// Callers have made sure that it is this person.
func (s *Service) OpenSession(ctx context.Context, userID uuid.UUID, from api.Client) (http.Cookie, error) {
	return s.openSession(ctx, s.db, userID, from)
}

func (s *Service) openSession(ctx context.Context, db *identitydb.Queries, userID uuid.UUID, from api.Client) (http.Cookie, error) {
	token, hash := secret.New("")
	err := db.CreateSession(ctx, identitydb.CreateSessionParams{
		ID: newID(), UserID: userID, TokenHash: hash,
		Address: addressOf(from), UserAgent: from.UserAgent, ExpiresAt: time.Now().Add(sessionLifetime),
	})
	if err != nil {
		return http.Cookie{}, err
	}
	if err := db.DeleteOldestSessions(ctx, identitydb.DeleteOldestSessionsParams{UserID: userID, Keep: maxSessions}); err != nil {
		return http.Cookie{}, err
	}
	return s.cookie(api.SessionCookie, token), nil
}

// cookie is a credential that scripts cannot read and other sites cannot send
// along with a change.
func (s *Service) cookie(name, value string) http.Cookie {
	c := http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode}
	if c.MaxAge = int(cookieLifetime.Seconds()); value == "" {
		c.MaxAge = -1
	}
	return c
}

// Sessions lists where a person is signed in, the last used first.
func (s *Service) Sessions(ctx context.Context, p authz.Principal) ([]Session, error) {
	rows, err := s.db.SessionsOfUser(ctx, p.UserID)
	if err != nil {
		return nil, err
	}
	list := make([]Session, 0, len(rows))
	for _, r := range rows {
		list = append(list, Session{
			ID: r.ID, Device: deviceOf(r.UserAgent), Address: r.Address,
			CreatedAt: r.CreatedAt, LastSeenAt: r.LastSeenAt, Current: r.ID == p.SessionID,
		})
	}
	return list, nil
}

// EndSession signs one browser of a person out.
func (s *Service) EndSession(ctx context.Context, p authz.Principal, id uuid.UUID) error {
	n, err := s.db.DeleteSession(ctx, identitydb.DeleteSessionParams{ID: id, UserID: p.UserID})
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.NotFound
	}
	s.revoked(p.UserID, id)
	return nil
}

// revoked forgets a session, or all credentials of a person when sessionID is
// uuid.Nil, and tells who holds connections open.
func (s *Service) revoked(userID, sessionID uuid.UUID) {
	if sessionID == uuid.Nil {
		s.known.dropUser(userID)
	} else {
		s.known.drop(func(p authz.Principal) bool { return p.SessionID == sessionID })
	}
	s.onRevoked(userID, sessionID)
}

// addressOf is empty for a client without an address.
func addressOf(c api.Client) string {
	if !c.Address.IsValid() {
		return ""
	}
	return c.Address.String()
}

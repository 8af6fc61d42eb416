package identity

import (
	"context"
	"net/http"
	"time"

	"parley/api"
	"parley/api/identity/identitydb"
	"parley/internal/authz"
	"parley/internal/names"
	"parley/internal/secret"

	"github.com/google/uuid"
)

const guestLifetime = 24 * time.Hour

// CreateGuest lets somebody without an account into one meeting under a name,
// which is answered as it will be shown. The caller has made sure that the
// meeting admits guests. How many one address may make is limited.
func (s *Service) CreateGuest(ctx context.Context, meetingID uuid.UUID, name, locale string) (guestID uuid.UUID, shown string, cookie http.Cookie, err error) {
	if shown, err = names.Clean(name); err != nil {
		return uuid.Nil, "", http.Cookie{}, err
	}
	if ok, wait := s.attempts.guests.Take(network(api.ClientFrom(ctx).Address)); !ok {
		return uuid.Nil, "", http.Cookie{}, tooOften(wait)
	}
	guestID = newID()
	token, hash := secret.New("")
	err = s.db.CreateGuest(ctx, identitydb.CreateGuestParams{
		ID: guestID, MeetingID: meetingID, Name: shown, Locale: cleanLocale(locale), TokenHash: hash, ExpiresAt: time.Now().Add(guestLifetime),
	})
	return guestID, shown, s.cookie(api.GuestCookie, token), err
}

// DismissGuests ends what guests of a meeting may still do, for example read
// its chat.
func (s *Service) DismissGuests(ctx context.Context, meetingID uuid.UUID) error {
	if err := s.db.DeleteGuestsOfMeeting(ctx, meetingID); err != nil {
		return err
	}
	s.known.drop(func(p authz.Principal) bool { return p.Kind == authz.Guest && p.MeetingID == meetingID })
	return nil
}

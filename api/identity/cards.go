package identity

import (
	"context"

	"parley/api"

	"github.com/google/uuid"
)

// Card is what other domains show of a person, disabled ones included: a name
// under a message stays.
type Card struct {
	ID         uuid.UUID
	Name       string
	Email      string // empty when there is none
	AvatarURL  string // empty when there is none
	Department string // name of the primary one, empty when there is none
}

// People answers the cards of those of ids who exist, in one query.
func (s *Service) People(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]Card, error) {
	rows, err := s.db.Cards(ctx, ids)
	if err != nil {
		return nil, err
	}
	cards := make(map[uuid.UUID]Card, len(rows))
	for _, r := range rows {
		c := Card{ID: r.ID, Name: r.Name, AvatarURL: api.AvatarURL(r.ID, r.AvatarVersion)}
		if r.Email != nil {
			c.Email = *r.Email
		}
		if r.Department != nil {
			c.Department = *r.Department
		}
		cards[r.ID] = c
	}
	return cards, nil
}

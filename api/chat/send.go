package chat

import (
	"context"
	"errors"
	"slices"
	"time"
	"unicode/utf8"

	"parley/api/chat/chatdb"
	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const maxMentions = 50

// Draft is a message to be sent.
type Draft struct {
	ClientID uuid.UUID   `json:"clientId" doc:"Chosen by the client; sending again with the same one changes nothing and answers the same message"`
	Text     string      `json:"text" doc:"1 to 8000 characters"`
	ReplyTo  *uuid.UUID  `json:"replyTo,omitempty" doc:"A message of the same conversation"`
	Mentions []uuid.UUID `json:"mentions,omitempty" maxItems:"50" doc:"People of the conversation; others are left out"`
}

// Send writes a message.
func (s *Service) Send(ctx context.Context, p authz.Principal, conversation uuid.UUID, d Draft) (*Message, error) {
	if d.Text = cleanText(d.Text); d.Text == "" {
		return nil, fault.Invalid("body.text", "there is nothing to read in it")
	}
	if utf8.RuneCountInString(d.Text) > maxText {
		return nil, fault.MessageTooLarge.With(map[string]any{"maxCharacters": maxText})
	}
	if d.ClientID == uuid.Nil {
		return nil, fault.Invalid("body.clientId", "must not be the nil UUID")
	}
	if len(d.Mentions) > maxMentions {
		return nil, fault.Invalid("body.mentions", "too many")
	}
	at, err := s.writer(ctx, p, conversation)
	if err != nil {
		return nil, err
	}
	members, err := at.subject.MemberIDs(ctx, at.SubjectID)
	if err != nil {
		return nil, err
	}
	id, fresh, err := s.insert(ctx, p, at, d, members)
	if err != nil {
		return nil, err
	}
	if !fresh {
		return s.one(ctx, p, at, id)
	}
	return s.changed(ctx, p, at, members, id)
}

// writer is enter for somebody who writes, within the rate that one may.
func (s *Service) writer(ctx context.Context, p authz.Principal, conversation uuid.UUID) (place, error) {
	at, err := s.enter(ctx, p, conversation)
	if err != nil {
		return at, err
	}
	return at, s.checkWrite(at, p)
}

func (s *Service) checkWrite(at place, p authz.Principal) error {
	if err := at.mayWrite(); err != nil {
		return err
	}
	if ok, wait := s.writes.Take(p.Key()); !ok {
		return fault.RateLimited.With(map[string]any{"retryAfterSeconds": int(wait/time.Second) + 1})
	}
	return nil
}

// insert writes the row; fresh is false when it was there already.
func (s *Service) insert(ctx context.Context, p authz.Principal, at place, d Draft, members []uuid.UUID) (id uuid.UUID, fresh bool, err error) {
	err = s.locked(ctx, at.ID, func(q *chatdb.Queries, c *chatdb.Conversation) error {
		id, err = q.MessageByClientID(ctx, chatdb.MessageByClientIDParams{ConversationID: c.ID, AuthorKey: p.Key(), ClientID: d.ClientID})
		if !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		if d.ReplyTo != nil {
			if _, err := visibleMessage(ctx, q, at, *d.ReplyTo); err != nil {
				return err
			}
		}
		id, fresh = newID(), true
		c.LastSeq++
		c.ChangeSeq++
		return q.InsertMessage(ctx, chatdb.InsertMessageParams{
			ID: id, ConversationID: c.ID, Seq: c.LastSeq, ChangeSeq: c.ChangeSeq, ClientID: d.ClientID, AuthorKey: p.Key(),
			AuthorID: personID(p), AuthorName: p.Name, Guest: p.Kind == authz.Guest, Text: d.Text, ReplyTo: d.ReplyTo,
			Mentions: mentioned(d.Mentions, members), Now: s.now(),
		})
	})
	return id, fresh, err
}

// locked runs fn while nobody else changes the conversation, and saves the sequence numbers that fn gave out.
func (s *Service) locked(ctx context.Context, conversation uuid.UUID, fn func(q *chatdb.Queries, c *chatdb.Conversation) error) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		q := s.db.WithTx(tx)
		c, err := q.LockConversation(ctx, conversation)
		if err != nil {
			return err
		}
		was := c.ChangeSeq
		if err := fn(q, &c); err != nil || c.ChangeSeq == was {
			return err
		}
		return q.SetSequences(ctx, chatdb.SetSequencesParams{ID: c.ID, LastSeq: c.LastSeq, ChangeSeq: c.ChangeSeq})
	})
}

// visibleMessage finds a message that one may see at a place.
func visibleMessage(ctx context.Context, q *chatdb.Queries, at place, id uuid.UUID) (chatdb.Message, error) {
	m, err := q.Message(ctx, chatdb.MessageParams{ID: id, ConversationID: at.ID})
	if errors.Is(err, pgx.ErrNoRows) || err == nil && m.CreatedAt.Before(at.Since) {
		return chatdb.Message{}, fault.MessageNotFound
	}
	return m, err
}

// mentioned keeps the members among those mentioned, each once.
func mentioned(ids, members []uuid.UUID) []uuid.UUID {
	list := []uuid.UUID{}
	for _, id := range ids {
		if slices.Contains(members, id) && !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	return list
}

// one reads a message for the principal.
func (s *Service) one(ctx context.Context, p authz.Principal, at place, id uuid.UUID) (*Message, error) {
	rows, err := s.db.MessagesByID(ctx, []uuid.UUID{id})
	if err != nil {
		return nil, err
	}
	list, err := s.show(ctx, p, at.Since, rows)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.MessageNotFound
	}
	return &list[0], nil
}

// changed tells everybody whom the conversation concerns what was committed, and answers the first message to the
// principal. What cannot be told now is found by whoever asks for changes.
func (s *Service) changed(ctx context.Context, p authz.Principal, at place, members []uuid.UUID, ids ...uuid.UUID) (*Message, error) {
	rows, err := s.db.MessagesByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	around, err := s.surroundings(ctx, rows)
	if err != nil {
		return nil, err
	}
	to := make([]string, 0, len(members))
	for _, id := range members {
		to = append(to, "user:"+id.String())
	}
	slices.SortFunc(rows, func(a, b chatdb.Message) int { return int(a.ChangeSeq - b.ChangeSeq) })
	for _, m := range rows {
		reacted, _ := around.reacted(m.ID)
		written := m.CreatedAt
		if m.ReplyTo != nil && around.replied[*m.ReplyTo].CreatedAt.Before(written) {
			written = around.replied[*m.ReplyTo].CreatedAt
		}
		event := MessageEvent{"message", at.ID, EventMessage{around.body(m, time.Time{}), reacted}}
		s.events.PublishChange(ctx, at.ID, m.ChangeSeq, written, to, event)
	}
	return s.one(ctx, p, at, ids[0])
}

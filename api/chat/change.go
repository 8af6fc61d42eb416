package chat

import (
	"context"
	"slices"
	"time"

	"parley/api/chat/chatdb"
	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/google/uuid"
)

const (
	maxEmoji       = 20 // different ones under a message
	recallTime     = 24 * time.Hour
	maxReplyEvents = 50 // told one by one; clients that see the gap ask for the rest
)

// React puts an emoji under a message, or takes it away. Doing it twice changes nothing.
func (s *Service) React(ctx context.Context, p authz.Principal, message uuid.UUID, emoji string, on bool) (*Message, error) {
	if !isEmoji(emoji) {
		return nil, fault.Invalid("path.emoji", "not an emoji")
	}
	at, err := s.enterByMessage(ctx, p, message)
	if err != nil {
		return nil, err
	}
	if err := s.checkWrite(at, p); err != nil {
		return nil, err
	}
	changed := false
	err = s.locked(ctx, at.ID, func(q *chatdb.Queries, c *chatdb.Conversation) error {
		m, err := visibleMessage(ctx, q, at, message)
		if err != nil {
			return err
		}
		if m.RecalledAt != nil {
			return fault.MessageNotFound
		}
		if changed, err = s.setReaction(ctx, q, p, message, emoji, on); err != nil || !changed {
			return err
		}
		c.ChangeSeq++
		return q.TouchMessage(ctx, chatdb.TouchMessageParams{ID: message, ChangeSeq: c.ChangeSeq})
	})
	if err != nil {
		return nil, err
	}
	if !changed {
		return s.one(ctx, p, at, message)
	}
	return s.tell(ctx, p, at, message)
}

func (s *Service) setReaction(ctx context.Context, q *chatdb.Queries, p authz.Principal, message uuid.UUID, emoji string, on bool) (changed bool, err error) {
	var rows int64
	if !on {
		rows, err = q.RemoveReaction(ctx, chatdb.RemoveReactionParams{MessageID: message, Emoji: emoji, PersonKey: p.Key()})
		return rows > 0, err
	}
	inUse, err := q.EmojiInUse(ctx, message)
	if err != nil {
		return false, err
	}
	if len(inUse) >= maxEmoji && !slices.Contains(inUse, emoji) {
		return false, fault.TooManyReactions.With(map[string]any{"max": maxEmoji})
	}
	rows, err = q.AddReaction(ctx, chatdb.AddReactionParams{
		MessageID: message, Emoji: emoji, PersonKey: p.Key(), PersonID: personID(p), PersonName: p.Name, Guest: p.Kind == authz.Guest, Now: s.now(),
	})
	return rows > 0, err
}

// Recall erases a message for good: one's own within a day, any by who moderates. A tombstone stays in its place, and
// what answered it shows nothing of it any more.
func (s *Service) Recall(ctx context.Context, p authz.Principal, message uuid.UUID) (*Message, error) {
	at, err := s.enterByMessage(ctx, p, message)
	if err != nil {
		return nil, err
	}
	touched := []uuid.UUID{}
	err = s.locked(ctx, at.ID, func(q *chatdb.Queries, c *chatdb.Conversation) error {
		m, err := visibleMessage(ctx, q, at, message)
		if err != nil {
			return err
		}
		if err := s.mayRecall(p, at, m); err != nil || m.RecalledAt != nil {
			return err
		}
		touched, err = s.erase(ctx, q, c, message)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(touched) == 0 {
		return s.one(ctx, p, at, message)
	}
	return s.tell(ctx, p, at, touched[:min(len(touched), maxReplyEvents)]...)
}

func (s *Service) mayRecall(p authz.Principal, at place, m chatdb.Message) error {
	switch {
	case at.Moderate:
		return nil
	case m.AuthorKey != p.Key():
		return fault.Forbidden
	case s.now().Sub(m.CreatedAt) > recallTime:
		return fault.RecallTooLate
	default:
		return nil
	}
}

// erase answers the messages that look different now: the erased one first, then what answered it.
func (s *Service) erase(ctx context.Context, q *chatdb.Queries, c *chatdb.Conversation, message uuid.UUID) ([]uuid.UUID, error) {
	now := s.now()
	c.ChangeSeq++
	if err := q.EraseMessage(ctx, chatdb.EraseMessageParams{ID: message, Now: now, ChangeSeq: c.ChangeSeq}); err != nil {
		return nil, err
	}
	if err := q.DeleteReactions(ctx, message); err != nil {
		return nil, err
	}
	replies, err := q.ReplyIDs(ctx, &message)
	if err != nil {
		return nil, err
	}
	for _, id := range replies {
		c.ChangeSeq++
		if err := q.TouchMessage(ctx, chatdb.TouchMessageParams{ID: id, ChangeSeq: c.ChangeSeq}); err != nil {
			return nil, err
		}
	}
	return append([]uuid.UUID{message}, replies...), nil
}

// tell is changed for a place whose members are not known yet.
func (s *Service) tell(ctx context.Context, p authz.Principal, at place, ids ...uuid.UUID) (*Message, error) {
	members, err := at.subject.MemberIDs(ctx, at.SubjectID)
	if err != nil {
		return nil, err
	}
	return s.changed(ctx, p, at, members, ids...)
}

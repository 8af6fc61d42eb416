package chat

import (
	"context"
	"math"
	"slices"

	"parley/api/chat/chatdb"
	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/google/uuid"
)

// Member is somebody who takes part in a conversation and may be mentioned.
type Member struct {
	ID        uuid.UUID `json:"id"`
	Name      string    `json:"name"`
	AvatarURL string    `json:"avatarUrl,omitempty"`
}

// Conversation is a conversation as its reader sees it.
type Conversation struct {
	ID          uuid.UUID  `json:"id"`
	Kind        string     `json:"kind" enum:"meeting"`
	MeetingID   *uuid.UUID `json:"meetingId,omitempty"`
	Title       string     `json:"title"`
	SelfID      uuid.UUID  `json:"selfId" doc:"The reader's id as authors and userIds carry it"`
	LastSeq     int64      `json:"lastSeq" doc:"Of the newest message"`
	ChangeSeq   int64      `json:"changeSeq" doc:"Of the newest change; ask for changes after it"`
	ReadSeq     int64      `json:"readSeq" doc:"Up to where the reader has read"`
	Unread      int64      `json:"unread" doc:"Messages of others after readSeq"`
	Mentioned   int64      `json:"mentioned" doc:"Those of them that mention the reader"`
	CanWrite    bool       `json:"canWrite"`
	CanModerate bool       `json:"canModerate" doc:"The reader may recall what others wrote"`
	Members     []Member   `json:"members" doc:"Empty for guests"`
}

// Conversation answers a conversation and how far its reader is in it.
func (s *Service) Conversation(ctx context.Context, p authz.Principal, id uuid.UUID) (*Conversation, error) {
	at, err := s.enter(ctx, p, id)
	if err != nil {
		return nil, err
	}
	c := &Conversation{
		ID: at.ID, Kind: at.Kind, MeetingID: &at.SubjectID, Title: at.Title, SelfID: personID(p), LastSeq: at.LastSeq, ChangeSeq: at.ChangeSeq,
		CanWrite: at.Write && authz.Can(p, authz.WriteChat), CanModerate: at.Moderate, Members: []Member{},
	}
	if c.ReadSeq, err = s.db.ReadSeq(ctx, chatdb.ReadSeqParams{ConversationID: id, PersonKey: p.Key()}); err != nil {
		return nil, err
	}
	unread, err := s.db.Unread(ctx, chatdb.UnreadParams{
		ConversationID: id, PersonKey: p.Key(), PersonID: personID(p), ReadSeq: c.ReadSeq, Since: at.Since,
	})
	if err != nil {
		return nil, err
	}
	c.Unread, c.Mentioned = unread.Unread, unread.Mentioned
	if p.SignedIn() {
		c.Members, err = s.members(ctx, at)
	}
	return c, err
}

func (s *Service) members(ctx context.Context, at place) ([]Member, error) {
	ids, err := at.subject.MemberIDs(ctx, at.SubjectID)
	if err != nil {
		return nil, err
	}
	people, err := s.people.People(ctx, ids)
	if err != nil {
		return nil, err
	}
	list := make([]Member, 0, len(ids))
	for _, id := range ids {
		list = append(list, Member{id, people[id].Name, people[id].AvatarURL})
	}
	return list, nil
}

// Range selects messages by their place. At most one of the ends is given.
type Range struct {
	Before, After *int64
	Limit         int
}

// MessagePage is a stretch of a conversation in its order.
type MessagePage struct {
	Items   []Message `json:"items"`
	HasMore bool      `json:"hasMore" doc:"There are more in the direction that was asked for; without one: older ones"`
}

// Messages answers the messages before or after a place, the newest ones when none is given.
func (s *Service) Messages(ctx context.Context, p authz.Principal, id uuid.UUID, r Range) (*MessagePage, error) {
	if r.Before != nil && r.After != nil {
		return nil, fault.Invalid("query.after", "before and after exclude each other")
	}
	at, err := s.enter(ctx, p, id)
	if err != nil {
		return nil, err
	}
	var rows []chatdb.Message
	limit := int32(r.Limit) + 1
	if r.After != nil {
		rows, err = s.db.MessagesAfter(ctx, chatdb.MessagesAfterParams{ConversationID: id, AfterSeq: *r.After, Since: at.Since, RowLimit: limit})
	} else {
		before := int64(math.MaxInt64)
		if r.Before != nil {
			before = *r.Before
		}
		rows, err = s.db.MessagesBefore(ctx, chatdb.MessagesBeforeParams{ConversationID: id, BeforeSeq: before, Since: at.Since, RowLimit: limit})
	}
	if err != nil {
		return nil, err
	}
	more := len(rows) > r.Limit
	rows = rows[:min(len(rows), r.Limit)]
	if r.After == nil {
		slices.Reverse(rows)
	}
	items, err := s.show(ctx, p, at.Since, rows)
	return &MessagePage{items, more}, err
}

// ChangePage is what is new or changed in a conversation, in the order of the last change.
type ChangePage struct {
	Items     []Message `json:"items"`
	ChangeSeq int64     `json:"changeSeq" doc:"Ask for changes after it next time"`
	HasMore   bool      `json:"hasMore"`
}

// Changes answers each message that is new or changed since a change, once, as it is now.
func (s *Service) Changes(ctx context.Context, p authz.Principal, id uuid.UUID, after int64, limit int) (*ChangePage, error) {
	// The conversation is read before its messages: every change up to its number is committed and so in what follows.
	at, err := s.enter(ctx, p, id)
	if err != nil {
		return nil, err
	}
	rows, err := s.db.MessagesChanged(ctx, chatdb.MessagesChangedParams{ConversationID: id, AfterChangeSeq: after, Since: at.Since, RowLimit: int32(limit) + 1})
	if err != nil {
		return nil, err
	}
	page := &ChangePage{HasMore: len(rows) > limit, ChangeSeq: after}
	rows = rows[:min(len(rows), limit)]
	if len(rows) > 0 {
		page.ChangeSeq = rows[len(rows)-1].ChangeSeq
	}
	if !page.HasMore {
		page.ChangeSeq = max(page.ChangeSeq, at.ChangeSeq)
	}
	page.Items, err = s.show(ctx, p, at.Since, rows)
	return page, err
}

// MarkRead notes that the principal has read up to a place; it never goes back.
func (s *Service) MarkRead(ctx context.Context, p authz.Principal, id uuid.UUID, seq int64) (int64, error) {
	at, err := s.enter(ctx, p, id)
	if err != nil {
		return 0, err
	}
	read, err := s.db.MarkRead(ctx, chatdb.MarkReadParams{ConversationID: at.ID, PersonKey: p.Key(), ReadSeq: seq, Now: s.now()})
	if err != nil {
		return 0, err
	}
	s.events.Publish(ctx, []string{p.Key()}, ReadEvent{"read", at.ID, read})
	return read, nil
}

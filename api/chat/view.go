package chat

import (
	"context"
	"time"

	"parley/api/chat/chatdb"
	"parley/internal/authz"

	"github.com/google/uuid"
)

// Author is who wrote a message.
type Author struct {
	ID        uuid.UUID  `json:"id" doc:"Of the person, or of the guest"`
	UserID    *uuid.UUID `json:"userId,omitempty" doc:"Absent for guests"`
	Name      string     `json:"name"`
	AvatarURL string     `json:"avatarUrl,omitempty"`
	Guest     bool       `json:"guest"`
}

// Reply is the message that another one answers, as far as it is shown with it.
type Reply struct {
	ID         uuid.UUID `json:"id"`
	AuthorName string    `json:"authorName"`
	Excerpt    string    `json:"excerpt" doc:"Empty when it was recalled"`
	Recalled   bool      `json:"recalled"`
}

// Reacted is an emoji under a message with those who put it there.
type Reacted struct {
	Emoji   string      `json:"emoji"`
	Count   int         `json:"count"`
	Names   []string    `json:"names"`
	UserIDs []uuid.UUID `json:"userIds" doc:"Of the people; of guests their guest ids"`
}

// Reaction is Reacted as its reader sees it.
type Reaction struct {
	Reacted
	Mine bool `json:"mine"`
}

// MessageBody is a message without its reactions.
type MessageBody struct {
	ID             uuid.UUID   `json:"id"`
	ConversationID uuid.UUID   `json:"conversationId"`
	Seq            int64       `json:"seq" doc:"Place in the conversation; never changes"`
	ChangeSeq      int64       `json:"changeSeq" doc:"Number of the last change of the conversation that touched this message"`
	ClientID       uuid.UUID   `json:"clientId"`
	Author         Author      `json:"author"`
	Text           string      `json:"text" doc:"Empty when it was recalled"`
	ReplyTo        *Reply      `json:"replyTo,omitempty"`
	Mentions       []uuid.UUID `json:"mentions"`
	Recalled       bool        `json:"recalled"`
	CreatedAt      time.Time   `json:"createdAt"`
}

// Message is a message as its reader sees it.
type Message struct {
	MessageBody
	Reactions []Reaction `json:"reactions"`
}

// MessageEvent tells of a message that is new or changed. It is the same for every reader.
type MessageEvent struct {
	Type           string       `json:"type"` // message
	ConversationID uuid.UUID    `json:"conversationId"`
	Message        EventMessage `json:"message"`
}

// EventMessage is a message as events carry it.
type EventMessage struct {
	MessageBody
	Reactions []Reacted `json:"reactions"`
}

// ReadEvent tells the other devices of a person what was read on one.
type ReadEvent struct {
	Type           string    `json:"type"` // read
	ConversationID uuid.UUID `json:"conversationId"`
	Seq            int64     `json:"seq"`
}

// surroundings is what is needed to show messages besides their rows.
type surroundings struct {
	replied   map[uuid.UUID]chatdb.Message
	reactions map[uuid.UUID][]chatdb.ReactionsRow
	people    map[uuid.UUID]Person
}

func (s *Service) surroundings(ctx context.Context, rows []chatdb.Message) (surroundings, error) {
	around := surroundings{replied: map[uuid.UUID]chatdb.Message{}, reactions: map[uuid.UUID][]chatdb.ReactionsRow{}}
	ids, replied, users := make([]uuid.UUID, 0, len(rows)), []uuid.UUID{}, map[uuid.UUID]bool{}
	for _, m := range rows {
		ids = append(ids, m.ID)
		if m.ReplyTo != nil {
			replied = append(replied, *m.ReplyTo)
		}
		users[m.AuthorID] = !m.Guest
	}
	if len(replied) > 0 {
		list, err := s.db.MessagesByID(ctx, replied)
		if err != nil {
			return around, err
		}
		for _, m := range list {
			around.replied[m.ID] = m
			users[m.AuthorID] = !m.Guest
		}
	}
	reactions, err := s.db.Reactions(ctx, ids)
	if err != nil {
		return around, err
	}
	for _, r := range reactions {
		around.reactions[r.MessageID] = append(around.reactions[r.MessageID], r)
		users[r.PersonID] = !r.Guest
	}
	members := make([]uuid.UUID, 0, len(users))
	for id, member := range users {
		if member {
			members = append(members, id)
		}
	}
	around.people, err = s.people.People(ctx, members)
	return around, err
}

// name is the present name of a member of the company; a guest has the one of that time only.
func (a surroundings) name(id uuid.UUID, then string) string {
	if p, ok := a.people[id]; ok && p.Name != "" {
		return p.Name
	}
	return then
}

// body shows m to somebody who sees what was written since a time.
func (a surroundings) body(m chatdb.Message, since time.Time) MessageBody {
	b := MessageBody{
		ID: m.ID, ConversationID: m.ConversationID, Seq: m.Seq, ChangeSeq: m.ChangeSeq, ClientID: m.ClientID, Text: m.Text,
		Mentions: m.Mentions, Recalled: m.RecalledAt != nil, CreatedAt: m.CreatedAt,
		Author: Author{ID: m.AuthorID, Name: a.name(m.AuthorID, m.AuthorName), Guest: m.Guest},
	}
	if !m.Guest {
		b.Author.UserID, b.Author.AvatarURL = &m.AuthorID, a.people[m.AuthorID].AvatarURL
	}
	if m.ReplyTo != nil {
		if r, ok := a.replied[*m.ReplyTo]; ok && !r.CreatedAt.Before(since) {
			b.ReplyTo = &Reply{ID: r.ID, AuthorName: a.name(r.AuthorID, r.AuthorName), Excerpt: excerpt(r.Text), Recalled: r.RecalledAt != nil}
		}
	}
	return b
}

// reacted groups the reactions of a message by emoji, in the order in which each came first. keys are of those who
// reacted, beside userIds.
func (a surroundings) reacted(message uuid.UUID) (list []Reacted, keys [][]string) {
	list = []Reacted{}
	at := map[string]int{}
	for _, r := range a.reactions[message] {
		i, ok := at[r.Emoji]
		if !ok {
			i = len(list)
			at[r.Emoji] = i
			list, keys = append(list, Reacted{Emoji: r.Emoji}), append(keys, nil)
		}
		list[i].Count++
		list[i].Names = append(list[i].Names, a.name(r.PersonID, r.PersonName))
		list[i].UserIDs = append(list[i].UserIDs, r.PersonID)
		keys[i] = append(keys[i], r.PersonKey)
	}
	return list, keys
}

// show writes messages for their reader.
func (s *Service) show(ctx context.Context, p authz.Principal, since time.Time, rows []chatdb.Message) ([]Message, error) {
	around, err := s.surroundings(ctx, rows)
	if err != nil {
		return nil, err
	}
	list := make([]Message, 0, len(rows))
	for _, m := range rows {
		one := Message{MessageBody: around.body(m, since), Reactions: []Reaction{}}
		reacted, keys := around.reacted(m.ID)
		for i, r := range reacted {
			one.Reactions = append(one.Reactions, Reaction{r, contains(keys[i], p.Key())})
		}
		list = append(list, one)
	}
	return list, nil
}

func contains(list []string, s string) bool {
	for _, one := range list {
		if one == s {
			return true
		}
	}
	return false
}

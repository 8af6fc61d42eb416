package chat

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"parley/internal/authz"
	"parley/internal/fault"

	"github.com/google/uuid"
)

func TestSend(t *testing.T) {
	w := newWorld(t)
	ada, bo, stranger := w.member("Ada", full), w.member("Bo", full), w.member("Ed", Standing{})
	first := w.say(t, ada, "  hello\r\nworld ")
	if first.Seq != 1 || first.ChangeSeq != 1 || first.Text != "hello\nworld" || first.Author.Name != "Ada" || first.Author.Guest ||
		*first.Author.UserID != ada.UserID || first.Author.AvatarURL != "/avatar/Ada" || len(first.Reactions) != 0 {
		t.Errorf("%+v", first)
	}
	events := w.events.take()
	if len(events) != 1 || events[0].changeSeq != 1 || len(events[0].to) != 2 || strings.Contains(events[0].json, `"mine"`) {
		t.Fatalf("%+v", events)
	}
	var event MessageEvent
	if err := json.Unmarshal([]byte(events[0].json), &event); err != nil || event.Type != "message" || event.Message.ID != first.ID || event.Message.Text != first.Text {
		t.Errorf("%s %v", events[0].json, err)
	}

	again, err := w.Send(t.Context(), ada, w.conversation, Draft{ClientID: first.ClientID, Text: "something else"})
	if err != nil || again.ID != first.ID || again.Text != first.Text || len(w.events.take()) != 0 {
		t.Errorf("resend: %+v %v", again, err)
	}
	other, err := w.Send(t.Context(), bo, w.conversation, Draft{ClientID: first.ClientID, Text: "mine"})
	if err != nil || other.ID == first.ID {
		t.Errorf("the id of another client: %+v %v", other, err)
	}

	reply, err := w.Send(t.Context(), bo, w.conversation, Draft{
		ClientID: newID(), Text: "yes", ReplyTo: &first.ID, Mentions: []uuid.UUID{ada.UserID, ada.UserID, stranger.UserID, newID()},
	})
	if err != nil || reply.ReplyTo.AuthorName != "Ada" || reply.ReplyTo.Excerpt != "hello world" || len(reply.Mentions) != 1 {
		t.Errorf("reply: %+v %v", reply, err)
	}
	c, err := w.Conversation(t.Context(), ada, w.conversation)
	if err != nil || c.Title != "Weekly" || c.LastSeq != 3 || c.ChangeSeq != 3 || c.Unread != 2 || c.Mentioned != 1 || !c.CanWrite || c.CanModerate || len(c.Members) != 2 {
		t.Errorf("%+v %v", c, err)
	}
}

func TestSendRefuses(t *testing.T) {
	w := newWorld(t)
	ada := w.member("Ada", full)
	closed := w.member("Bo", Standing{Read: true, Refusal: fault.ChatClosed})
	stranger, visitor := w.member("Ed", Standing{}), w.guest("Zoë", Standing{})
	elsewhere := newID()
	cases := []struct {
		name string
		p    authz.Principal
		in   uuid.UUID
		d    Draft
		want fault.Code
	}{
		{"empty", ada, w.conversation, Draft{ClientID: newID(), Text: " \u200b\n"}, fault.Validation},
		{"too long", ada, w.conversation, Draft{ClientID: newID(), Text: strings.Repeat("长", 8001)}, fault.MessageTooLarge},
		{"no client id", ada, w.conversation, Draft{Text: "x"}, fault.Validation},
		{"reply to nothing", ada, w.conversation, Draft{ClientID: newID(), Text: "x", ReplyTo: &elsewhere}, fault.MessageNotFound},
		{"no conversation", ada, elsewhere, Draft{ClientID: newID(), Text: "x"}, fault.ConversationNotFound},
		{"chat closed", closed, w.conversation, Draft{ClientID: newID(), Text: "x"}, fault.ChatClosed},
		{"stranger", stranger, w.conversation, Draft{ClientID: newID(), Text: "x"}, fault.ConversationNotFound},
		{"guest outside", visitor, w.conversation, Draft{ClientID: newID(), Text: "x"}, fault.NotInMeeting},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if m, err := w.Send(t.Context(), c.p, c.in, c.d); !errors.Is(err, c.want) {
				t.Errorf("%+v %v, want %s", m, err, c.want)
			}
		})
	}
	if m, err := w.Send(t.Context(), ada, w.conversation, Draft{ClientID: newID(), Text: strings.Repeat("长", 8000)}); err != nil {
		t.Errorf("8000 characters: %+v %v", m, err)
	}
	for n := 0; ; n++ {
		if _, err := w.Send(t.Context(), ada, w.conversation, Draft{ClientID: newID(), Text: "flood"}); errors.Is(err, fault.RateLimited) {
			break
		}
		if n == 1000 {
			t.Fatal("an author may write as fast as he likes")
		}
	}
}

// TestStrangersFindNothing is the table of who reads, over every operation.
func TestStrangersFindNothing(t *testing.T) {
	w := newWorld(t)
	ada := w.member("Ada", full)
	m := w.say(t, ada, "secret")
	for who, p := range map[string]authz.Principal{"stranger": w.member("Ed", Standing{}), "guest outside": w.guest("Zoë", Standing{}), "nobody": {}} {
		ctx, errs := t.Context(), map[string]error{}
		_, errs["conversation"] = w.Conversation(ctx, p, w.conversation)
		_, errs["messages"] = w.Messages(ctx, p, w.conversation, Range{Limit: 10})
		_, errs["changes"] = w.Changes(ctx, p, w.conversation, 0, 10)
		_, errs["read"] = w.MarkRead(ctx, p, w.conversation, 1)
		_, errs["react"] = w.React(ctx, p, m.ID, "👍", true)
		_, errs["recall"] = w.Recall(ctx, p, m.ID)
		_, errs["follow"] = w.Follow(ctx, p, w.conversation)
		for what, err := range errs {
			if !errors.Is(err, fault.ConversationNotFound) && !errors.Is(err, fault.MessageNotFound) && !errors.Is(err, fault.NotInMeeting) && !errors.Is(err, fault.Unauthenticated) {
				t.Errorf("%s: %s: %v", who, what, err)
			}
		}
	}
}

func TestReactions(t *testing.T) {
	w := newWorld(t)
	ada, zoe := w.member("Ada", full), w.guest("Zoë", full)
	m := w.say(t, ada, "hello")
	w.events.take()
	for _, p := range []authz.Principal{ada, zoe, zoe} {
		w.wait(time.Second)
		if _, err := w.React(t.Context(), p, m.ID, "👍", true); err != nil {
			t.Fatal(err)
		}
	}
	have, err := w.React(t.Context(), ada, m.ID, "🎉", true)
	if err != nil || len(have.Reactions) != 2 || have.Reactions[0].Count != 2 || !have.Reactions[0].Mine || have.Reactions[0].Names[1] != "Zoë" || have.ChangeSeq != 4 {
		t.Errorf("%+v %v", have, err)
	}
	if events := w.events.take(); len(events) != 3 || !strings.Contains(events[2].json, zoe.GuestID.String()) {
		t.Errorf("%+v", events)
	}
	have, err = w.React(t.Context(), ada, m.ID, "👍", false)
	if err != nil || have.Reactions[0].Count != 1 || have.Reactions[0].Mine {
		t.Errorf("%+v %v", have, err)
	}
	if _, err := w.React(t.Context(), ada, m.ID, "no emoji", true); !errors.Is(err, fault.Validation) {
		t.Errorf("%v", err)
	}
	other := w.member("Bo", full)
	for i := range maxEmoji - 1 {
		p := []authz.Principal{other, zoe}[i%2]
		_, err = w.React(t.Context(), p, m.ID, string(rune('😀'+i)), true)
	}
	if !errors.Is(err, fault.TooManyReactions) {
		t.Errorf("bounded: %v", err)
	}
}

func TestRecall(t *testing.T) {
	w := newWorld(t)
	ada, bo := w.member("Ada", full), w.member("Bo", full)
	host := w.member("Ho", Standing{Read: true, Write: true, Moderate: true})
	m := w.say(t, ada, "my password is 1234")
	reply, err := w.Send(t.Context(), bo, w.conversation, Draft{ClientID: newID(), Text: "oh", ReplyTo: &m.ID})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.React(t.Context(), bo, m.ID, "😱", true); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Recall(t.Context(), bo, m.ID); !errors.Is(err, fault.Forbidden) {
		t.Errorf("by another: %v", err)
	}
	w.events.take()
	gone, err := w.Recall(t.Context(), ada, m.ID)
	if err != nil || !gone.Recalled || gone.Text != "" || len(gone.Reactions) != 0 {
		t.Errorf("%+v %v", gone, err)
	}
	events := w.events.take()
	if len(events) != 2 {
		t.Errorf("%d events, want the tombstone and the reply", len(events))
	}
	for _, e := range events {
		if strings.Contains(e.json, "1234") {
			t.Errorf("still told: %s", e.json)
		}
	}
	if again, err := w.Recall(t.Context(), ada, m.ID); err != nil || !again.Recalled || len(w.events.take()) != 0 {
		t.Errorf("twice: %+v %v", again, err)
	}
	page, err := w.Changes(t.Context(), bo, w.conversation, 3, 10)
	if err != nil || len(page.Items) != 2 || page.Items[0].ID != m.ID || page.Items[1].ID != reply.ID || page.Items[1].ReplyTo.Excerpt != "" || !page.Items[1].ReplyTo.Recalled {
		t.Errorf("%+v %v", page, err)
	}
	var left int
	err = w.pool.QueryRow(t.Context(), "select count(*) from messages where text like '%1234%'").Scan(&left)
	if err != nil || left != 0 {
		t.Errorf("%d rows hold the text, %v", left, err)
	}
	if _, err := w.React(t.Context(), bo, m.ID, "👍", true); !errors.Is(err, fault.MessageNotFound) {
		t.Errorf("a tombstone takes reactions: %v", err)
	}

	old := w.say(t, ada, "old")
	w.wait(25 * time.Hour)
	if _, err := w.Recall(t.Context(), ada, old.ID); !errors.Is(err, fault.RecallTooLate) {
		t.Errorf("late: %v", err)
	}
	if _, err := w.Recall(t.Context(), host, old.ID); err != nil {
		t.Errorf("by the host: %v", err)
	}
}

func TestGuestSeesOnlyThisRunOfTheMeeting(t *testing.T) {
	w := newWorld(t)
	ada := w.member("Ada", full)
	before := w.say(t, ada, "internal")
	w.wait(time.Hour)
	zoe := w.guest("Zoë", Standing{Title: "Weekly", Read: true, Write: true, Since: w.time()})
	w.wait(time.Minute)
	w.events.take()
	reply, err := w.Send(t.Context(), ada, w.conversation, Draft{ClientID: newID(), Text: "welcome", ReplyTo: &before.ID})
	if err != nil || reply.ReplyTo == nil {
		t.Fatalf("%+v %v", reply, err)
	}
	if events := w.events.take(); len(events) != 1 || !events[0].written.Equal(before.CreatedAt) {
		t.Errorf("a stream of the guest would get the quotation: %+v", events)
	}
	page, err := w.Messages(t.Context(), zoe, w.conversation, Range{Limit: 10})
	if err != nil || len(page.Items) != 1 || page.Items[0].ReplyTo != nil {
		t.Errorf("%+v %v", page, err)
	}
	changes, err := w.Changes(t.Context(), zoe, w.conversation, 0, 10)
	if err != nil || len(changes.Items) != 1 || changes.ChangeSeq != 2 {
		t.Errorf("%+v %v", changes, err)
	}
	_, err = w.Send(t.Context(), zoe, w.conversation, Draft{ClientID: newID(), Text: "?", ReplyTo: &before.ID})
	if !errors.Is(err, fault.MessageNotFound) {
		t.Errorf("reply: %v", err)
	}
	if _, err = w.React(t.Context(), zoe, before.ID, "👍", true); !errors.Is(err, fault.MessageNotFound) {
		t.Errorf("reaction: %v", err)
	}
	c, err := w.Conversation(t.Context(), zoe, w.conversation)
	if err != nil || c.Unread != 1 || len(c.Members) != 0 {
		t.Errorf("%+v %v", c, err)
	}
}

func TestReadPosition(t *testing.T) {
	w := newWorld(t)
	ada, bo := w.member("Ada", full), w.member("Bo", full)
	for range 5 {
		w.say(t, ada, "x")
	}
	w.events.take()
	for _, c := range []struct{ mark, want int64 }{{3, 3}, {2, 3}, {99, 5}} {
		if have, err := w.MarkRead(t.Context(), bo, w.conversation, c.mark); err != nil || have != c.want {
			t.Errorf("mark %d: %d %v, want %d", c.mark, have, err, c.want)
		}
	}
	if events := w.events.take(); len(events) != 3 || len(events[0].to) != 1 || events[0].to[0] != bo.Key() {
		t.Errorf("%+v", events)
	}
	if c, err := w.Conversation(t.Context(), bo, w.conversation); err != nil || c.ReadSeq != 5 || c.Unread != 0 {
		t.Errorf("%+v %v", c, err)
	}
	if c, err := w.Conversation(t.Context(), ada, w.conversation); err != nil || c.Unread != 0 {
		t.Errorf("one's own messages are unread: %+v %v", c, err)
	}
}

func TestMessagesPages(t *testing.T) {
	w := newWorld(t)
	ada := w.member("Ada", full)
	for range 7 {
		w.say(t, ada, "x")
	}
	seqs := func(r Range) (list []int64, more bool) {
		t.Helper()
		page, err := w.Messages(t.Context(), ada, w.conversation, r)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page.Items {
			list = append(list, m.Seq)
		}
		return list, page.HasMore
	}
	at := func(n int64) *int64 { return &n }
	cases := []struct {
		r    Range
		want []int64
		more bool
	}{
		{Range{Limit: 3}, []int64{5, 6, 7}, true},
		{Range{Before: at(5), Limit: 3}, []int64{2, 3, 4}, true},
		{Range{Before: at(2), Limit: 3}, []int64{1}, false},
		{Range{After: at(0), Limit: 3}, []int64{1, 2, 3}, true},
		{Range{After: at(5), Limit: 3}, []int64{6, 7}, false},
		{Range{After: at(7), Limit: 3}, nil, false},
	}
	for _, c := range cases {
		have, more := seqs(c.r)
		if len(have) != len(c.want) || more != c.more || len(have) > 0 && (have[0] != c.want[0] || have[len(have)-1] != c.want[len(c.want)-1]) {
			t.Errorf("%+v: %v %v, want %v %v", c.r, have, more, c.want, c.more)
		}
	}
}

// TestProtocolExamples holds the examples of the event stream's protocol that are of this domain to its types.
func TestProtocolExamples(t *testing.T) {
	doc, err := os.ReadFile("../events/PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for line := range strings.Lines(string(doc)) {
		for prefix, event := range map[string]any{`{"type":"message"`: &MessageEvent{}, `{"type":"read"`: &ReadEvent{}} {
			if !strings.HasPrefix(line, prefix) {
				continue
			}
			found++
			line = strings.TrimSpace(line)
			strict := json.NewDecoder(strings.NewReader(line))
			strict.DisallowUnknownFields()
			if err := strict.Decode(event); err != nil {
				t.Errorf("%s: %v", line, err)
			}
			if again, err := json.Marshal(event); err != nil || string(again) != line {
				t.Errorf("written %s\ndocumented %s", again, line)
			}
		}
	}
	if found != 2 {
		t.Errorf("%d examples", found)
	}
}

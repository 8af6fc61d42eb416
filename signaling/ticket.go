package signaling

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// MinTicketKeyBytes is the least length of the key that signs resume tokens.
const MinTicketKeyBytes = 32

// readmission is how long after a start those who were in a meeting before may come in without waiting again.
const readmission = 60 * time.Second

// ticket is what a resume token says. Within the process that issued it, the room decides by the token's hash; the
// signature is for the process after it, which remembers nothing.
type ticket struct {
	MeetingID     string `json:"m"`
	ParticipantID string `json:"p"`
	PersonKey     string `json:"k"`
	Admitted      bool   `json:"a,omitempty"` // false: waited in the lobby
	IssuedAt      int64  `json:"t"`           // Unix milliseconds
	Nonce         string `json:"n"`
}

var errTicket = errors.New("resume token is not ours")

// tickets issues and reads resume tokens.
type tickets struct {
	key     []byte
	started time.Time
}

func (t tickets) issue(now time.Time, meetingID, participantID, personKey string, admitted bool) string {
	body, err := json.Marshal(ticket{
		MeetingID: meetingID, ParticipantID: participantID, PersonKey: personKey, Admitted: admitted,
		IssuedAt: now.UnixMilli(), Nonce: rand.Text(),
	})
	if err != nil { // strings and numbers always encode
		panic(err)
	}
	text := base64.RawURLEncoding.EncodeToString(body)
	return text + "." + base64.RawURLEncoding.EncodeToString(t.sign(text))
}

func (t tickets) sign(text string) []byte {
	mac := hmac.New(sha256.New, t.key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func (t tickets) read(token string) (ticket, error) {
	text, signature, ok := strings.Cut(token, ".")
	if !ok {
		return ticket{}, errTicket
	}
	mac, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil || !hmac.Equal(mac, t.sign(text)) {
		return ticket{}, errTicket
	}
	body, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return ticket{}, fmt.Errorf("%w: %w", errTicket, err)
	}
	var read ticket
	if err := json.Unmarshal(body, &read); err != nil {
		return ticket{}, fmt.Errorf("%w: %w", errTicket, err)
	}
	return read, nil
}

// readmits tells whether the holder was in the meeting when the process before this one stopped, a moment ago.
func (t tickets) readmits(now time.Time, held ticket) bool {
	return held.Admitted && held.IssuedAt < t.started.UnixMilli() && now.Sub(t.started) < readmission
}
